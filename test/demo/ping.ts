/** What iputils' ping says: how many came back, how long they took, and how long none came. */

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Mean round-trip time, milliseconds; undefined when nothing came back. */
  readonly mean: number | undefined;
}

/** Reads the closing lines of `ping`. */
export function pingResult(output: string): PingResult {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(output);
  const times = /= [\d.]+\/([\d.]+)\//.exec(output);
  return {
    sent: Number(counts?.[1] ?? 0),
    received: Number(counts?.[2] ?? 0),
    mean: times ? Number(times[1]) : undefined,
  };
}

/** The longest time between two replies of `ping -D`, milliseconds. */
export function longestGap(output: string): number {
  const times = [...output.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, at]) =>
    Number(at),
  );
  let longest = 0;
  for (const [index, time] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined) longest = Math.max(longest, time - before);
  }
  return Math.round(longest * 1_000);
}
