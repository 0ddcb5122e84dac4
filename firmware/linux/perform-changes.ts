/**
 * Changes to requests of the kernel: each kind in as few calls as there are. Knows neither what should be nor which change
 * must wait for another: it gets those that may go together.
 */
import type { Change } from "#dataplane/change.ts";
import type { Route, TunnelInterface } from "#dataplane/desired.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { Outcome } from "./change-outcome.ts";
import { changeFault } from "./kernel-fault.ts";
import type { KernelSockets } from "./kernel-sockets.ts";
import { isAlreadyGone } from "./leftovers.ts";
import type { NetlinkRequest } from "./netlink/codec.ts";
import type { NetlinkFault, NetlinkSocket } from "./netlink/socket.ts";
import { applyFirewall } from "./nft/table.ts";
import {
  changeXfrmLink,
  decodeLink,
  deleteAddress,
  deleteLink,
  getLink,
  markAndRaiseLink,
  newAddress,
  newXfrmLink,
  type XfrmLink,
} from "./route/link-codec.ts";
import { deleteRoute, newRoute, replaceRoute } from "./route/route-codec.ts";
import { performSaInstalls, type SaInstall } from "./sa-changes.ts";
import { deleteSa } from "./xfrm/codec.ts";
import { deletePolicy, setPolicy } from "./xfrm/policy-codec.ts";

type Answer = Result<undefined, NetlinkFault>;
type TunnelChange = Extract<Change, { kind: "add-tunnel" | "change-tunnel" }>;
type TunnelRemoval = Extract<Change, { kind: "remove-tunnel" }>;
type XfrmChange = Extract<Change, { kind: "set-policy" | "remove-policy" | "remove-sa" }>;
type IndexedChange = Extract<Change, { route: Route } | { kind: "add-address" | "remove-address" }>;

/** Changes of equal class may go to the kernel together. */
export function changeClass(change: Change): string {
  switch (change.kind) {
    case "add-sa":
    case "update-sa":
    case "move-sa":
      return "install-sa";
    case "remove-route":
    case "remove-address":
      return "remove-indexed";
    default:
      return change.kind;
  }
}

/** Indexes of interfaces by name, as found; valid while no interface of ours comes or goes. */
export type LinkIndexes = Map<string, number>;

/**
 * Does changes of one class.
 * @param indexes what is known of interfaces; what had to be asked for is added.
 * @returns an outcome for each, in their order.
 */
export async function performChanges(
  sockets: KernelSockets,
  changes: readonly Change[],
  indexes: LinkIndexes,
): Promise<readonly Outcome[]> {
  const [first] = changes;
  if (!first) return [];
  switch (first.kind) {
    case "add-sa":
    case "update-sa":
    case "move-sa":
      return performSaInstalls(sockets, changes as readonly SaInstall[]);
    case "set-firewall":
      return [await performFirewall(first)];
    case "add-tunnel":
    case "change-tunnel":
      return inOrder(changes as readonly TunnelChange[], (change) =>
        performTunnel(sockets, change),
      );
    case "add-address":
    case "remove-address":
    case "set-route":
    case "remove-route":
      return performIndexed(sockets, changes as readonly IndexedChange[], indexes);
    case "set-policy":
    case "remove-policy":
    case "remove-sa":
      return performRequests(sockets.xfrm, changes as readonly XfrmChange[], (change) =>
        ok(xfrmRequest(sockets, change)),
      );
    case "remove-tunnel":
      return performRequests(sockets.route, changes as readonly TunnelRemoval[], ({ tunnel }) =>
        ok(deleteLink(tunnel.name)),
      );
  }
}

/** One call for all whose request could be made. */
async function performRequests<Item extends Change>(
  socket: NetlinkSocket,
  changes: readonly Item[],
  requestOf: (change: Item) => Result<NetlinkRequest, NetlinkFault>,
): Promise<readonly Outcome[]> {
  const requests = changes.map(requestOf);
  const answers = await socket.request(
    requests.flatMap((request) => (request.ok ? [request.value] : [])),
  );
  let next = 0;
  return changes.map((change, index) => {
    const request = requests[index];
    return outcomeOf(change, request?.ok ? answers[next++] : request);
  });
}

