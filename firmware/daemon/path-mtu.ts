/** How large an outer packet may be on its way to the hub. */
import { readFileSync } from "node:fs";
import type { TunnelIntent } from "#flexvpn/actions.ts";

/** Ethernet's, where no interface is known yet. RFC 894 */
const USUAL_MTU = 1_500;

/** The MTU of the interface that the client's packets leave by, bytes. */
export function pathMtu({ source, carrier }: TunnelIntent): number {
  const device = source ?? carrier?.underlay?.device;
  if (device === undefined) return USUAL_MTU;
  try {
    return Number(readFileSync(`/sys/class/net/${device}/mtu`, "utf8")) || USUAL_MTU;
  } catch {
    return USUAL_MTU;
  }
}
