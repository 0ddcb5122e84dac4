/**
 * The evidence put in order once for all rules: what failed with which peer, whether it still stands in the way, and what
 * went before. It judges nothing.
 */
import { parseIpAddress } from "#lib/ip.ts";
import type { ClientState, StoredEvent } from "../document.ts";
import type { Evidence, Finding } from "./diagnosis.ts";
import type { CaseEvidence, TrafficFacts, WayFacts } from "./evidence.ts";

/** The newest thing that went wrong with one peer. */
export interface Failure {
  readonly code: string;
  readonly event: StoredEvent;
  /** Address of the peer, or its name when it never had one. */
  readonly peer: string;
  /** Stands in the way now, or was the last thing that did. */
  readonly when: Finding["when"];
  /** It concerns a way that carries nothing: one that stands by, or was rehearsed. */
  readonly isBeside: boolean;
  /** What the engine told with it: `exchange`, `notify`, `offered`, … */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Case {
  readonly evidence: CaseEvidence;
  readonly client: ClientState;
  readonly isUp: boolean;
  /** One for each peer at most, newest first; those of ways that stand by before those of the past. */
  readonly failures: readonly Failure[];
  /** Events of this client, oldest first. */
  readonly events: readonly StoredEvent[];
  /** Of the session that carries its traffic. */
  readonly traffic: TrafficFacts | undefined;
}

/** Puts evidence in order. */
export function openCase(evidence: CaseEvidence): Case {
  const client = evidence.document.clients[evidence.client] as ClientState;
  const events = evidence.events.filter((event) => event.client === evidence.client);
  const isUp = client.state === "up";
  const session = evidence.document.ike.find(
    (sa) => sa.client === evidence.client && isCarrier(sa.remote, client),
  )?.session;
  return {
    evidence,
    client,
    isUp,
    events,
    failures: failuresOf(events, isUp),
    traffic: evidence.traffic.find((each) => each.session === session),
  };
}

/** Text of a fact; undefined when the engine did not tell it. */
export function fact({ facts }: Failure, name: string): string | undefined {
  const value = facts[name];
  return value === undefined ? undefined : String(value);
}

/** Number of a fact, 0 when it was not told. */
export function factNumber({ facts }: Failure, name: string): number {
  return Number(facts[name] ?? 0);
}

/** The event as evidence. */
export function eventEvidence(event: StoredEvent, kind: Evidence["kind"] = "event"): Evidence {
  return { kind, text: `${event.time} ${event.message}`, event: event.id };
}

/** What was found on the ways to a peer. */
export function waysTo({ evidence }: Case, peer: string): readonly WayFacts[] {
  return evidence.ways.filter(({ address, host }) => address === peer || host === peer);
}

/** `203.0.113.1`, `203.0.113.1 and 203.0.113.2`. */
export function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const last = unique.at(-1) ?? "";
  return unique.length < 2 ? last : `${unique.slice(0, -1).join(", ")} and ${last}`;
}

function isCarrier(remote: string, { peer }: ClientState): boolean {
  return peer?.address !== undefined && hostOf(remote) === peer.address;
}

/** Address of an endpoint as events write it: `203.0.113.1:500`, `[2001:db8::1]:500`. */
export function hostOf(endpoint: string): string {
  const host = /^\[(.*)\]:\d+$/.exec(endpoint)?.[1] ?? endpoint.replace(/:\d+$/, "");
  return parseIpAddress(host) ?? endpoint;
}

/**
 * While the client is not up, what failed since it last was stands in its way. While it is up, what failed on the way to
 * this connection was the last thing that did, and what failed since concerns a way that stands by or was rehearsed. A new
 * configuration starts a new page.
 */
function failuresOf(events: readonly StoredEvent[], isUp: boolean): readonly Failure[] {
  const ups = events.filter(({ mnemonic }) => mnemonic === UP);
  const changed = events.findLast(({ mnemonic }) => mnemonic === CHANGED)?.id ?? 0;
  const lastUp = ups.at(-1)?.id ?? 0;
  const since = newestByPeer(events.filter(({ id }) => id > Math.max(changed, lastUp)));
  if (!isUp) return since.map((failure) => ({ ...failure, when: "now", isBeside: false }));
  const page = Math.max(changed, ups.at(-2)?.id ?? 0);
  const before = newestByPeer(events.filter(({ id }) => id > page && id < lastUp));
  return [
    ...since.map((failure): Failure => ({ ...failure, when: "now", isBeside: true })),
    ...before.map((failure): Failure => ({ ...failure, when: "last", isBeside: false })),
  ];
}

/** Newest first; what has worked since is left out. */
function newestByPeer(
  events: readonly StoredEvent[],
): readonly Omit<Failure, "when" | "isBeside">[] {
  const byPeer = new Map<string, Omit<Failure, "when" | "isBeside">>();
  for (const event of events) {
    const peer = peerOf(event);
    if (WORKS.has(event.mnemonic)) {
      byPeer.delete(peer);
      byPeer.delete(event.peer ?? "");
    }
    const code = event.data["reason-code"];
    if (typeof code !== "string" || !FAILED.has(event.mnemonic) || ENDED_BY_US.has(code)) continue;
    byPeer.delete(peer);
    const facts = (event.data["facts"] ?? {}) as Failure["facts"];
    byPeer.set(peer, { code, event, peer, facts });
  }
  return [...byPeer.values()].reverse();
}

function peerOf({ peer, data }: StoredEvent): string {
  const { address } = data as { readonly address?: unknown };
  return typeof address === "string" ? address : peer === undefined ? "" : hostOf(peer);
}

const UP = "FLEXVPN-6-FLEXVPN_CONNECTION_UP";
const CHANGED = "FLEXSPOKE-5-CLIENT_CHANGED";
const FAILED: ReadonlySet<string> = new Set([
  "IKEV2-3-NEG_ABORT",
  "IKEV2-5-SA_DOWN",
  "FLEXSPOKE-4-ATTEMPT_FAILED",
  "FLEXSPOKE-4-PEER_UNRESOLVED",
]);
const WORKS: ReadonlySet<string> = new Set([
  "FLEXSPOKE-6-STANDBY_READY",
  "FLEXSPOKE-5-BACKUP_WORKS",
]);
/** Ends that somebody here wanted. */
const ENDED_BY_US: ReadonlySet<string> = new Set(["ike.terminated"]);
