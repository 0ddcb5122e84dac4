/**
 * What a series of results amounts to: counts, round-trip times, jitter and loss. It knows no probe and no clock.
 * Sources: IOS `show ip sla statistics`, RFC 3550 §6.4.1 for jitter
 */

/** One run of an operation, after its end. */
export interface RunResult {
  readonly sent: number;
  readonly received: number;
  /** Mean round-trip time of what was received, milliseconds; undefined when nothing was. */
  readonly rtt?: number;
  /** Mean difference of neighbouring round-trip times within the run, for a run of several packets. */
  readonly jitter?: number;
  readonly isSuccess: boolean;
}

/** Times in milliseconds. */
export interface RttSummary {
  readonly latest?: number;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

/** Counts since the operation was configured. */
export class SlaStatistics {
  successes = 0;
  failures = 0;
  #latest: number | undefined;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  #sum = 0;
  #measured = 0;
  #jitter: number | undefined;
  #recentSent = 0;
  #recentLost = 0;

  add(result: RunResult): void {
    if (result.isSuccess) this.successes++;
    else this.failures++;
    this.#countLoss(result.sent, result.sent - result.received);
    const { rtt } = result;
    if (rtt === undefined) {
      this.#latest = undefined;
      return;
    }
    this.#jitter = result.jitter ?? this.#smoothed(rtt);
    this.#latest = rtt;
    this.#min = Math.min(this.#min, rtt);
    this.#max = Math.max(this.#max, rtt);
    this.#sum += rtt;
    this.#measured++;
  }

  /** Round-trip times; undefined before the first answer. `latest` is missing after a run without any. */
  get rtt(): RttSummary | undefined {
    if (this.#measured === 0) return undefined;
    return {
      ...(this.#latest !== undefined && { latest: this.#latest }),
      min: this.#min,
      avg: this.#sum / this.#measured,
      max: this.#max,
    };
  }

  /** Milliseconds: of the latest run of several packets, or smoothed over the runs. Undefined before two answers. */
  get jitter(): number | undefined {
    return this.#jitter;
  }

  /** Share of packets lost, 0 to 1, of the last hundred or so. */
  get loss(): number {
    return this.#recentSent === 0 ? 0 : this.#recentLost / this.#recentSent;
  }

  /** J += (|D| - J) / 16, D being the difference to the answer before. RFC 3550 §6.4.1 */
  #smoothed(rtt: number): number | undefined {
    if (this.#latest === undefined) return this.#jitter;
    const difference = Math.abs(rtt - this.#latest);
    return this.#jitter === undefined
      ? difference
      : this.#jitter + (difference - this.#jitter) / 16;
  }

  /** Old losses fade: what is counted is halved each time it reaches twice the window. */
  #countLoss(sent: number, lost: number): void {
    this.#recentSent += sent;
    this.#recentLost += lost;
    if (this.#recentSent < 2 * LOSS_WINDOW) return;
    this.#recentSent /= 2;
    this.#recentLost /= 2;
  }
}

/** Packets that loss is told of. */
const LOSS_WINDOW = 100;
