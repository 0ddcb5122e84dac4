import type { MonotonicMs } from "./duration.ts";

/** One thing that is waited for; it is in a heap at most once. */
export class Deadline<Owner> {
  readonly owner: Owner;
  /** When it comes; changed by `DeadlineHeap.arm` only. */
  at: MonotonicMs = 0 as MonotonicMs;
  /** Its place in the heap, kept by the heap; below zero while it is not armed. */
  place = -1;

  constructor(owner: Owner) {
    this.owner = owner;
  }
}

/**
 * Many deadlines, of which the earliest is wanted: a binary heap. Arming, moving and cancelling cost the logarithm of
 * their number, asking for the earliest costs nothing. For a handful with names of their own see `Deadlines`.
 */
export class DeadlineHeap<Owner> {
  readonly #heap: Deadline<Owner>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Arms or moves a deadline. */
  arm(deadline: Deadline<Owner>, at: MonotonicMs): void {
    deadline.at = at;
    if (deadline.place < 0) {
      deadline.place = this.#heap.length;
      this.#heap.push(deadline);
    }
    this.#settle(deadline);
  }

  /** Disarms; harmless when not armed. */
  cancel(deadline: Deadline<Owner>): void {
    const { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === deadline) return;
    last.place = place;
    this.#heap[place] = last;
    this.#settle(last);
  }

  /** The earliest deadline; it stays armed. */
  first(): Deadline<Owner> | undefined {
    return this.#heap[0];
  }

  /** Moves a deadline to where its time belongs: up while it is earlier than its parent, else down. */
  #settle(deadline: Deadline<Owner>): void {
    const heap = this.#heap;
    let place = deadline.place;
    for (let parent = heap[(place - 1) >> 1]; place > 0; parent = heap[(place - 1) >> 1]) {
      if (parent === undefined || parent.at <= deadline.at) break;
      heap[place] = parent;
      const above = parent.place;
      parent.place = place;
      place = above;
    }
    for (let child = this.#earlierChild(place); child; child = this.#earlierChild(place)) {
      if (child.at >= deadline.at) break;
      heap[place] = child;
      const below = child.place;
      child.place = place;
      place = below;
    }
    heap[place] = deadline;
    deadline.place = place;
  }

  #earlierChild(place: number): Deadline<Owner> | undefined {
    const left = this.#heap[place * 2 + 1];
    const right = this.#heap[place * 2 + 2];
    return right !== undefined && left !== undefined && right.at < left.at ? right : left;
  }
}
