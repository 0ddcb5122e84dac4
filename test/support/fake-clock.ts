/**
 * The one clock of a simulated world: a queue of things to do, each at its instant. Nothing sleeps; time passes when
 * the earliest of them is done. Things due at the same instant happen in the order in which they were planned.
 */
import type { Duration, MonotonicMs } from "#lib/duration.ts";

/** Something planned; `cancel` is harmless after it happened. */
export interface Planned {
  readonly at: MonotonicMs;
  cancel(): void;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that passes by doing what is planned. */
export class FakeClock {
  #now = 0;
  #order = 0;
  /** Sorted so that the next to happen is last. */
  readonly #queue: Entry[] = [];

  get now(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  /** When the next thing happens; undefined when nothing is planned. */
  get next(): MonotonicMs | undefined {
    this.#dropCancelled();
    return this.#queue.at(-1)?.at as MonotonicMs | undefined;
  }

  /** How many things are planned. */
  get pending(): number {
    return this.#queue.filter((entry) => !entry.isCancelled).length;
  }

  /** Plans `run` for an instant; one in the past means now. */
  at(instant: MonotonicMs, run: () => void): Planned {
    const at = Math.max(instant, this.#now);
    const entry: Entry = { at, order: this.#order++, run, isCancelled: false };
    let low = 0;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#queue[middle] as Entry;
      if (other.at > at || (other.at === at && other.order > entry.order)) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, entry);
    return {
      at: at as MonotonicMs,
      cancel: () => {
        entry.isCancelled = true;
      },
    };
  }

  /** Plans `run` for `delay` from now. */
  after(delay: Duration | number, run: () => void): Planned {
    return this.at((this.#now + delay) as MonotonicMs, run);
  }

  /** Does the earliest planned thing, moving time to it. @returns false when nothing is planned. */
  step(): boolean {
    this.#dropCancelled();
    const entry = this.#queue.pop();
    if (!entry) return false;
    this.#now = entry.at;
    entry.run();
    return true;
  }

  /** Moves time without doing anything, for the end of a span in which nothing more was planned. */
  advanceTo(instant: MonotonicMs): void {
    this.#now = Math.max(this.#now, instant);
  }

  #dropCancelled(): void {
    while (this.#queue.at(-1)?.isCancelled) this.#queue.pop();
  }
}
