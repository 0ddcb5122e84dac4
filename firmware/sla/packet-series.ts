/** The packets of one run: which were answered, how fast, and what that makes of the run. Pure arithmetic. */

/** Mean, jitter and loss of one run's packets. */
export class PacketSeries {
  readonly #rtts: (number | undefined)[];
  #received = 0;
  sent = 0;

  /** @param packets how many the run has, 1 and up. */
  constructor(packets: number) {
    this.#rtts = new Array<number | undefined>(packets);
  }

  get received(): number {
    return this.#received;
  }

  get isComplete(): boolean {
    return this.#received === this.#rtts.length;
  }

  /** Notes an answer. @returns false for one that was noted before, or belongs to no packet sent. */
  answered(sequence: number, rtt: number): boolean {
    if (sequence < 0 || sequence >= this.sent || this.#rtts[sequence] !== undefined) return false;
    this.#rtts[sequence] = rtt;
    this.#received++;
    return true;
  }

  /** Mean round-trip time, milliseconds; undefined when nothing was received. */
  get mean(): number | undefined {
    if (this.#received === 0) return undefined;
    let sum = 0;
    for (const rtt of this.#rtts) sum += rtt ?? 0;
    return sum / this.#received;
  }

  /** Mean difference between neighbours that were both received, milliseconds; undefined where there are none. */
  get jitter(): number | undefined {
    let sum = 0;
    let count = 0;
    for (let index = 1; index < this.#rtts.length; index++) {
      const [before, rtt] = [this.#rtts[index - 1], this.#rtts[index]];
      if (before === undefined || rtt === undefined) continue;
      sum += Math.abs(rtt - before);
      count++;
    }
    return count === 0 ? undefined : sum / count;
  }
}
