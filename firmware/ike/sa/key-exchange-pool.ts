/**
 * Key pairs made before they are needed: an idle moment pays for what would otherwise stand between two messages.
 * Every pair is handed out once.
 */
import { generateKeyExchange, type KeyExchange } from "#crypto/key-exchange.ts";
import type { RandomSource } from "#lib/engine.ts";

/** See the file's head. */
export class KeyExchangePool {
  readonly #random: RandomSource;
  readonly #spare = new Map<number, KeyExchange>();
  readonly #used = new Set<number>();

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A fresh pair of the method, spare or made now. */
  take(method: number): KeyExchange {
    this.#used.add(method);
    const spare = this.#spare.get(method);
    if (!spare) return generateKeyExchange(method, this.#random);
    this.#spare.delete(method);
    return spare;
  }

  /** Makes spares of the methods used so far; for moments when nobody waits. */
  refill(): void {
    for (const method of this.#used)
      if (!this.#spare.has(method))
        this.#spare.set(method, generateKeyExchange(method, this.#random));
  }
}
