/** By which interface and gateway the kernel reaches a hub, asked of it before a tunnel's routes may hide the way. */
import type { IpAddress } from "#lib/ip.ts";
import { readInterfaces } from "../kernel/interfaces.ts";
import { interfaceIndex } from "../libc/libc.ts";
import { family, NetlinkSocket } from "../netlink/socket.ts";
import { decodeRoute, lookUpRoute } from "./route-codec.ts";

/** The way out to an address. */
export interface UnderlayRoute {
  readonly device: string;
  /** Absent when the address is on the link itself. */
  readonly gateway?: IpAddress;
}

/** @param source interface to leave by, whatever the routing table prefers. @returns undefined when there is no way. */
export async function underlayTo(
  address: IpAddress,
  source: string | undefined,
): Promise<UnderlayRoute | undefined> {
  const opened = NetlinkSocket.open(family.route);
  if (!opened.ok) return undefined;
  try {
    const index = source === undefined ? undefined : interfaceIndex(source);
    const found = await opened.value.dump(lookUpRoute(address, index), ({ payload }) =>
      decodeRoute(payload),
    );
    const way = found.ok ? found.value[0] : undefined;
    const device = readInterfaces().find(({ name }) => interfaceIndex(name) === way?.deviceIndex);
    if (way === undefined || device === undefined) return undefined;
    const { gateway } = way.route;
    return { device: device.name, ...(gateway === undefined ? {} : { gateway }) };
  } finally {
    opened.value.close();
  }
}
