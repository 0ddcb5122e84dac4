/** Counts that belong to no single SA, kept from the start of the process: what `show stats` sums up. */
import type { StoredEvent } from "./document.ts";

/** A count by name; names are the mnemonics of events and what the parts add, such as `ike.datagrams-in`. */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(name: string, amount = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount);
  }

  /** Counts an event by its mnemonic; give it to `EventLog.subscribe`. */
  readonly countEvent = (event: StoredEvent): void => this.add(event.mnemonic);

  /** All counts, by name in alphabetical order. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
