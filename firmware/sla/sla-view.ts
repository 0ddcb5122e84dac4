/** What can be seen of an operation from outside. */
import type { SlaOperation } from "#config/resolved-sla.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { SlaOperationState } from "./operation.ts";
import type { HistoryEntry, HistoryPeriod } from "./result-history.ts";
import type { SlaReturnCode } from "./return-code.ts";
import type { RttSummary } from "./statistics.ts";
import { targetText } from "./target-text.ts";

/** Times in milliseconds where they are no `Duration`. */
export interface SlaView {
  readonly name: string;
  readonly kind: SlaOperation["kind"];
  readonly target: string;
  readonly sourceInterface?: string;
  readonly frequency: Duration;
  readonly timeout: Duration;
  readonly threshold: Duration;
  /** Packets of a run. */
  readonly packets: number;
  readonly code: SlaReturnCode;
  readonly since: MonotonicMs;
  readonly reason: string;
  readonly startedAt?: MonotonicMs;
  readonly successes: number;
  readonly failures: number;
  readonly rtt?: RttSummary;
  readonly jitter?: number;
  /** Share of packets, 0 to 1. */
  readonly loss: number;
}

export interface SlaHistory {
  readonly results: readonly HistoryEntry[];
  readonly minutes: readonly HistoryPeriod[];
  readonly hours: readonly HistoryPeriod[];
}

export function slaView(state: SlaOperationState): SlaView {
  const { config, statistics } = state;
  const { rtt, jitter } = statistics;
  return {
    name: config.name,
    kind: config.operation.kind,
    target: targetText(config.operation),
    ...(config.sourceInterface !== undefined && { sourceInterface: config.sourceInterface }),
    frequency: config.frequency,
    timeout: config.timeout,
    threshold: config.threshold,
    packets: "packets" in config.operation ? config.operation.packets : 1,
    code: state.code,
    since: state.since,
    reason: state.reason,
    ...(state.startedAt !== undefined && { startedAt: state.startedAt }),
    successes: statistics.successes,
    failures: statistics.failures,
    ...(rtt !== undefined && { rtt }),
    ...(jitter !== undefined && { jitter }),
    loss: statistics.loss,
  };
}

export function slaHistory({ history }: SlaOperationState): SlaHistory {
  return { results: history.results(), minutes: history.minutes(), hours: history.hours() };
}
