/**
 * Rehearsal: on a schedule or on command every peer over every usable source is tried up to full authentication and let go
 * again, without moving traffic, so that a backup which has stopped working is known before it is needed.
 * Source: ours; IOS has no such thing.
 */
import {
  after,
  type Duration,
  elapsed,
  type MonotonicMs,
  milliseconds,
  minutes,
} from "#lib/duration.ts";
import type { EventSubject } from "#state/event.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { RehearsalResult } from "./rehearsal-result.ts";
import { nextRehearsal } from "./rehearsal-schedule.ts";
import { type SideListener, SideSession } from "./side-session.ts";
import type { ReadySession, Why } from "./states.ts";
import { type Way, wayKey } from "./ways.ts";

/** The rehearsals of one client. */
export class Rehearsal implements SideListener {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  readonly #standby: () => SideSession | undefined;
  readonly #results = new Map<string, RehearsalResult>();
  #queue: readonly Way[] = [];
  #side: SideSession | undefined;
  #isRunning = false;
  #began: MonotonicMs;
  #cause: EventSubject | undefined;
  #scheduled = "";

  /** @param standby the session that stands by, which has been tried by standing by. */
  constructor(
    memory: ClientMemory,
    context: ClientContext,
    standby: () => SideSession | undefined,
  ) {
    this.#memory = memory;
    this.#context = context;
    this.#standby = standby;
    this.#began = memory.now;
  }

  get side(): SideSession | undefined {
    return this.#side;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** The latest result of each way of the last rehearsal, in the order of the ways. */
  get results(): readonly RehearsalResult[] {
    return [...this.#results.values()];
  }

  /** Begins now, unless one is under way. `cause` is the event that asked for it. */
  start(cause: EventSubject | undefined): void {
    if (this.#isRunning) return;
    const memory = this.#memory;
    const ways = this.#ways();
    const keys = new Set(ways.map(wayKey));
    for (const key of this.#results.keys()) if (!keys.has(key)) this.#results.delete(key);
    this.#queue = ways;
    this.#isRunning = ways.length > 0;
    this.#cause = cause;
    if (ways.length === 0) memory.event(memory.tell.rehearsed([], cause));
  }

  /** Goes on with the next way when none is being tried; harmless at any time. */
  review(): void {
    if (this.#isRunning && !this.#memory.isStarted) this.#abandon();
    while (this.#isRunning && !this.#side && !this.#isConnecting) {
      const [way, ...rest] = this.#queue;
      this.#queue = rest;
      if (way) this.#try(way);
      else this.#finish();
    }
    this.#schedule();
  }

  ready({ open }: ReadySession): void {
    const side = this.#side;
    this.#side = undefined;
    side?.close({ message: "rehearsal" });
    this.#note(open, true);
  }

  failed(way: Way, why: Why): void {
    this.#side = undefined;
    this.#note(way, false, why);
  }

  /** A client that is connecting is not disturbed: its own attempt comes first. */
  get #isConnecting(): boolean {
    return ["resolving", "connecting", "authenticating"].includes(this.#memory.state.status);
  }

  #try(way: Way): void {
    const { open } = this.#memory;
    const standby = this.#standby();
    this.#began = this.#memory.now;
    if (open && wayKey(open) === wayKey(way) && this.#memory.state.status === "up")
      this.#note(way, true, { message: "in use" });
    else if (standby?.ready && wayKey(standby.way) === wayKey(way))
      this.#note(way, true, { message: "stands by" });
    else {
      this.#side = new SideSession(way, this.#memory, this.#context, this);
      this.#side.begin();
    }
  }

  /** Every peer of the list, whatever its track object says, from every source that can be used. */
  #ways(): readonly Way[] {
    const { peers, sources, ways } = this.#memory;
    if (sources.length === 0) return peers.map((peer) => ({ peer }));
    return ways.sources.usable.flatMap((source) => peers.map((peer) => ({ peer, source })));
  }

  #note({ peer, source }: Way, isWorking: boolean, why?: Why): void {
    const memory = this.#memory;
    const way: Way = source === undefined ? { peer } : { peer, source };
    const key = wayKey(way);
    const before = this.#results.get(key);
    const took = elapsed(this.#began, memory.now);
    this.#results.set(key, { way, isWorking, ...(why ? { why } : {}), at: memory.now, took });
    if (!isWorking && before?.isWorking !== false)
      memory.event(memory.tell.backupBroken(way, why ?? { message: "unknown" }, this.#cause));
    else if (isWorking && before?.isWorking === false)
      memory.event(memory.tell.backupWorks(way, this.#cause));
  }

  #finish(): void {
    this.#isRunning = false;
    this.#memory.event(this.#memory.tell.rehearsed(this.results, this.#cause));
    this.#scheduled = "";
  }

  #abandon(): void {
    this.#side?.close({ message: "the client is stopped" });
    this.#side = undefined;
    this.#isRunning = false;
    this.#queue = [];
  }

  /** Keeps the timer to the configuration's schedule. */
  #schedule(): void {
    const memory = this.#memory;
    const { rehearsal } = memory.config;
    const { random, wall } = this.#context;
    const wanted = rehearsal && memory.isStarted ? JSON.stringify([rehearsal, wall()]) : "";
    if (wanted === this.#scheduled || (this.#isRunning && wanted !== "")) return;
    const isFirst = this.#results.size === 0;
    this.#scheduled = wanted;
    memory.deadlines.cancel("rehearsal");
    if (!rehearsal || wanted === "") return;
    const wait = isFirst ? (Math.min(FIRST, rehearsal.every) as Duration) : rehearsal.every;
    const earliest = after(memory.now, spread(wait, random(2)));
    memory.deadlines.arm("rehearsal", nextRehearsal(earliest, rehearsal, wall(), random));
  }
}

/** From 0.9 to 1 of it, so that branches which started together do not rehearse together. */
function spread(wait: Duration, [high = 0, low = 0]: Uint8Array): Duration {
  return milliseconds(Math.round(wait * (0.9 + ((high << 8) | low) / 655_360)));
}

/** A daemon that has just started has other things to do first. */
const FIRST: Duration = minutes(10);
