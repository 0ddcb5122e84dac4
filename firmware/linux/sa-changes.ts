/**
 * Security associations in the kernel: those without special needs in one request, those that move or ask for a device's
 * help one by one. Knows no policy and no order between clients. Source: net/xfrm/xfrm_user.c, net/xfrm/xfrm_device.c.
 */
import type { Change } from "#dataplane/change.ts";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { ipFamily } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { Outcome } from "./change-outcome.ts";
import { changeFault } from "./kernel-fault.ts";
import type { KernelSockets } from "./kernel-sockets.ts";
import type { NetlinkRequest } from "./netlink/codec.ts";
import type { NetlinkFault } from "./netlink/socket.ts";
import { decodeRoute, lookUpRoute } from "./route/route-codec.ts";
import {
  decodeSa,
  deleteSa,
  getSa,
  newSa,
  type ReplayState,
  type SaPlacement,
  type SaStatus,
  updateSa,
} from "./xfrm/codec.ts";
import { message, offloadFlag } from "./xfrm/uapi.ts";

export type SaInstall = Extract<Change, { kind: "add-sa" | "update-sa" | "move-sa" }>;

/**
 * Sequence numbers that an SA skips when it moves: packets may leave between reading its counter and stopping it, and a
 * number must never be used twice with one key. RFC 4303 §3.3.3
 */
const SKIPPED_ON_MOVE = 4_096n;
/** A packet that leaves while an SA is away makes the kernel keep its SPI for a new one: take it down again. */
const MOVE_ATTEMPTS = 3;

/** Does all changes; answers in their order. */
export async function performSaInstalls(
  sockets: KernelSockets,
  changes: readonly SaInstall[],
): Promise<readonly Outcome[]> {
  const isPlain = (change: SaInstall) =>
    change.ifId !== undefined && change.kind !== "move-sa" && change.sa.offload === "none";
  const plain = changes.filter(isPlain);
  const answers = await sockets.xfrm.request(plain.map((change) => plainRequest(change)));
  const outcomes = new Map<SaInstall, Outcome>();
  for (const [index, change] of plain.entries())
    outcomes.set(change, outcomeOf(change, answers[index]));
  for (const change of changes)
    if (!isPlain(change)) outcomes.set(change, await performSpecial(sockets, change));
  return changes.map((change) => outcomes.get(change) ?? { isDone: false, faults: [] });
}

function plainRequest(change: SaInstall, extra: Omit<SaPlacement, "ifId"> = {}): NetlinkRequest {
  const placement = { ifId: change.ifId ?? 0, ...extra };
  return change.kind === "update-sa" ? updateSa(change.sa, placement) : newSa(change.sa, placement);
}

function performSpecial(sockets: KernelSockets, change: SaInstall): Promise<Outcome> {
  if (change.ifId === undefined) return Promise.resolve(withoutTunnel(change));
  if (change.kind === "move-sa") return move(sockets, change);
  return change.sa.offload === "none" || change.kind === "update-sa"
    ? install(sockets, change)
    : installOffloaded(sockets, change);
}

async function install(
  sockets: KernelSockets,
  change: SaInstall,
  extra?: Omit<SaPlacement, "ifId">,
): Promise<Outcome> {
  const [answer] = await sockets.xfrm.request([plainRequest(change, extra)]);
  return outcomeOf(change, answer);
}

/**
 * Tries the device that the SA's packets use, then the processor. A device without crypto offload is accepted by the
 * kernel and ignored, so the SA is read back.
 */
