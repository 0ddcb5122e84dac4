/**
 * One request on its way: its bytes as sent, how often and when they are sent again. Knows neither what the request
 * asks nor what its loss means. RFC 7296 §2.1 and §2.4.
 */
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import { after } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { RetransmitPolicy } from "../connection.ts";
import { jittered } from "./jitter.ts";

/** Wait before retransmission number `attempt` (0 is the first): initial × factor^attempt, spread by ± jitter. */
export function retransmitDelay(
  policy: RetransmitPolicy,
  attempt: number,
  random: RandomSource,
): Duration {
  const base = (policy.initial * policy.factor ** attempt) as Duration;
  return jittered(base, policy.jitter, random);
}

/** The schedule of one outstanding request. */
export class Retransmission {
  /** Datagrams of the request, one or all fragments: sent again bit by bit. */
  readonly datagrams: readonly Uint8Array[];
  readonly #policy: RetransmitPolicy;
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
    this.#dueAt = after(now, retransmitDelay(policy, 0, random));
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
  advance(now: MonotonicMs, random: RandomSource): boolean {
    if (this.#sent >= this.#policy.limit) return false;
    this.#sent++;
    this.#dueAt = after(now, retransmitDelay(this.#policy, this.#sent, random));
    return true;
  }
}
