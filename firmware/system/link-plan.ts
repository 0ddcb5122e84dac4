import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";

/** An interface as it should be. */
export interface LinkPlan {
  readonly interface: string;
  /** The device that gets the interface's name; absent for a bridge. */
  readonly device?: string;
  /** Devices that a bridge joins; absent for a device. */
  readonly ports?: readonly string[];
  /** The only address it should have; absent where a program gives it one. */
  readonly address?: InterfaceAddress;
  readonly gateway?: IpAddress;
  readonly metric?: number;
}
