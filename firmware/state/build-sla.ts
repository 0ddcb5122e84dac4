/** IP SLA operations of the engine in the terms of the state document. */
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { HistoryPeriod } from "#sla/result-history.ts";
import type { SlaHistory, SlaView } from "#sla/sla-view.ts";
import type { SlaHistoryState, SlaPeriodState, SlaState } from "./document-sla.ts";
import { formatTime } from "./event-log.ts";

/** What the part is made of. */
export interface SlaSources {
  readonly wallAt: (instant: MonotonicMs) => WallClock;
  readonly sla: readonly SlaView[];
}

/** The part `sla` of this instant. */
export function buildSla({ sla, wallAt }: SlaSources): Readonly<Record<string, SlaState>> {
  return Object.fromEntries(sla.map((view) => [view.name, slaState(view, wallAt)]));
}

/** The past of one operation. */
export function buildSlaHistory(
  history: SlaHistory,
  wallAt: SlaSources["wallAt"],
): SlaHistoryState {
  const at = (time: MonotonicMs): string => formatTime(wallAt(time));
  const period = ({ from, min, avg, max, ...counts }: HistoryPeriod): SlaPeriodState => ({
    from: at(from),
    ...counts,
    ...(min === undefined || avg === undefined || max === undefined
      ? {}
      : { min: rounded(min), avg: rounded(avg), max: rounded(max) }),
  });
  return {
    results: history.results.map((entry) => ({
      time: at(entry.at),
      "return-code": entry.code,
      ...(entry.rtt === undefined ? {} : { rtt: rounded(entry.rtt) }),
    })),
    minutes: history.minutes.map(period),
    hours: history.hours.map(period),
  };
}

function slaState(view: SlaView, wallAt: SlaSources["wallAt"]): SlaState {
  const { sourceInterface, startedAt, rtt, jitter } = view;
  return {
    "return-code": view.code,
    since: formatTime(wallAt(view.since)),
    reason: view.reason,
    type: view.kind,
    target: view.target,
    ...(sourceInterface === undefined ? {} : { "source-interface": sourceInterface }),
    frequency: view.frequency,
    timeout: view.timeout,
    threshold: view.threshold,
    packets: view.packets,
    ...(startedAt === undefined ? {} : { "latest-start": formatTime(wallAt(startedAt)) }),
    successes: view.successes,
    failures: view.failures,
    ...(rtt === undefined
      ? {}
      : {
          rtt: {
            ...(rtt.latest === undefined ? {} : { latest: rounded(rtt.latest) }),
            min: rounded(rtt.min),
            avg: rounded(rtt.avg),
            max: rounded(rtt.max),
          },
        }),
    ...(jitter === undefined ? {} : { jitter: rounded(jitter) }),
    loss: Math.round(view.loss * 1_000) / 1_000,
  };
}

/** To the microsecond. */
const rounded = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;
