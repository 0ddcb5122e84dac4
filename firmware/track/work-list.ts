/** Objects to look at again, those with the lowest rank first: each is looked at once, after all of its members. */
import type { EventSubject } from "#state/event.ts";

/** An object to look at, and what gave cause to. */
export interface Work {
  readonly name: string;
  /** In the order in which they came. */
  readonly causes: readonly EventSubject[];
}

export class WorkList {
  readonly #rankOf: (name: string) => number;
  readonly #byRank: (Map<string, EventSubject[]> | undefined)[] = [];

  constructor(rankOf: (name: string) => number) {
    this.#rankOf = rankOf;
  }

  /** Ranks only rise while work is done: what work adds is of a higher rank than itself. */
  add(name: string, cause?: EventSubject): void {
    const rank = this.#rankOf(name);
    const row = this.#byRank[rank] ?? new Map<string, EventSubject[]>();
    this.#byRank[rank] = row;
    const causes = row.get(name) ?? [];
    if (cause !== undefined) causes.push(cause);
    row.set(name, causes);
  }

  /** Hands every object to `look`, which may add more. */
  run(look: (work: Work) => void): void {
    for (let rank = 0; rank < this.#byRank.length; rank++) {
      for (const [name, causes] of this.#byRank[rank] ?? []) look({ name, causes });
      this.#byRank[rank] = undefined;
    }
    this.#byRank.length = 0;
  }
}
