/**
 * Reads counters and forgets flows over a netfilter netlink socket, opened for the moment. What is stale is decided in
 * `stale-flows.ts`.
 */
import { networkInterfaces } from "node:os";
import type { Firewall } from "#dataplane/desired.ts";
import { type IpAddress, parseIpAddress } from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import { connectedNetworks, readInterfaces } from "../kernel/interfaces.ts";
import { type NetlinkFault, NetlinkSocket } from "../netlink/socket.ts";
import {
  type CounterObject,
  decodeCounter,
  decodeFlow,
  forgetFlowRequest,
  listCountersRequest,
  listFlowsRequest,
  NETLINK_NETFILTER,
} from "./nfnetlink-codec.ts";
import { isStale, type TranslationChange } from "./stale-flows.ts";

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

/**
 * Makes the kernel forget the flows whose translation `firewall` has outdated.
 * @param former addresses that flows were translated to before.
 * @returns how many were forgotten. A kernel that can't list flows forgets none.
 */
export async function forgetStaleFlows(
  firewall: Pick<Firewall, "nat" | "killSwitch">,
  former: ReadonlySet<IpAddress>,
): Promise<number> {
  const socket = NetlinkSocket.open(NETLINK_NETFILTER);
  if (!socket.ok) return 0;
  try {
    const flows = await socket.value.dump(listFlowsRequest(), decodeFlow);
    if (!flows.ok) return 0;
    const change = translationChange(firewall, former);
    const stale = flows.value.filter((flow) => isStale(flow, change));
    if (stale.length === 0) return 0;
    const answers = await socket.value.request(stale.map(forgetFlowRequest));
    // ENOENT: it ended by itself meanwhile.
    return answers.filter((answer) => answer.ok).length;
  } finally {
    socket.value.close();
  }
}

function translationChange(
  firewall: Pick<Firewall, "nat" | "killSwitch">,
  former: ReadonlySet<IpAddress>,
): TranslationChange {
  const insideNames = new Set(firewall.nat.flatMap(({ inside }) => inside));
  const own = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .map(({ address }) => parseIpAddress(address))
    .filter((address) => address !== undefined);
  return {
    former,
    inside: readInterfaces()
      .filter(({ name }) => insideNames.has(name))
      .flatMap(connectedNetworks),
    protectedNetworks: firewall.killSwitch.flatMap(({ networks }) => networks),
    own: new Set([...own, ...firewall.nat.map(({ to }) => to)]),
  };
}
