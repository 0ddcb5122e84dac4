import type { Duration } from "./duration.ts";

/** How long to wait after failures in a row. */
export interface BackoffPolicy {
  /** The nominal wait after the first failure. */
  readonly initial: Duration;
  /** No nominal wait is longer. */
  readonly max: Duration;
}

/** The nominal wait of this level: doubles from `initial`, up to `max`. `level` is 1 after the first failure. */
export function nominalBackoff(policy: BackoffPolicy, level: number): Duration {
  return Math.min(policy.max, policy.initial * 2 ** Math.min(level - 1, 30)) as Duration;
}
