/**
 * What one client remembers, and the few things that must go together: entering a state with its timers, letting go of a
 * session with its event. It decides nothing; `attempts.ts` and `client-moves.ts` do.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { SessionId } from "#ike/inputs.ts";
import { Deadlines } from "#lib/deadlines.ts";
import { after, type Duration, type MonotonicMs } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { clientSubject, daemonSubject, type EventDraft, type EventSubject } from "#state/event.ts";
import type { FlexvpnAction } from "./actions.ts";
import { ClientEvents } from "./client-events.ts";
import { type PeerEntry, staticPeers } from "./peer-list.ts";
import { type PeerRound, roundFromTop } from "./peer-selection.ts";
import {
  type ClientState,
  type ClientTimer,
  type OpenSession,
  timersOf,
  type Why,
} from "./states.ts";

/** The memory of one client. The owner sets `now` before each move and takes `actions` after it. */
export class ClientMemory {
  now: MonotonicMs;
  config: ResolvedClient;
  tunnel: ResolvedTunnel;
  state: ClientState = { status: "idle", why: { message: "not started yet" } };
  /** When the state was entered. */
  since: MonotonicMs;
  actions: FlexvpnAction[] = [];
  readonly deadlines = new Deadlines<ClientTimer>();
  readonly tell: ClientEvents;

  peers: readonly PeerEntry[];
  round: PeerRound = roundFromTop;
  /** Rounds failed in a row. */
  level = 0;
  /** Attempts since the client was last up. */
  attempts = 0;
  /** Sessions in a row that were lost before they counted as stable. */
  quickLosses = 0;
  /** What went wrong last with each peer, by its key; a session that comes up clears it. */
  readonly failures = new Map<string, Why>();
  lastFailure: Why = { message: "no peer may be used now" };
  /** Last known addresses of the peers that are names, by key. */
  readonly resolved = new Map<string, readonly IpAddress[]>();
  /** Networks behind the hub as last learnt. */
  learnt: readonly Prefix[];

  isStarted = false;
  /** What operators asked for since the configuration had the last word. */
  demand: "configured" | "connect" | "disconnect" = "configured";
  /** The kernel can't carry this client at all. */
  fatal: Why | undefined;
  readonly toldFaults = new Set<string>();
  toldSources = "";
  /** What the next event follows from. */
  because: EventSubject | undefined = daemonSubject;

  constructor(
    config: ResolvedClient,
    tunnel: ResolvedTunnel,
    learnt: readonly Prefix[],
    now: MonotonicMs,
  ) {
    this.config = config;
    this.tunnel = tunnel;
    this.learnt = learnt;
    this.now = now;
    this.since = now;
    this.peers = staticPeers(config.peers);
    this.tell = new ClientEvents(config.name);
  }

  /** The session in use or being opened. */
  get open(): OpenSession | undefined {
    return "open" in this.state ? this.state.open : undefined;
  }

  /** Interface in use or being tried; undefined too when the routing table decides. */
  get source(): string | undefined {
    return this.state.status === "resolving" ? this.state.attempt.source : this.open?.source;
  }

  /** Somebody, the configuration or an operator, wants this client up now. */
  get isWanted(): boolean {
    if (!this.isStarted || this.demand === "disconnect") return false;
    return this.demand === "connect" || this.config.connect === "auto";
  }

  /** What this client is about, for events that follow from its own. */
  get subject(): EventSubject {
    return clientSubject(this.config.name);
  }

  /** Enters a state: timers that it has none of are disarmed. */
  enter(state: ClientState, since = this.now): void {
    this.state = state;
    this.since = since;
    for (const timer of ["retry", "resolution"] as const)
      if (!timersOf[state.status].includes(timer)) this.deadlines.cancel(timer);
    const { status } = state;
    this.actions.push({ kind: "status-changed", client: this.config.name, status });
  }

  arm(timer: ClientTimer, delay: Duration): void {
    this.deadlines.arm(timer, after(this.now, delay));
  }

  event(event: EventDraft): void {
    this.actions.push({ kind: "event", event });
  }

  /** Forgets what failed before: the next attempt is a first one. */
  forgetFailures(): void {
    this.round = roundFromTop;
    this.level = 0;
    this.quickLosses = 0;
    this.fatal = undefined;
    this.toldFaults.clear();
    this.because = this.subject;
  }

  noteFailure(peer: PeerEntry, failure: Why): void {
    const { code, message, remedy } = failure;
    const why: Why = {
      message,
      ...(code === undefined ? {} : { code }),
      ...(remedy === undefined ? {} : { remedy }),
    };
    this.failures.set(peer.key, why);
    this.lastFailure = why;
  }

  /** Tells that the client is no longer up; says nothing when it was not. */
  tellDown(why: Why, cause: EventSubject | undefined): void {
    if (this.state.status !== "up") return;
    this.event(this.tell.down(this.state.open, this.state.outcome, why, cause));
    this.because = this.subject;
  }

  /**
   * Ends the session in use or being opened. The caller enters another state next.
   * @returns the session, or undefined when there was none.
   */
  close(why: Why, cause: EventSubject | undefined, expectAnswer: boolean): SessionId | undefined {
    if (!this.open) return undefined;
    const { session } = this.open;
    this.tellDown(why, cause);
    this.actions.push({ kind: "close-session", session, reason: why.message, expectAnswer });
    return session;
  }
}
