/**
 * Deadlines by name for many names: the earliest is at hand without a look at all of them. A binary heap in which what was
 * cancelled or moved stays until it comes to the top.
 */
import type { MonotonicMs } from "#lib/duration.ts";

interface Entry {
  readonly name: string;
  readonly at: MonotonicMs;
}

export class DeadlineQueue {
  readonly #armed = new Map<string, Entry>();
  #heap: Entry[] = [];

  /** Arms or moves a deadline. */
  arm(name: string, at: MonotonicMs): void {
    if (this.#armed.get(name)?.at === at) return;
    const entry = { name, at };
    this.#armed.set(name, entry);
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#heap.length > 2 * this.#armed.size + SLACK) this.#rebuild();
  }

  /** Disarms; harmless when not armed. */
  cancel(name: string): void {
    this.#armed.delete(name);
  }

  /** The earliest deadline; undefined when none is armed. */
  next(): MonotonicMs | undefined {
    return this.#top()?.at;
  }

  /** Names whose time has come, earliest first; each is disarmed by this call. */
  due(now: MonotonicMs): readonly string[] {
    const names: string[] = [];
    for (let top = this.#top(); top && top.at <= now; top = this.#top()) {
      this.#armed.delete(top.name);
      names.push(top.name);
    }
    return names;
  }

  #top(): Entry | undefined {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (this.#armed.get(top.name) === top) return top;
      this.#dropTop();
    }
    return undefined;
  }

  #rebuild(): void {
    this.#heap = [...this.#armed.values()].sort((a, b) => a.at - b.at);
  }

  #dropTop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]];
    return left !== undefined && right !== undefined && left.at < right.at;
  }

  /** @returns whether the two changed places. */
  #swapIfEarlier(lower: number, upper: number): boolean {
    const [low, high] = [this.#heap[lower], this.#heap[upper]];
    if (!low || !high || low.at >= high.at) return false;
    this.#heap[upper] = low;
    this.#heap[lower] = high;
    return true;
  }
}

/** Entries without a use that are not worth a rebuild. */
const SLACK = 64;
