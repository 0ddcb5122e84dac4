import type { MonotonicMs } from "#lib/duration.ts";

/**
 * How many events may still be caused: a few at once, then one each half minute. A probe that flaps ten times a second
 * must not fill the log; what it does to a track is an event of the track.
 */
export class EventAllowance {
  readonly #burst: number;
  #left: number;
  #refilledAt: MonotonicMs | undefined;
  #withheld = 0;

  /** @param burst events that may come at once. */
  constructor(burst: number) {
    this.#burst = burst;
    this.#left = burst;
  }

  /** @returns how many were withheld before this one, or undefined when this one is withheld as well. */
  take(now: MonotonicMs): number | undefined {
    this.#refill(now);
    if (this.#left === 0) {
      this.#withheld++;
      return undefined;
    }
    this.#left--;
    const withheld = this.#withheld;
    this.#withheld = 0;
    return withheld;
  }

  #refill(now: MonotonicMs): void {
    const since = this.#refilledAt ?? now;
    const earned = Math.floor((now - since) / REFILL_MS);
    this.#left = Math.min(this.#burst, this.#left + earned);
    this.#refilledAt =
      this.#left === this.#burst ? now : ((since + earned * REFILL_MS) as MonotonicMs);
  }
}

const REFILL_MS = 30_000;
