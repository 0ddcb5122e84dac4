/** When to rehearse: after the interval, and within the window of the day where the time of day is known. Pure arithmetic. */
import type { ResolvedRehearsal } from "#config/resolved.ts";
import { after, type Duration, type MonotonicMs, minutes } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";

/** What the wall clock said at an instant of the monotonic one. */
export interface TimeOfDay {
  readonly at: MonotonicMs;
  /** Minutes after local midnight, with fractions. */
  readonly minuteOfDay: number;
}

/**
 * The first instant from `earliest` on that lies in the window; anywhere in the window, evenly, when `earliest` does not.
 * Without a window, or while nobody knows the time of day, it is `earliest` itself.
 */
export function nextRehearsal(
  earliest: MonotonicMs,
  { window }: ResolvedRehearsal,
  wall: TimeOfDay | undefined,
  random: RandomSource,
): MonotonicMs {
  if (!window || !wall) return earliest;
  const minute = modulo(wall.minuteOfDay + (earliest - wall.at) / MINUTE, DAY);
  const length = modulo(window.to - window.from, DAY);
  if (modulo(minute - window.from, DAY) < length) return earliest;
  const [high = 0, low = 0] = random(2);
  const within = (length * ((high << 8) | low)) / 65_536;
  return after(earliest, minutes(modulo(window.from - minute, DAY) + within) as Duration);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

const MINUTE = 60_000;
/** Minutes. */
const DAY = 24 * 60;
