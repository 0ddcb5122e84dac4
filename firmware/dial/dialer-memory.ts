/** What one dialer remembers: its state, who demands it, its timers and its counts. It decides nothing. */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import { Deadlines } from "#lib/deadlines.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { EventSubject } from "#state/event.ts";
import type { DialAction } from "./actions.ts";
import type { DialWhy } from "./line.ts";
import type { DialState, DialTimer } from "./states.ts";

/** The counts of a dialer since the daemon started. */
export interface DialCounts {
  attempts: number;
  failures: number;
  connections: number;
  resets: number;
  /** Milliseconds that lines were up, the present one not counted. */
  connectedMs: number;
}

export class DialerMemory {
  config: ResolvedDialer;
  state: DialState = { status: "idle" };
  now: MonotonicMs;
  since: MonotonicMs;
  actions: DialAction[] = [];
  readonly deadlines = new Deadlines<DialTimer>();
  readonly clients = new Set<string>();
  /** The track object that `config.demand` names has the state that demands the line. */
  trackDemands = false;
  /** It will not be dialled again: the daemon ends, or the dialer is gone from the configuration. */
  isEnding = false;
  isStarted = false;
  /** Failures since a line last held. */
  level = 0;
  /** When the attempt began that goes on or came up. */
  dialledAt: MonotonicMs;
  lastFailure: { readonly why: DialWhy; readonly at: MonotonicMs } | undefined;
  lastDemand: EventSubject | undefined;
  /** Why it is in its state. */
  why: DialWhy = { message: "nobody demands the line" };
  readonly counts: DialCounts = {
    attempts: 0,
    failures: 0,
    connections: 0,
    resets: 0,
    connectedMs: 0,
  };

  constructor(config: ResolvedDialer, now: MonotonicMs) {
    this.config = config;
    this.now = now;
    this.since = now;
    this.dialledAt = now;
  }

  /** Who demands the line, in words: `client hq`, `track primary down`, `the branch at all times`. */
  get demanders(): readonly string[] {
    const { demand } = this.config;
    const clients = [...this.clients].map((client) => `client ${client}`);
    if (demand === "always") return [...clients, "the branch at all times"];
    const track = this.trackDemands && demand ? [`track ${demand.track} ${demand.state}`] : [];
    return [...clients, ...track];
  }

  get isDemanded(): boolean {
    return this.isStarted && !this.isEnding && this.demanders.length > 0;
  }
}
