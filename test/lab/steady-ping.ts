/** A ping that goes on in the background, and what became of each packet. */
import { type Process, until } from "./machine.ts";

/** What a ping has met with. */
export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Packets without answer before the last one that was answered: those under way at the end are no losses. */
  readonly lost: number;
  /** The most of them in a row. */
  readonly longestGap: number;
}

export class SteadyPing {
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  /** Waits until so many more packets were answered than now. */
  async untilAnswered(count: number, within = 60_000): Promise<void> {
    const goal = this.#answered().length + count;
    const isThere = () => Promise.resolve(this.#answered().length >= goal);
    await until(`${count} more pings are answered`, isThere, within);
  }

  async stop(): Promise<PingResult> {
    this.#process.kill("SIGINT");
    await this.#process.exited;
    const [, sent, received] =
      /(\d+) packets transmitted, (\d+) received/.exec(this.#process.output()) ?? [];
    return { sent: Number(sent ?? 0), received: Number(received ?? 0), ...gaps(this.#answered()) };
  }

  /** Sequence numbers of the packets that were answered, in the order of the answers. */
  #answered(): number[] {
    const answers = this.#process.output().matchAll(/bytes from .* icmp_seq=(\d+)/g);
    return [...answers].map(([, sequence]) => Number(sequence));
  }
}

function gaps(answered: readonly number[]): Pick<PingResult, "lost" | "longestGap"> {
  const inOrder = [...new Set(answered)].sort((a, b) => a - b);
  const each = inOrder.map((sequence, index) => sequence - (inOrder[index - 1] ?? 0) - 1);
  return { lost: each.reduce((sum, gap) => sum + gap, 0), longestGap: Math.max(0, ...each) };
}