function xfrmRequest(sockets: KernelSockets, change: XfrmChange): NetlinkRequest {
  if (change.kind === "set-policy")
    return setPolicy(change.policy, sockets.packetOffload.get(change.policy.template.spi));
  if (change.kind === "remove-policy") return deletePolicy(change.policy);
  if (change.sa.direction === "out") sockets.packetOffload.delete(change.sa.spi);
  return deleteSa({ spi: change.sa.spi, destination: change.sa.destination.address });
}

/** Routes and addresses name interfaces by index. */
async function performIndexed(
  sockets: KernelSockets,
  changes: readonly IndexedChange[],
  known: LinkIndexes,
): Promise<readonly Outcome[]> {
  const deviceOf = (change: IndexedChange) =>
    "route" in change ? change.route.device : change.tunnel;
  const names = new Set(changes.map(deviceOf).filter((name) => name !== undefined));
  const indexes = new Map<string, Result<number, NetlinkFault>>();
  for (const name of names) {
    const index = known.get(name);
    const found = index === undefined ? await linkIndex(sockets, name) : ok(index);
    if (found.ok) known.set(name, found.value);
    indexes.set(name, found);
  }
  return performRequests(sockets.route, changes, (change) => {
    const name = deviceOf(change);
    const index = name === undefined ? ok(undefined) : indexes.get(name);
    if (!index?.ok) return index ?? failed({ errno: "ENODEV" });
    return ok(indexedRequest(change, index.value));
  });
}

function indexedRequest(change: IndexedChange, index: number | undefined): NetlinkRequest {
  switch (change.kind) {
    case "add-address":
      return newAddress(index ?? 0, change.address);
    case "remove-address":
      return deleteAddress(index ?? 0, change.address);
    case "set-route":
      return change.replaces ? replaceRoute(change.route, index) : newRoute(change.route, index);
    case "remove-route":
      return deleteRoute(change.route, index);
  }
}

/** The mark is set only on an interface that we made: never in one go with making it. */
async function performTunnel(sockets: KernelSockets, change: TunnelChange): Promise<Outcome> {
  const link = await xfrmLinkOf(sockets, change.tunnel);
  if (!link.ok) return outcomeOf(change, link);
  const request =
    change.kind === "add-tunnel" ? newXfrmLink(link.value) : changeXfrmLink(link.value);
  const [made] = await sockets.route.request([request]);
  if (!made?.ok) return outcomeOf(change, made);
  const [marked] = await sockets.route.request([markAndRaiseLink(change.tunnel.name)]);
  return outcomeOf(change, marked);
}

async function xfrmLinkOf(
  sockets: KernelSockets,
  tunnel: TunnelInterface,
): Promise<Result<XfrmLink, NetlinkFault>> {
  const { name, ifId, mtu, underlay } = tunnel;
  if (underlay === undefined) return ok({ name, ifId, mtu, underlayIndex: 0 });
  const index = await linkIndex(sockets, underlay);
  return index.ok ? ok({ name, ifId, mtu, underlayIndex: index.value }) : index;
}

async function linkIndex(
  sockets: KernelSockets,
  name: string,
): Promise<Result<number, NetlinkFault>> {
  const found = await sockets.route.dump(getLink(name), ({ payload }) => decodeLink(payload));
  if (!found.ok) return failed({ ...found.error, text: `no interface ${name}` });
  const [link] = found.value;
  return link ? ok(link.index) : failed({ errno: "ENODEV", text: `no interface ${name}` });
}

async function performFirewall(
  change: Extract<Change, { kind: "set-firewall" }>,
): Promise<Outcome> {
  const result = await applyFirewall(change.firewall);
  return { isDone: result.ok, faults: result.ok ? [] : [result.error] };
}

function outcomeOf(change: Change, answer: Answer | undefined): Outcome {
  if (answer?.ok) return { isDone: true, faults: [] };
  const fault = answer?.error ?? { errno: "EBADF" };
  const isRemoval = change.kind.startsWith("remove-");
  if (isRemoval && isAlreadyGone(fault.errno)) return { isDone: true, faults: [] };
  if (change.kind === "add-address" && fault.errno === "EEXIST")
    return { isDone: true, faults: [] };
  return { isDone: false, faults: [changeFault(change, fault)] };
}

async function inOrder<Item>(
  items: readonly Item[],
  perform: (item: Item) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const item of items) outcomes.push(await perform(item));
  return outcomes;
}
