/** Reads the counters of a table over a netfilter netlink socket, opened for the moment: no `nft` is run for them. */
import { ok, type Result } from "#lib/result.ts";
import { type NetlinkFault, NetlinkSocket } from "../netlink/socket.ts";
import {
  type CounterObject,
  decodeCounter,
  listCountersRequest,
  NETLINK_NETFILTER,
} from "./nfnetlink-codec.ts";

/** The counters of a table of family inet; none when there is no such table. */
export async function readCounters(
  table: string,
): Promise<Result<readonly CounterObject[], NetlinkFault>> {
  const socket = NetlinkSocket.open(NETLINK_NETFILTER);
  if (!socket.ok) return socket;
  try {
    const counters = await socket.value.dump(listCountersRequest(table), decodeCounter);
    return !counters.ok && counters.error.errno === "ENOENT" ? ok([]) : counters;
  } finally {
    socket.value.close();
  }
}
