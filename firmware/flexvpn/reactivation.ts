/**
 * The way back: a better source, or a better peer where `peer-reactivate` says so, that has been good for the hold-down is
 * connected beside the session in use, and only when it is authenticated does the traffic move. Each failure, and each
 * session by that way that did not last, doubles the hold-down of the way.
 * Source: IOS peer reactivate, which moves on track events only and breaks before it makes; damping and trying are ours.
 */
import { after, type Duration, elapsed, hours, type MonotonicMs } from "#lib/duration.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import { type SideListener, SideSession } from "./side-session.ts";
import type { ReadySession, Why } from "./states.ts";
import { type Way, wayKey } from "./ways.ts";

/** The way back of one client. */
export class Reactivation implements SideListener {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  /** Gets the session to move to. */
  readonly #move: (session: ReadySession, heldFor: Duration) => void;
  /** Session that stands by already by this way, if any. */
  readonly #releaseStandby: (way: Way) => ReadySession | undefined;
  #side: SideSession | undefined;
  readonly #goodSince = new Map<string, MonotonicMs>();
  /** How often the hold-down of a way was doubled. */
  readonly #doublings = new Map<string, number>();

  constructor(
    memory: ClientMemory,
    context: ClientContext,
    move: (session: ReadySession, heldFor: Duration) => void,
    releaseStandby: (way: Way) => ReadySession | undefined,
  ) {
    this.#memory = memory;
    this.#context = context;
    this.#move = move;
    this.#releaseStandby = releaseStandby;
  }

  get side(): SideSession | undefined {
    return this.#side;
  }

  /** Brings what there is in line with what should be; harmless at any time. */
  review(): void {
    const memory = this.#memory;
    const better = memory.state.status === "up" ? this.#betterWays() : [];
    const keys = new Set(better.map(wayKey));
    for (const key of this.#goodSince.keys()) if (!keys.has(key)) this.#goodSince.delete(key);
    for (const key of keys) if (!this.#goodSince.has(key)) this.#goodSince.set(key, memory.now);
    if (this.#side && !keys.has(wayKey(this.#side.way)))
      this.#drop({ message: "it is no longer the better way" });
    if (!this.#side) this.#begin(better);
  }

  /** The session by this way is over after `lasted`: a short one makes the way less welcome. */
  noteLoss(way: Way, lasted: Duration): void {
    const key = wayKey(way);
    if (lasted >= this.#holdDown(key) * LASTING) this.#doublings.delete(key);
    else this.#double(key);
  }

  /** Every way is as welcome as at the start: an operator says that what made them flap is mended. */
  forgive(): void {
    this.#doublings.clear();
  }

  ready(session: ReadySession): void {
    const { way } = this.#side ?? { way: session.open };
    this.#side = undefined;
    this.#move(session, this.#heldFor(way));
  }

  failed(way: Way, why: Why): void {
    this.#side = undefined;
    this.#memory.failures.set(way.peer.key, why);
    this.#double(wayKey(way));
    this.#goodSince.set(wayKey(way), this.#memory.now);
    const wait = this.#holdDown(wayKey(way));
    this.#memory.event(this.#memory.tell.returnFailed(way, why, wait));
  }

  /** Starts with the best way whose hold-down is over, or waits for the next one to be. */
  #begin(better: readonly Way[]): void {
    const memory = this.#memory;
    for (const way of better) {
      if (this.#due(way) > memory.now) continue;
      const standby = this.#releaseStandby(way);
      if (standby) {
        this.#move(standby, this.#heldFor(way));
        return;
      }
      this.#side = new SideSession(way, memory, this.#context, this);
      this.#side.begin();
      if (this.#side) return;
    }
    const next = better.map((way) => this.#due(way)).sort((a, b) => a - b)[0];
    if (next === undefined) memory.deadlines.cancel("return");
    else memory.deadlines.arm("return", next);
  }

  /** Better sources always; better peers of the same source only where the configuration wants them. */
  #betterWays(): readonly Way[] {
    const { open, ways, config } = this.#memory;
    if (!open || open.peer.origin === "redirected") return [];
    const place = ways.open.findIndex((way) => wayKey(way) === wayKey(open));
    const before = place < 0 ? ways.open : ways.open.slice(0, place);
    if (config.peerReactivate) return before;
    return before.filter((way) => way.source !== open.source && way.peer.key === open.peer.key);
  }

  #due(way: Way): MonotonicMs {
    const key = wayKey(way);
    return after(this.#goodSince.get(key) ?? this.#memory.now, this.#holdDown(key));
  }

  #heldFor(way: Way): Duration {
    const since = this.#goodSince.get(wayKey(way)) ?? this.#memory.now;
    return elapsed(since, this.#memory.now);
  }

  #holdDown(key: string): Duration {
    const { holdDown } = this.#memory.config;
    const doublings = Math.min(this.#doublings.get(key) ?? 0, 20);
    return Math.max(holdDown, Math.min(LONGEST, holdDown * 2 ** doublings)) as Duration;
  }

  #double(key: string): void {
    this.#doublings.set(key, (this.#doublings.get(key) ?? 0) + 1);
  }

  #drop(why: Why): void {
    this.#side?.close(why);
    this.#side = undefined;
  }
}

/** A session that lasted so many hold-downs was a good one. */
const LASTING = 10;
/** No hold-down is doubled beyond this. */
const LONGEST: Duration = hours(1);
