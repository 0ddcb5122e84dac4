/** The past of a probe as charts and tables want it. */
import type { SlaHistoryState, SlaPeriodState, SlaState } from "#state/document-sla.ts";
import type { Tone } from "./glance.ts";

/** Stretches of time that a chart can show. */
export type Span = "latest" | "hours" | "days";

/** Columns of equal length; a missing value is null, as uPlot wants it. */
export interface ProbeSeries {
  /** Epoch seconds. */
  readonly times: readonly number[];
  /** Milliseconds. */
  readonly rtt: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Share that was lost, percent. */
  readonly loss: readonly (number | null)[];
  /** Difference between neighbours, milliseconds. */
  readonly jitter: readonly (number | null)[];
}

/** The series of a stretch of time: each result, each minute, or each hour. */
export function probeSeries(history: SlaHistoryState, span: Span): ProbeSeries {
  return span === "latest"
    ? ofResults(history.results)
    : ofPeriods(span === "hours" ? history.minutes : history.hours);
}

function ofResults(results: SlaHistoryState["results"]): ProbeSeries {
  const rtt = results.map(({ rtt: value }) => value ?? null);
  return {
    times: results.map(({ time }) => Date.parse(time) / 1_000),
    rtt,
    low: rtt,
    high: rtt,
    loss: results.map((result) => (isAnswered(result["return-code"]) ? 0 : 100)),
    jitter: differences(rtt),
  };
}

function ofPeriods(periods: readonly SlaPeriodState[]): ProbeSeries {
  const average = periods.map(({ avg }) => avg ?? null);
  return {
    times: periods.map(({ from }) => Date.parse(from) / 1_000),
    rtt: average,
    low: periods.map(({ min }) => min ?? null),
    high: periods.map(({ max }) => max ?? null),
    loss: periods.map(({ successes, failures }) =>
      successes + failures === 0 ? null : (100 * failures) / (successes + failures),
    ),
    jitter: differences(average),
  };
}

/** Between one value and the one before it; null where one of them is missing. */
function differences(values: readonly (number | null)[]): readonly (number | null)[] {
  return values.map((value, index) => {
    const before = values[index - 1];
    return value === null || before === undefined || before === null
      ? null
      : Math.abs(value - before);
  });
}

/** One mark of the strip of latest results, the newest last. */
export interface ResultMark {
  readonly tone: Tone;
  readonly time: string;
  readonly text: string;
}

/** The latest results, at most `most`, for a strip of marks. */
export function resultMarks(history: SlaHistoryState, most: number): readonly ResultMark[] {
  return history.results.slice(-most).map((result) => {
    const code = result["return-code"];
    const tone = code === "ok" ? "good" : code === "over-threshold" ? "wait" : "bad";
    const text = result.rtt === undefined ? code : `${result.rtt} ms`;
    return { tone, time: result.time, text };
  });
}

/** What a probe amounts to, by its return code. */
export function probeTone(sla: Pick<SlaState, "return-code">): Tone {
  const code = sla["return-code"];
  if (code === "unknown") return "calm";
  if (code === "ok") return "good";
  return code === "over-threshold" ? "wait" : "bad";
}

const isAnswered = (code: string): boolean => code === "ok" || code === "over-threshold";
