/**
 * The one place that waits: takes inputs for the engines, gives their actions to those who perform them, and sleeps until
 * the next deadline or input. It decides nothing.
 */
import { earliest } from "#lib/deadlines.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import type { Clock } from "./clock.ts";

/** Sees every input of every engine with what came of it, after it was decided and before it is performed. */
export type Observer = (
  part: string,
  input: unknown,
  actions: readonly unknown[],
  now: MonotonicMs,
) => void;

/** An engine together with what performs its actions. */
export interface Part<Input, Action> {
  /** Folder of the engine. */
  readonly name: string;
  readonly engine: Engine<Input, Action>;
  /** May call `Loop.give` for any part; what it gives is handled after the actions at hand. */
  perform(action: Action): void;
  /** The input that says "look at your deadlines". */
  readonly timeout: Input;
  /**
   * True for an engine that takes silence for an answer: what sockets hold already is read before its deadlines are
   * looked at, so that a busy moment of this process is not taken for the silence of others.
   */
  readonly readsFirst?: true;
}

type Job = () => void;

/** Node's timers hold no longer delay than this; a later deadline is looked at again then. */
const LONGEST_SLEEP_MS = 0x7fff_ffff;
/** The wall clock counts as stepped when it moved this much against the monotonic one. */
const STEP_MS = 1_000;

export class Loop {
  readonly #clock: Clock;
  readonly #settle: () => void;
  readonly #wallStepped: (time: WallClock) => void;
  readonly #parts: Part<unknown, unknown>[] = [];
  readonly #jobs: Job[] = [];
  readonly #observers = new Set<Observer>();
  #isDraining = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;
  /** The deadline that the timer stands for. */
  #sleepsUntil: MonotonicMs | undefined;
  #wallOffset: number;

  /**
   * @param settle is called whenever no input waits any more, before sleeping.
   * @param wallStepped hears when the wall clock was set.
   */
  constructor(clock: Clock, settle: () => void, wallStepped: (time: WallClock) => void) {
    this.#clock = clock;
    this.#settle = settle;
    this.#wallStepped = wallStepped;
    this.#wallOffset = clock.wall() - clock.now();
  }

  /** Adds a part; its deadlines are watched from the next input on. */
  add<Input, Action>(part: Part<Input, Action>): void {
    this.#parts.push(part as Part<unknown, unknown>);
  }

  /** Hands an input to a part, at once or, from within an action, after the actions at hand. */
  give<Input, Action>(part: Part<Input, Action>, input: Input): void {
    this.#jobs.push(() => {
      const now = this.#clock.now();
      const actions = part.engine.handle(input, now);
      for (const observe of this.#observers) observe(part.name, input, actions, now);
      for (const action of actions) part.perform(action);
    });
    this.#drain();
  }

  /** Shows `observer` everything from now on; it may keep nothing that holds keys. @returns what ends it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => {
      this.#observers.delete(observer);
    };
  }

  /** Nothing is handled and no timer runs after this. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#jobs.length = 0;
  }

  #drain(): void {
    if (this.#isDraining || this.#isStopped) return;
    this.#isDraining = true;
    try {
      for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) job();
      this.#settle();
    } finally {
      this.#isDraining = false;
    }
    if (this.#jobs.length > 0) this.#drain();
    else this.#sleep();
  }

  #sleep(): void {
    if (this.#isStopped) return;
    let next: MonotonicMs | undefined;
    for (const { engine } of this.#parts) next = earliest(next, engine.nextTimeout());
    // Most inputs leave the next deadline where it was.
    if (next === this.#sleepsUntil) return;
    clearTimeout(this.#timer);
    this.#sleepsUntil = next;
    if (next === undefined) return;
    const delay = Math.min(LONGEST_SLEEP_MS, Math.max(0, Math.ceil(next - this.#clock.now())));
    this.#timer = setTimeout(() => this.#wake(), delay);
  }

  #wake(): void {
    this.#sleepsUntil = undefined;
    this.#noticeStep();
    const now = this.#clock.now();
    for (const part of this.#parts) {
      if (!isDue(part.engine.nextTimeout(), now)) continue;
      // Immediates run once the sockets have been read.
      if (part.readsFirst) setImmediate(() => this.give(part, part.timeout));
      else this.give(part, part.timeout);
    }
    this.#drain();
  }

  #noticeStep(): void {
    const offset = this.#clock.wall() - this.#clock.now();
    if (Math.abs(offset - this.#wallOffset) < STEP_MS) return;
    this.#wallOffset = offset;
    this.#wallStepped(this.#clock.wall());
  }
}

function isDue(deadline: MonotonicMs | undefined, now: MonotonicMs): boolean {
  return deadline !== undefined && deadline <= now;
}
