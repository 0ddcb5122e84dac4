/** How large an outer packet may be on its way to the hub. */
import { readFileSync } from "node:fs";
import type { TunnelIntent } from "#flexvpn/actions.ts";

/** Ethernet's, where no interface is known yet. RFC 894 */
const USUAL_MTU = 1_500;

/** The MTU of the interface that the client's packets leave by, bytes. */
export function pathMtu({ source, carrier }: TunnelIntent): number {
  return interfaceMtu(source ?? carrier?.underlay?.device);
}

/** The MTU of an interface, bytes; the usual one when it is not known or not there. */
export function interfaceMtu(device: string | undefined): number {
  if (device === undefined) return USUAL_MTU;
  try {
    return Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8")) || USUAL_MTU;
  } catch {
    return USUAL_MTU;
  }
}
