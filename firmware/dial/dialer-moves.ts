/**
 * What a dialer does: the moves that the rows of `states.ts` name. Each changes the state once, arms the timers that
 * belong to it, and leaves actions and events in the memory. It knows no other dialer, so none waits for another.
 */
import { after, type Duration, elapsed, formatDuration, seconds } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import { dialerSubject, type EventSubject } from "#state/event.ts";
import { waitOf } from "./backoff.ts";
import { DialerEvents } from "./dialer-events.ts";
import type { DialerMemory } from "./dialer-memory.ts";
import type { DialWhy, LineEnd, LineId } from "./line.ts";
import type { DialState, DialTimer, Moves, Trigger } from "./states.ts";

type On<Name extends Trigger["on"]> = Extract<Trigger, { on: Name }>;

/** A line that was up this long has held: what went wrong before it is forgotten. */
export const HELD_LONG_ENOUGH = seconds(30);
/** From the request to end until force is used: programs of the system take their time to release what they have. */
export const HANG_UP_LIMIT = seconds(15);
/** The same for an attempt that has had its time already, and when the daemon ends. */
export const SHORT_HANG_UP_LIMIT = seconds(5);
/** From a kill until the next look at what it did not end. */
export const KILL_AGAIN = seconds(10);
export const RESET_LIMIT = seconds(60);
/** So many failures in a row ask for a reset where nobody knows better; each further reset takes as many again. */
export const FAILURES_TO_RESET = 3;

export class DialerMoves implements Moves {
  readonly #memory: DialerMemory;
  readonly #events: DialerEvents;
  readonly #random: RandomSource;
  readonly #nextLine: () => LineId;

  constructor(memory: DialerMemory, random: RandomSource, nextLine: () => LineId) {
    this.#memory = memory;
    this.#events = new DialerEvents(memory.config.name);
    this.#random = random;
    this.#nextLine = nextLine;
  }

  dial({ cause }: On<"demanded">): void {
    this.#dial(cause);
  }

  keep(): void {
    this.#memory.deadlines.cancel("idle");
  }

  release({ cause }: On<"released">): void {
    const { config } = this.#memory;
    this.#event(this.#events.released(config.idle, cause));
    this.#arm("idle", config.idle);
  }

  connect({ line, facts }: On<"line-up">): void {
    const memory = this.#memory;
    const { state, now } = memory;
    if (state.status === "connected") {
      memory.state = { ...state, facts };
      return;
    }
    memory.deadlines.cancel("limit");
    memory.counts.connections++;
    this.#enter({ status: "connected", line, since: now, facts }, { message: "the line is up" });
    this.#event(this.#events.up(facts, elapsed(memory.dialledAt, now)));
  }

  attemptFailed({ end }: On<"line-ended">): void {
    this.#failed(end);
  }

  attemptTooLong(): void {
    const { timeout } = this.#memory.config;
    const failure: LineEnd = {
      code: "dial.timeout",
      message: `no connection within ${formatDuration(timeout)}`,
      remedy: "look at the modem and the line, or give it more time: timeout",
      isModemFault: true,
    };
    this.#hangUp(failure, SHORT_HANG_UP_LIMIT, failure);
  }

