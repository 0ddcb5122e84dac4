import type { Duration } from "#lib/duration.ts";
import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";

/** What the appliance itself is: its links, its services. Other systems are left as their own files say. */
export interface ResolvedSystem {
  readonly hostname: string;
  /** In the order of preference. */
  readonly wan: readonly ResolvedWan[];
  readonly lan?: ResolvedLan;
  readonly time: ResolvedTime;
  readonly ssh: { readonly isEnabled: boolean; readonly authorizedKeys: readonly string[] };
}

export interface ResolvedWan {
  readonly interface: string;
  /** Name or Ethernet address of the device that becomes the interface; absent: it makes itself, as a modem's does. */
  readonly device?: string;
  /** `dialer`: a dialer gives it its address. */
  readonly address:
    | { readonly kind: "dhcp" }
    | { readonly kind: "dialer" }
    | {
        readonly kind: "static";
        readonly address: InterfaceAddress;
        readonly gateway?: IpAddress;
        readonly dns: readonly IpAddress[];
      };
  /** Of its default route; lower is preferred. */
  readonly metric: number;
}

export interface ResolvedLan {
  readonly interface: string;
  /** Devices that are joined by a bridge of the interface's name. */
  readonly devices: readonly string[];
  readonly address: InterfaceAddress;
  readonly dhcp?: {
    readonly from: IpAddress;
    readonly to: IpAddress;
    readonly lease: Duration;
    readonly domain?: string;
  };
  /** Hosts may go out by the WANs too, with their addresses translated; else only into tunnels. */
  readonly internet: boolean;
}

export interface ResolvedTime {
  /** Names or addresses; empty leaves the clock to the servers that DHCP names. */
  readonly ntp: readonly string[];
  /** `any`, or the client through whose tunnel the servers are asked. */
  readonly via: string;
}
