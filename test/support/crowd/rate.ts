/** How evenly instants lie in time: the mean rate over their span, and the busiest stretch of any length. */
import { SeededRandom } from "../seeded-random.ts";

export interface Rate {
  readonly count: number;
  /** Instants of the first and of the last, in milliseconds. */
  readonly first: number;
  readonly last: number;
  /** A second, from the first to the last; over one second where they lie closer. */
  readonly mean: number;
  /** A second, in the busiest second, wherever it begins. */
  readonly peakSecond: number;
  /** A second, in the busiest tenth of a second, wherever it begins. */
  readonly peakTenth: number;
}

/** @param instants in milliseconds, in any order. */
export function rateOf(instants: readonly number[]): Rate {
  const sorted = [...instants].sort((a, b) => a - b);
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  const span = Math.max(last - first, 1_000) / 1_000;
  return {
    count: sorted.length,
    first,
    last,
    mean: sorted.length / span,
    peakSecond: mostWithin(sorted, 1_000),
    peakTenth: mostWithin(sorted, 100) * 10,
  };
}

/** Most instants in any stretch of `length` milliseconds. */
export function mostWithin(instants: readonly number[], length: number): number {
  const sorted = [...instants].sort((a, b) => a - b);
  let [most, start] = [0, 0];
  for (const [end, at] of sorted.entries()) {
    while (at - (sorted[start] ?? at) >= length) start++;
    most = Math.max(most, end - start + 1);
  }
  return most;
}

/** The same number of instants thrown into the same span with equal chance for each moment: what chance alone makes. */
export function evenly({ count, first, last }: Rate, seed: number): Rate {
  const random = new SeededRandom(seed);
  return rateOf(Array.from({ length: count }, () => random.between(first, last)));
}
