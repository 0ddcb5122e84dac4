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
  /** A binary heap: the next to happen is first, and each comes before the two at twice its place. */
  readonly #queue: Entry[] = [];

  get now(): MonotonicMs {
    return this.#now as MonotonicMs;
  }

  /** When the next thing happens; undefined when nothing is planned. */
  get next(): MonotonicMs | undefined {
    this.#dropCancelled();
    return this.#queue[0]?.at as MonotonicMs | undefined;
  }

  /** How many things are planned. */
  get pending(): number {
    return this.#queue.filter((entry) => !entry.isCancelled).length;
  }

  /** Plans `run` for an instant; one in the past means now. */
  at(instant: MonotonicMs, run: () => void): Planned {
    const at = Math.max(instant, this.#now);
    const entry: Entry = { at, order: this.#order++, run, isCancelled: false };
    this.#rise(entry);
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
    const entry = this.#takeFirst();
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
    while (this.#queue[0]?.isCancelled) this.#takeFirst();
  }

  #takeFirst(): Entry | undefined {
    const first = this.#queue[0];
    const last = this.#queue.pop();
    if (last && last !== first) this.#sink(last);
    return first;
  }

  /** Puts an entry at the end and lets it rise to its place. */
  #rise(entry: Entry): void {
    const queue = this.#queue;
    let place = queue.length;
    while (place > 0) {
      const parent = queue[(place - 1) >> 1] as Entry;
      if (!isBefore(entry, parent)) break;
      queue[place] = parent;
      place = (place - 1) >> 1;
    }
    queue[place] = entry;
  }

  /** Puts an entry in the first place and lets it sink to its own. */
  #sink(entry: Entry): void {
    const queue = this.#queue;
    let place = 0;
    for (;;) {
      const [left, right] = [queue[2 * place + 1], queue[2 * place + 2]];
      if (!left) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, entry)) break;
      queue[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    queue[place] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
