import type { MonotonicMs } from "./duration.ts";

/**
 * A table of named deadlines: each name is armed once or not at all. The owner asks `next()` when to be woken and
 * `due(now)` for what has come; late and spurious wake-ups are harmless.
 */
export class Deadlines<Name extends string> {
  readonly #at = new Map<Name, MonotonicMs>();

  /** Arms or moves a deadline. */
  arm(name: Name, at: MonotonicMs): void {
    this.#at.set(name, at);
  }

  /** Disarms; harmless when not armed. */
  cancel(name: Name): void {
    this.#at.delete(name);
  }

  cancelAll(): void {
    this.#at.clear();
  }

  /** When `name` comes; undefined when not armed. */
  at(name: Name): MonotonicMs | undefined {
    return this.#at.get(name);
  }

  /** The earliest deadline. */
  next(): MonotonicMs | undefined {
    let earliest: MonotonicMs | undefined;
    for (const at of this.#at.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Names whose time has come, earliest first; each is disarmed by this call. */
  due(now: MonotonicMs): readonly Name[] {
    const names = [...this.#at].filter(([, at]) => at <= now).sort((a, b) => a[1] - b[1]);
    for (const [name] of names) this.#at.delete(name);
    return names.map(([name]) => name);
  }
}

/** The earlier of deadlines that may be unarmed. */
export function earliest(
  ...deadlines: readonly (MonotonicMs | undefined)[]
): MonotonicMs | undefined {
  let first: MonotonicMs | undefined;
  for (const at of deadlines)
    if (at !== undefined && (first === undefined || at < first)) first = at;
  return first;
}
