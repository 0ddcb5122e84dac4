/** The two clocks of the machine. Only the daemon reads them; engines are told. */
import type { MonotonicMs, WallClock } from "#lib/duration.ts";

export interface Clock {
  now(): MonotonicMs;
  wall(): WallClock;
}

/** Monotonic time counts from the start of the process and keeps fractions of a millisecond. */
export const systemClock: Clock = {
  now: () => performance.now() as MonotonicMs,
  wall: () => Date.now() as WallClock,
};

/** Two readings of both clocks differ by less than this unless the wall clock was set, or has been slewed for long. */
const READING_ERROR_MS = 100;

/** Says when an instant of the monotonic clock was: the same time whenever it is asked, until the wall clock is set. */
export class Calendar {
  readonly #clock: Clock;
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = this.#read();
  }

  at(instant: MonotonicMs): WallClock {
    const offset = this.#read();
    if (Math.abs(offset - this.#offset) >= READING_ERROR_MS) this.#offset = offset;
    return Math.floor(this.#offset + instant) as WallClock;
  }

  #read(): number {
    return this.#clock.wall() - this.#clock.now();
  }
}
