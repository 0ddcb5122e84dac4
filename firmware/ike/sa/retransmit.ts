/**
 * One request on its way: its bytes as sent, how often and when they are sent again. Knows neither what the request
 * asks nor what its loss means. RFC 7296 §2.1 and §2.4.
 */
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import { after } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { RetransmitPolicy } from "../connection.ts";
import { randomFraction } from "./jitter.ts";

/**
 * Wait before retransmission number `attempt` (0 is the first): initial × factor^attempt × stretch.
 * @param stretch 1 for the policy's own waits.
 */
export function retransmitDelay(
  policy: RetransmitPolicy,
  attempt: number,
  stretch: number,
): Duration {
  return Math.round(policy.initial * policy.factor ** attempt * stretch) as Duration;
}

/**
 * The schedule of one outstanding request. Its jitter is drawn once and stretches all waits alike: draws of their own
 * would add up to much the same whole in most branches, and those that lost one hub would give it up, and ask the next,
 * crowded around the middle. One draw spreads them evenly from the shortest whole to the longest.
 */
export class Retransmission {
  /** Datagrams of the request, one or all fragments: sent again bit by bit. */
  readonly datagrams: readonly Uint8Array[];
  readonly #policy: RetransmitPolicy;
  readonly #stretch: number;
  #sent = 0;
  #dueAt: MonotonicMs;

  constructor(
    datagrams: readonly Uint8Array[],
    policy: RetransmitPolicy,
    now: MonotonicMs,
    random: RandomSource,
  ) {
    this.datagrams = datagrams;
    this.#policy = policy;
    this.#stretch = 1 + policy.jitter * (2 * randomFraction(random) - 1);
    this.#dueAt = after(now, retransmitDelay(policy, 0, this.#stretch));
  }

  /** When to send again, or to give up when all tries are used. */
  get dueAt(): MonotonicMs {
    return this.#dueAt;
  }

  /** Retransmissions made so far. */
  get count(): number {
    return this.#sent;
  }

  /** Takes one more try. @returns false when the limit is reached: nobody answers. */
  advance(now: MonotonicMs): boolean {
    if (this.#sent >= this.#policy.limit) return false;
    this.#sent++;
    this.#dueAt = after(now, retransmitDelay(this.#policy, this.#sent, this.#stretch));
    return true;
  }
}
