/**
 * Ten thousand branches of one hub pair in one process: what the surviving hub gets when the other dies, and what a branch
 * costs. Nothing is real time, so the figures but those of memory and processor do not depend on the machine.
 * By itself: `node test/bench/scale.ts [BRANCHES]`. Text: docs/scale.md.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { formatDuration, milliseconds } from "#lib/duration.ts";
import { type Aftermath, type Calamity, calamities, suffer } from "#test/support/crowd/calamity.ts";
import { Crowd } from "#test/support/crowd/crowd.ts";
import { evenly } from "#test/support/crowd/rate.ts";
import { endProgress, progressBar } from "./progress.ts";
import { absoluteRow, type Row, tableText } from "./row.ts";

const SEED = 7;

/** One row for each calamity, and two for what a branch costs. */
export function scaleRows(branches = process.env["BENCH_QUICK"] === "1" ? 1_000 : 10_000): Row[] {
  const costs = costRows(branches);
  return [
    ...Object.values(calamities).map((calamity) => calamityRow(calamity, branches)),
    ...costs,
  ];
}

function calamityRow(calamity: Calamity, branches: number): Row {
  const from = process.cpuUsage();
  const aftermath = suffer(calamity, { seed: SEED, branches }, (phase, crowd) =>
    progressBar(`${calamity.name}: ${phase}`, crowd.up, branches),
  );
  const { user, system } = process.cpuUsage(from);
  if (aftermath.up < branches)
    throw new Error(`${calamity.name}: ${aftermath.up} of ${branches} are up`);
  const { handshakes } = aftermath;
  const row = absoluteRow({
    what: `${branches.toLocaleString("en")} branches, ${calamity.name}: busiest second`,
    value: handshakes.peakSecond / handshakes.mean,
    digits: 2,
    unit: "x mean",
    goal: { atMost: 2 },
    note: `${describe(aftermath)}; ${((user + system) / 1e6).toFixed(0)} s of processor`,
  });
  return typeof calamity.what === "object" ? { ...row, goal: "none", isMet: undefined } : row;
}

function describe({ handshakes, began, busiestTenthBefore }: Aftermath): string {
  const { count, first, last, mean, peakSecond, peakTenth } = handshakes;
  const seconds = (instant: number) => ((instant - began) / 1_000).toFixed(1);
  const even = evenly(handshakes, SEED);
  const times = (peak: number) => `${(peak / mean).toFixed(2)} x mean`;
  return [
    `${count} handshakes from ${seconds(first)} s to ${seconds(last)} s after it`,
    `mean ${mean.toFixed(0)}/s`,
    `busiest second ${peakSecond}`,
    `busiest tenth ${peakTenth / 10} (${times(peakTenth)})`,
    `thrown evenly by chance they would make ${times(even.peakSecond)} and ${times(even.peakTenth)}`,
    `hub1 had at most ${busiestTenthBefore} datagrams in a tenth before`,
  ].join(", ");
}

/** Memory of a branch's two engines before it starts and with a session; processor time of bringing it up. */
function costRows(branches: number): Row[] {
  const empty = heapUsed();
  const crowd = new Crowd({ seed: SEED, branches });
  const made = heapUsed();
  const from = process.cpuUsage();
  crowd.runUntil(
    () => crowd.up === branches,
    milliseconds(60_000),
    () => progressBar("coming up", crowd.up, branches),
  );
  const { user, system } = process.cpuUsage(from);
  const up = heapUsed();
  const kilobytes = (bytes: number) => bytes / branches / 1_024;
  return [
    absoluteRow({
      what: "memory of a branch in the simulation",
      value: kilobytes(up - empty),
      unit: "KiB",
      goal: { atMost: 100 },
      note: `${kilobytes(made - empty).toFixed(1)} KiB before it starts; the rest is its session, both ends`,
    }),
    absoluteRow({
      what: "processor time of a connection in the simulation",
      value: (user + system) / 1_000 / branches,
      unit: "ms",
      goal: { atMost: 10 },
      note: `client machine, IKE engine and virtual hub together; ${formatDuration(milliseconds(crowd.clock.now))} simulated`,
    }),
  ];
}

/** Bytes in use after everything unreachable is gone. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

if (import.meta.main) {
  const rows = scaleRows(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
  endProgress();
  console.log(tableText(rows));
}
