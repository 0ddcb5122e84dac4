/** Round-trip time, loss and jitter of one probe over the latest runs, the last hours or days; as a table too. */
import { useEffect, useState } from "preact/hooks";
import type { SlaDetail, SlaHistoryState, SlaState } from "#state/document-sla.ts";
import { call } from "../api-calls.ts";
import { now } from "../live.ts";
import { type ProbeSeries, probeSeries, resultMarks, type Span } from "../model/probe-series.ts";
import { clockTime, count, percent, shortTime } from "../model/words.ts";
import { Empty, Facts, Scroll } from "./basics.tsx";
import { Chart } from "./chart.tsx";

const spans: readonly (readonly [Span, string])[] = [
  ["latest", "Latest"],
  ["hours", "Minutes"],
  ["days", "Hours"],
];

const inMilliseconds = (value: number): string => shortTime(value);
const inPercent = (value: number): string => `${Math.round(value)} %`;

export function ProbeCharts({ name, probe }: { readonly name: string; readonly probe: SlaState }) {
  const [history, setHistory] = useState<SlaHistoryState | undefined>(undefined);
  const [span, setSpan] = useState<Span>("latest");
  const started = probe["latest-start"];
  // Another run is a reason to ask again.
  useEffect(() => {
    let isGone = false;
    void call<SlaDetail>(`/state/sla/${encodeURIComponent(name)}`).then((answer) => {
      if (!isGone && answer.is === "ok") setHistory(answer.value.history);
    });
    return () => {
      isGone = true;
    };
  }, [name, started]);

  return (
    <>
      <Facts
        of={[
          ["Round trip", probe.rtt && `${inMilliseconds(probe.rtt.avg)} on average`],
          ["Fastest", probe.rtt && inMilliseconds(probe.rtt.min)],
          ["Slowest", probe.rtt && inMilliseconds(probe.rtt.max)],
          ["Jitter", probe.jitter === undefined ? undefined : inMilliseconds(probe.jitter)],
          ["Lost lately", percent(probe.loss)],
          ["Runs", `${count(probe.successes)} good, ${count(probe.failures)} failed`],
        ]}
      />
      {history && <Strip of={history} />}
      <fieldset class="segments">
        <legend class="hidden">What one point of the charts is</legend>
        {spans.map(([one, label]) => (
          <button
            type="button"
            key={one}
            class={one === span ? "segment segment-here" : "segment"}
            aria-pressed={one === span}
            onClick={() => setSpan(one)}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {history ? (
        <Charts name={name} series={probeSeries(history, span)} />
      ) : (
        <p class="muted chart-wait" role="status">
          Asking for what was measured…
        </p>
      )}
    </>
  );
}

/** The latest results side by side, so that a gap is seen at once. */
function Strip({ of }: { readonly of: SlaHistoryState }) {
  const marks = resultMarks(of, 60);
  if (marks.length === 0) return null;
  const bad = marks.filter(({ tone }) => tone === "bad").length;
  return (
    <div
      class="strip"
      role="img"
      aria-label={`Of the latest ${marks.length} runs ${bad === 0 ? "all were answered" : `${bad} failed`}`}
    >
      {marks.map(({ tone, time, text }) => (
        <span
          key={time}
          class={`mark tone-${tone}`}
          title={`${clockTime(time, now.value)}: ${text}`}
        />
      ))}
    </div>
  );
}

function Charts({ name, series }: { readonly name: string; readonly series: ProbeSeries }) {
  const { times, rtt, low, high, loss, jitter } = series;
  if (times.length < 2)
    return (
      <Empty icon="probes" title="Not enough to draw yet">
        A chart needs two points; this stretch of time has {times.length}.
      </Empty>
    );
  const hasRange = high.some((value, index) => value !== rtt[index]);
  return (
    <>
      <div class="chart-grid">
        <div class="chart-large">
          <h3>Round-trip time</h3>
          <Chart
            label={`Round-trip time of ${name}`}
            times={times}
            series={[
              { label: hasRange ? "Average" : "Round trip", values: rtt, color: 1, isFilled: true },
              ...(hasRange
                ? ([
                    { label: "Fastest", values: low, color: 1, isEdge: true },
                    { label: "Slowest", values: high, color: 1, isEdge: true },
                  ] as const)
                : []),
            ]}
            format={inMilliseconds}
            height={220}
            least={1}
          />
        </div>
        <div>
          <h3>Loss</h3>
          <Chart
            label={`Loss of ${name}`}
            times={times}
            series={[{ label: "Lost", values: loss, color: 3, isBars: true }]}
            format={inPercent}
            height={150}
            least={100}
            most={100}
          />
        </div>
        <div>
          <h3>Jitter</h3>
          <Chart
            label={`Jitter of ${name}`}
            times={times}
            series={[{ label: "Difference to the run before", values: jitter, color: 2 }]}
            format={inMilliseconds}
            height={150}
            least={1}
          />
        </div>
      </div>
      <details class="as-table">
        <summary>The same as a table</summary>
        <Numbers of={series} />
      </details>
    </>
  );
}

function Numbers({ of: { times, rtt, loss, jitter } }: { readonly of: ProbeSeries }) {
  const value = (number: number | null | undefined): string =>
    number === null || number === undefined ? "–" : `${number.toFixed(1)} ms`;
  const rows = times.map((_, index) => times.length - 1 - index);
  return (
    <Scroll label="Numbers of the charts">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="number">
              Round trip
            </th>
            <th scope="col" class="number">
              Lost
            </th>
            <th scope="col" class="number">
              Jitter
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const at = new Date((times[row] ?? 0) * 1_000).toISOString();
            return (
              <tr key={at}>
                <th scope="row">{clockTime(at, now.value)}</th>
                <td class="number">{value(rtt[row])}</td>
                <td class="number">{inPercent(loss[row] ?? 0)}</td>
                <td class="number">{value(jitter[row])}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
