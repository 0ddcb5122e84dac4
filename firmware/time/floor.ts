/** The earliest that it can be: what is known of the time without a clock, carried forward by the monotonic one. */
import { elapsed, type MonotonicMs, type WallClock } from "#lib/duration.ts";

/** Where the knowledge is from. */
export type FloorSource = "made" | "saved" | "certificate" | "clock";

export class Floor {
  #time = 0;
  #at = 0 as MonotonicMs;
  #source: FloorSource = "made";

  get source(): FloorSource {
    return this.#source;
  }

  /** It is at least this late at `now`. */
  earliest(now: MonotonicMs): WallClock {
    return (this.#time + elapsed(this.#at, now)) as WallClock;
  }

  /** It is known that `time` has been by `now`. @returns false when later times were known already. */
  raise(time: WallClock, source: FloorSource, now: MonotonicMs): boolean {
    if (time <= this.earliest(now)) return false;
    this.set(time, source, now);
    return true;
  }

  /** Forgets what was known before, which proved wrong. */
  set(time: WallClock, source: FloorSource, now: MonotonicMs): void {
    this.#time = time;
    this.#at = now;
    this.#source = source;
  }
}

/** How the knowledge is told of: fills "…, and X". @param text of the time. */
export function describeFloor(source: FloorSource, text: string): string {
  switch (source) {
    case "made":
      return `this software was made at ${text}`;
    case "saved":
    case "clock":
      return `it was ${text} here already`;
    case "certificate":
      return `the certificate of this branch begins at ${text}`;
  }
}
