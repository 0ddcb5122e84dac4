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
