/** What a client shows of itself: the facts behind `show client`, in engine time. */
import type { SessionId } from "#ike/inputs.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { ClientStatus } from "#state/document.ts";
import type { Beside } from "./beside.ts";
import { describePeer, sentence } from "./client-events.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientState } from "./states.ts";
import type { Way } from "./ways.ts";

export interface ClientView {
  readonly name: string;
  readonly status: ClientStatus;
  readonly since: MonotonicMs;
  readonly session?: SessionId;
  /** The peer in use or being tried. */
  readonly peer?: { readonly seq: number; readonly host: string; readonly address?: IpAddress };
  readonly source?: string;
  readonly tunnel: string;
  readonly assigned: { readonly ipv4?: IpAddress; readonly ipv6?: Prefix };
  readonly reason: string;
  readonly reasonCode?: string;
  readonly attempts: number;
  readonly retryAt?: MonotonicMs;
  /** Networks behind the hub, as last learnt. */
  readonly networks: readonly Prefix[];
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly peers: readonly {
    readonly seq: number;
    readonly host: string;
    readonly origin: "static" | "downloaded" | "redirected";
    /** Why it may not be used now. */
    readonly held?: string;
    readonly lastFailure?: string;
  }[];
  /** True when an operator or the configuration set this client to be started by hand. */
  readonly isManual: boolean;
  readonly backupGroup?: string;
  /** The session that stands by, or is being made to. */
  readonly standby?: WayView & { readonly address?: IpAddress; readonly isReady: boolean };
  readonly rehearsal: {
    readonly isRunning: boolean;
    readonly results: readonly (WayView & {
      readonly isWorking: boolean;
      readonly why?: string;
      readonly at: MonotonicMs;
      readonly took: Duration;
    })[];
  };
}

/** A peer and the source it is reached from. */
export interface WayView {
  readonly seq: number;
  readonly host: string;
  readonly source?: string;
}

/** The view of a client as it stands. */
export function clientView(memory: ClientMemory, beside: Beside): ClientView {
  const { state, config, open } = memory;
  const retryAt = memory.deadlines.at("retry");
  const why = reasonOf(state);
  const { held } = memory.ways;
  const attempt = state.status === "resolving" ? state.attempt : open;
  return {
    name: config.name,
    status: state.status,
    since: memory.since,
    ...(open === undefined ? {} : { session: open.session }),
    ...(attempt === undefined ? {} : { peer: { ...peerOf(attempt.peer), ...addressOf(open) } }),
    ...(attempt?.source === undefined ? {} : { source: attempt.source }),
    tunnel: memory.tunnel.name,
    assigned: state.status === "up" ? state.outcome.assigned : {},
    reason: why.message,
    ...(why.code === undefined ? {} : { reasonCode: why.code }),
    attempts: memory.attempts,
    ...(retryAt === undefined ? {} : { retryAt }),
    networks: memory.learnt,
    dns: state.status === "up" ? state.outcome.dns : [],
    domains: state.status === "up" ? state.outcome.domains : [],
    peers: memory.peers.map((peer) => {
      const failure = memory.failures.get(peer.key);
      const why = held.find((each) => each.peer === peer)?.why;
      return {
        ...peerOf(peer),
        origin: peer.origin,
        ...(why === undefined ? {} : { held: why }),
        ...(failure ? { lastFailure: sentence(failure) } : {}),
      };
    }),
    isManual: config.connect === "manual",
    ...(config.backupGroup === undefined ? {} : { backupGroup: config.backupGroup }),
    ...standbyOf(beside),
    rehearsal: {
      isRunning: beside.rehearsal.isRunning,
      results: beside.rehearsal.results.map(({ way, isWorking, why, at, took }) => ({
        ...wayOf(way),
        isWorking,
        ...(why === undefined ? {} : { why: sentence(why) }),
        at,
        took,
      })),
    },
  };
}

function standbyOf({ standby }: Beside): Pick<ClientView, "standby"> {
  const { side } = standby;
  if (!side) return {};
  const address = addressOf(side.open);
  return { standby: { ...wayOf(side.way), ...address, isReady: side.ready !== undefined } };
}

function wayOf({ peer, source }: Way): WayView {
  return { ...peerOf(peer), ...(source === undefined ? {} : { source }) };
}

/** Why a client is in its state: one sentence, with what to do when it is a fault. */
function reasonOf(state: ClientState): { readonly message: string; readonly code?: string } {
  switch (state.status) {
    case "resolving":
      return { message: `looks up ${state.attempt.peer.host}` };
    case "connecting":
      return { message: `waits for ${describePeer(state.open)} to answer IKE_SA_INIT` };
    case "authenticating":
      return { message: `authenticates with ${describePeer(state.open)}` };
    case "up": {
      const peer = describePeer(state.open);
      if (!state.flaw) return { message: `connected to ${peer}` };
      const { flaw } = state;
      const code = flaw.code === undefined ? {} : { code: flaw.code };
      return { message: `connected to ${peer}, but ${sentence(flaw)}`, ...code };
    }
    case "idle":
    case "tracking":
    case "dialing":
    case "backoff":
    case "failed": {
      const { code } = state.why;
      return { message: sentence(state.why), ...(code === undefined ? {} : { code }) };
    }
  }
}

function peerOf(peer: { readonly seq: number; readonly host: string }): {
  readonly seq: number;
  readonly host: string;
} {
  return { seq: peer.seq, host: peer.host };
}

function addressOf(open: { readonly address: IpAddress } | undefined): {
  readonly address?: IpAddress;
} {
  return open === undefined ? {} : { address: open.address };
}
