/** Echoes on their way, by ICMP sequence number. It is told the time and sends nothing. */
import type { ProbeId } from "#sla/probe.ts";

export interface SentEcho {
  readonly id: ProbeId;
  readonly packet: number;
  /** Milliseconds of the caller's clock. */
  readonly sentAt: number;
  /** Nobody waits for its answer after this. */
  readonly expiresAt: number;
}

/** Numbers go round in 16 bits; an echo that nobody waits for any more is forgotten on the way. */
export class SentEchoes {
  readonly #sent = new Map<number, SentEcho>();
  #next = 0;
  #oldest = 0;

  /** How many are remembered. */
  get size(): number {
    return this.#sent.size;
  }

  /** The number for the next echo. */
  nextSequence(now: number): number {
    while (this.#oldest !== this.#next) {
      const echo = this.#sent.get(this.#oldest);
      if (echo && echo.expiresAt > now) break;
      this.#sent.delete(this.#oldest);
      this.#oldest = (this.#oldest + 1) & 0xffff;
    }
    const sequence = this.#next;
    this.#next = (sequence + 1) & 0xffff;
    // All numbers are taken: the oldest echo gives way.
    if (this.#next === this.#oldest) {
      this.#sent.delete(this.#oldest);
      this.#oldest = (this.#oldest + 1) & 0xffff;
    }
    return sequence;
  }

  add(sequence: number, echo: SentEcho): void {
    this.#sent.set(sequence, echo);
  }

  /** The echo that an answer belongs to; an answer is taken once. */
  take(sequence: number, id: number, packet: number): SentEcho | undefined {
    const echo = this.#sent.get(sequence);
    if (echo?.id !== id || echo.packet !== packet) return undefined;
    this.#sent.delete(sequence);
    return echo;
  }

  clear(): void {
    this.#sent.clear();
  }
}