async function installOffloaded(sockets: KernelSockets, change: SaInstall): Promise<Outcome> {
  const { sa } = change;
  const interfaceIndex = await underlayIndex(sockets, sa);
  if (interfaceIndex === undefined)
    return withNotice(change, await install(sockets, change), "no route tells which device");
  const flags =
    (ipFamily(sa.destination.address) === 6 ? offloadFlag.ipv6 : 0) |
    (sa.direction === "in" ? offloadFlag.inbound : 0) |
    (sa.offload === "packet" ? offloadFlag.packet : 0);
  const outcome = await install(sockets, change, { offload: { interfaceIndex, flags } });
  if (!outcome.isDone) {
    const reason = outcome.faults[0]?.what ?? "the kernel refused it";
    return withNotice(change, await install(sockets, change), reason);
  }
  const status = await readSa(sockets, sa);
  if (status.ok && !status.value.isOffloaded)
    return withNotice(change, outcome, "the device has no IPsec offload");
  if (sa.offload === "packet" && sa.direction === "out")
    sockets.packetOffload.set(sa.spi, interfaceIndex);
  return outcome;
}

async function underlayIndex(
  sockets: KernelSockets,
  sa: SecurityAssociation,
): Promise<number | undefined> {
  const peer = sa.direction === "out" ? sa.destination.address : sa.source.address;
  const found = await sockets.route.dump(lookUpRoute(peer), ({ payload }) => decodeRoute(payload));
  return found.ok ? found.value[0]?.deviceIndex : undefined;
}

/**
 * Takes an SA down and puts it up with other addresses, in one request. Its counters of sequence numbers go with it, or the
 * peer would take all that follows for replays.
 */
async function move(
  sockets: KernelSockets,
  change: Extract<SaInstall, { kind: "move-sa" }>,
): Promise<Outcome> {
  const old = { spi: change.from.spi, destination: change.from.destination.address };
  const status = await readSa(sockets, change.from);
  if (!status.ok) return outcomeOf(change, status);
  const replay = status.value.replay && advanced(status.value.replay, change.sa.direction);
  const add = plainRequest(change, replay ? { replay } : {});
  let answer: Result<undefined, NetlinkFault> = failed({ errno: "EEXIST" });
  for (let attempt = 0; attempt < MOVE_ATTEMPTS; attempt++) {
    const stale = { spi: change.sa.spi, destination: change.sa.destination.address };
    const removals = attempt === 0 ? [deleteSa(old)] : [deleteSa(stale)];
    const answers = await sockets.xfrm.request([...removals, add]);
    answer = answers.at(-1) ?? answer;
    if (answer.ok || answer.error.errno !== "EEXIST") break;
  }
  return outcomeOf(change, answer);
}

function advanced(replay: ReplayState, direction: "in" | "out"): ReplayState {
  return direction === "out" ? { ...replay, sent: replay.sent + SKIPPED_ON_MOVE } : replay;
}

async function readSa(
  sockets: KernelSockets,
  sa: SecurityAssociation,
): Promise<Result<SaStatus, NetlinkFault>> {
  const name = { spi: sa.spi, destination: sa.destination.address };
  const found = await sockets.xfrm.dump(getSa(name), ({ type, payload }) =>
    type === message.newSa ? decodeSa(payload) : undefined,
  );
  if (!found.ok) return found;
  const [status] = found.value;
  return status ? ok(status) : failed({ errno: "ESRCH" });
}

function outcomeOf(change: SaInstall, answer: Result<unknown, NetlinkFault> | undefined): Outcome {
  if (answer?.ok) return { isDone: true, faults: [] };
  const fault = answer?.error ?? { errno: "EBADF" };
  return { isDone: false, faults: [changeFault(change, fault)] };
}

function withNotice(change: SaInstall, outcome: Outcome, reason: string): Outcome {
  if (!outcome.isDone) return outcome;
  const notice: DataPlaneFault = {
    code: "kernel.offload-refused",
    isNotice: true,
    what: `the ${change.sa.direction}bound SA runs without ${change.sa.offload} offload: ${reason}`,
    remedy: "set `offload: none`, or use an interface whose driver has IPsec offload",
    spi: change.sa.spi,
  };
  return { ...outcome, faults: [...outcome.faults, notice] };
}

function withoutTunnel(change: SaInstall): Outcome {
  const fault: DataPlaneFault = {
    code: "kernel.interface-missing",
    what: `no tunnel interface serves client ${change.sa.client}`,
    remedy: "name the client's tunnel in the configuration",
    spi: change.sa.spi,
  };
  return { isDone: false, faults: [fault] };
}
