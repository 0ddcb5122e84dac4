/**
 * `make bench`: measures ours and charon in the same run with the same hub, in turn, and prints medians, ratios and
 * goals. It never fails because a goal is missed. `BENCH_QUICK=1` measures less; words choose parts:
 * `node test/bench/run.ts codec start-up scale probes telemetry native handshakes rounds rekeys failover`.
 */
import { codecRows, otherRates } from "./codec-rates.ts";
import { failovers } from "./failover.ts";
import { handshakes } from "./handshakes.ts";
import { type LabMachine, openLabMachine } from "./lab-machine.ts";
import { nativeHandshakes } from "./native-handshakes.ts";
import { probeLoad } from "./probes.ts";
import { endProgress, progress } from "./progress.ts";
import { lossWhileRekeying } from "./rekeys.ts";
import { coldStartAndThroughput } from "./rounds.ts";
import { failedRow, type Row, tableText } from "./row.ts";
import { scaleRows } from "./scale.ts";
import { startUp } from "./start-up.ts";
import { telemetryCost } from "./telemetry.ts";

const wanted = process.argv.slice(2);
const isWanted = (part: string) => wanted.length === 0 || wanted.includes(part);
const rows: Row[] = [];

/** One part that fails says so in the table, and the others go on. */
async function part(name: string, measure: () => Promise<Row[]>): Promise<void> {
  if (!isWanted(name)) return;
  progress(name);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    endProgress();
    console.error(error);
    rows.push(failedRow(name, "", error));
    process.exitCode = 1;
  }
}

async function wholeProduct(measure: (lab: LabMachine) => Promise<Row[]>): Promise<Row[]> {
  lab ??= await openLabMachine();
  return measure(lab);
}

let lab: LabMachine | undefined;
await part("codec", () => Promise.resolve(codecRows()));
await part("start-up", startUp);
await part("scale", () => Promise.resolve(scaleRows()));
await part("probes", probeLoad);
await part("telemetry", telemetryCost);
await part("native", nativeHandshakes);
await part("handshakes", () => wholeProduct(handshakes));
await part("rounds", () => wholeProduct(coldStartAndThroughput));
await part("rekeys", () => wholeProduct(lossWhileRekeying));
await part("failover", () => wholeProduct(failovers));
await lab?.close();

endProgress();
console.log(`\n${tableText(rows)}`);
if (isWanted("codec")) {
  console.log("\nRuns a second on one core:");
  for (const [name, rate] of otherRates())
    console.log(`  ${name.padEnd(44)}${Math.round(rate).toLocaleString("en").padStart(10)}`);
}