  lost({ end }: On<"line-ended">): void {
    const held = this.#countConnected();
    this.#event(this.#events.lost(end, held));
    this.#memory.lastFailure = { why: end, at: this.#memory.now };
    if (held >= HELD_LONG_ENOUGH) this.#memory.level = 0;
    else this.#memory.level++;
    if (!this.#memory.isDemanded) this.#rest(end);
    else if (held >= HELD_LONG_ENOUGH) this.#dial(this.#self);
    else this.#backOff(end);
  }

  idleOver(): void {
    const { idle } = this.#memory.config;
    const message = `nobody demanded the line for ${formatDuration(idle)}`;
    this.#hangUp({ message }, HANG_UP_LIMIT);
  }

  hangUp({ on, reason }: On<"replaced" | "shut-down">): void {
    const limit = on === "shut-down" ? SHORT_HANG_UP_LIMIT : HANG_UP_LIMIT;
    this.#hangUp({ message: reason }, limit);
  }

  hurry(): void {
    const { deadlines, now } = this.#memory;
    const soon = after(now, SHORT_HANG_UP_LIMIT);
    const force = deadlines.at("force");
    if (force === undefined || force > soon) deadlines.arm("force", soon);
  }

  forget(): void {
    const memory = this.#memory;
    memory.deadlines.cancelAll();
    memory.level = 0;
    if (memory.isDemanded) this.#dial(undefined);
    else this.#rest({ message: "nobody demands the line" });
  }

  recover(): void {
    const { config } = this.#memory;
    const line = this.#nextLine();
    const why = { message: "it was dialled by an earlier process of the daemon" };
    this.#event(this.#events.leftover());
    this.#enter({ status: "hanging-up", line, why, force: "asked" }, why);
    this.#arm("force", SHORT_HANG_UP_LIMIT);
    this.#memory.actions.push({ kind: "recover", line, dialer: config });
  }

  hungUp({ end }: On<"line-ended">): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status !== "hanging-up") return;
    memory.deadlines.cancelAll();
    if (state.failure) {
      const detail = end.code === "dial.terminated" ? undefined : end.message;
      const failure = detail === undefined ? state.failure : withDetail(state.failure, detail);
      this.#failed(failure);
      return;
    }
    if (memory.isDemanded) this.#dial(this.#self);
    else this.#rest(state.why);
  }

  kill(): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status !== "hanging-up") return;
    const force = state.force === "asked" ? "killed" : "stuck";
    memory.state = { ...state, force };
    memory.actions.push({ kind: "kill", line: state.line });
    if (force === "killed") this.#event(this.#events.killed("the program"));
    else if (state.force !== "stuck") this.#event(this.#events.stuck());
    const mayReset = state.force === "killed" && this.#canReset && !memory.isEnding;
    if (mayReset) this.#reset(state.failure ?? STUCK, state.line);
    else this.#arm("force", KILL_AGAIN);
  }

  retry(): void {
    if (this.#memory.isDemanded) this.#dial(this.#self);
    else this.#rest({ message: "nobody demands the line" });
  }

  resetDone({ line, end }: On<"line-ended">): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status !== "resetting") return;
    if (line === state.stuck) {
      const { stuck: _, ...rest } = state;
      memory.state = rest;
      return;
    }
    memory.deadlines.cancelAll();
    if (end.code !== "dial.done") this.#event(this.#events.resetFailed(end));
    if (state.stuck === undefined) {
      this.#backOff(state.why);
      return;
    }
    const { stuck, why } = state;
    this.#enter({ status: "hanging-up", line: stuck, why, failure: STUCK, force: "stuck" }, why);
    this.#arm("force", KILL_AGAIN);
  }

  resetTooLong(): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status !== "resetting") return;
    if (!state.isKilled) this.#event(this.#events.killed("the reset program"));
    memory.state = { ...state, isKilled: true };
    memory.actions.push({ kind: "kill", line: state.line });
    this.#arm("limit", KILL_AGAIN);
  }

  #dial(cause: EventSubject | undefined): void {
    const memory = this.#memory;
    const { config, counts } = memory;
    const line = this.#nextLine();
    counts.attempts++;
    memory.dialledAt = memory.now;
    const demand = memory.demanders.join(", ");
    this.#event(this.#events.dialing(demand, counts.attempts, cause));
    this.#enter({ status: "dialing", line }, { message: `dialing for ${demand}` });
    this.#arm("limit", config.timeout);
    memory.actions.push({ kind: "dial", line, dialer: config });
  }

  #failed(end: LineEnd): void {
    const memory = this.#memory;
    memory.deadlines.cancelAll();
    memory.counts.failures++;
    memory.level++;
    memory.lastFailure = { why: end, at: memory.now };
    this.#event(this.#events.failed(end, memory.level));
    const isManyth = memory.level % FAILURES_TO_RESET === 0;
    if (!memory.isEnding && this.#canReset && (end.isModemFault ?? isManyth))
      this.#reset(end, undefined);
    else this.#backOff(end);
  }

  #reset(why: DialWhy, stuck: LineId | undefined): void {
    const memory = this.#memory;
    const line = this.#nextLine();
    memory.deadlines.cancelAll();
    memory.counts.resets++;
    this.#event(this.#events.reset(why));
    const state = { status: "resetting", line, why, isKilled: false } as const;
    this.#enter(stuck === undefined ? state : { ...state, stuck }, why);
    this.#arm("limit", RESET_LIMIT);
    memory.actions.push({ kind: "reset", line, dialer: memory.config });
  }

  #backOff(why: DialWhy): void {
    const memory = this.#memory;
    if (memory.isEnding) {
      this.#rest(why);
      return;
    }
    memory.deadlines.cancelAll();
    memory.level = Math.max(1, memory.level);
    const wait = waitOf(memory.config.backoff, memory.level, this.#random);
    this.#event(this.#events.backoff(wait, why));
    this.#enter({ status: "backoff", why, until: after(memory.now, wait) }, why);
    this.#arm("retry", wait);
  }

  #hangUp(why: DialWhy, limit: Duration, failure?: LineEnd): void {
    const memory = this.#memory;
    const { state } = memory;
    if (state.status !== "dialing" && state.status !== "connected") return;
    const { line } = state;
    memory.deadlines.cancelAll();
    if (state.status === "connected") {
      const held = this.#countConnected();
      if (held >= HELD_LONG_ENOUGH) memory.level = 0;
      this.#event(this.#events.down(why, held));
    } else this.#event(this.#events.hangingUp(why, this.#self));
    const next = { status: "hanging-up", line, why, force: "asked" } as const;
    this.#enter(failure === undefined ? next : { ...next, failure }, why);
    this.#arm("force", limit);
    memory.actions.push({ kind: "hang-up", line });
  }

  #rest(why: DialWhy): void {
    this.#memory.deadlines.cancelAll();
    this.#enter({ status: "idle" }, why);
  }

  /** How long the line was up that is not any more. */
  #countConnected(): Duration {
    const { state, now, counts } = this.#memory;
    const held = state.status === "connected" ? elapsed(state.since, now) : (0 as Duration);
    counts.connectedMs += held;
    return held;
  }

  #enter(state: DialState, why: DialWhy): void {
    const memory = this.#memory;
    memory.state = state;
    memory.since = memory.now;
    memory.why = why;
  }

  #arm(timer: DialTimer, delay: Duration): void {
    this.#memory.deadlines.arm(timer, after(this.#memory.now, delay));
  }

  #event(event: ReturnType<DialerEvents["changed"]>): void {
    this.#memory.actions.push({ kind: "event", event });
  }

  get #canReset(): boolean {
    const { line, reset } = this.#memory.config;
    return reset !== undefined || line.kind === "modem-manager";
  }

  get #self(): EventSubject {
    return dialerSubject(this.#memory.config.name);
  }
}

const STUCK: LineEnd = {
  code: "dial.stuck",
  message: "the program did not end even when killed",
  remedy: "see the kernel log for the driver of the modem",
  isModemFault: true,
};

function withDetail(failure: LineEnd, detail: string): LineEnd {
  return { ...failure, message: `${failure.message}: ${detail}` };
}
