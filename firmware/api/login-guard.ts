/** Slows down who guesses passwords. It reads no clock; times are monotonic milliseconds. */
import { type IpAddress, ipBytes } from "#lib/ip.ts";

interface Guesser {
  failures: number;
  /** No attempt is looked at before. */
  until: number;
  latest: number;
}

/** Attempts that cost nothing but their own time: a person mistypes. */
const FREE_FAILURES = 5;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
/** After so long without a failure it begins anew. */
const MEMORY = 900_000;
/** Addresses remembered; the one that was quiet longest is forgotten. */
const MOST_GUESSERS = 1_000;

/** Failures by address; IPv6 by /64, because a host has them all. */
export class LoginGuard {
  readonly #guessers = new Map<string, Guesser>();

  /** How many addresses are remembered. */
  get remembered(): number {
    return this.#guessers.size;
  }

  /** @returns how long this address has to wait, in milliseconds; 0 when it may try. */
  wait(from: IpAddress, now: number): number {
    const guesser = this.#guessers.get(keyOf(from));
    return guesser ? Math.max(0, guesser.until - now) : 0;
  }

  /** @returns the failures in a row of this address. */
  failed(from: IpAddress, now: number): number {
    const key = keyOf(from);
    const before = this.#guessers.get(key);
    const isRecent = before !== undefined && now - before.latest < MEMORY;
    const failures = isRecent ? before.failures + 1 : 1;
    const steps = failures - FREE_FAILURES;
    const wait = steps < 0 ? 0 : Math.min(FIRST_WAIT * 2 ** steps, LONGEST_WAIT);
    this.#guessers.delete(key);
    this.#guessers.set(key, { failures, until: now + wait, latest: now });
    for (const oldest of this.#guessers.keys()) {
      if (this.#guessers.size <= MOST_GUESSERS) break;
      this.#guessers.delete(oldest);
    }
    return failures;
  }

  succeeded(from: IpAddress): void {
    this.#guessers.delete(keyOf(from));
  }
}

function keyOf(address: IpAddress): string {
  const bytes = ipBytes(address);
  return bytes.length === 4 ? address : Buffer.from(bytes.subarray(0, 8)).toString("hex");
}
