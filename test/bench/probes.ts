/**
 * What a thousand probes a second cost: the daemon in a namespace of its own, echoes to as many loopback addresses, a track
 * object on each. Counted is the processor time of the daemon's process, the kernel's part of each echo and of its answer
 * included, since on a loopback the sender does the work of both ends.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SlaState } from "#state/document-sla.ts";
import type { TrackObjectState } from "#state/document-track.ts";
import { Namespaces } from "#test/native/netns.ts";
import { extent } from "./extent.ts";
import { NamespacedDaemon, programNote } from "./namespaced-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, type Row } from "./row.ts";

const PROBES = 1_000;
/** The row: percent of one core. */
export async function probeLoad(): Promise<Row[]> {
  const namespaces = new Namespaces("flexspoke-bench-");
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-probes-"));
  const daemon = new NamespacedDaemon(namespaces.add("probes"), folder, configuration());
  try {
    progress(`${PROBES} probes: the first results`);
    await allProbing(daemon);
    await pause(extent.probeWarmUp * 1_000);
    progress(`${PROBES} probes: ${extent.probeSeconds} seconds of them`);
    return [await measure(daemon)];
  } finally {
    await daemon.stop();
    namespaces.removeAll();
    rmSync(folder, { recursive: true });
  }
}

/** Once a second each, with a track object that follows it. */
function configuration(): object {
  const names = Array.from({ length: PROBES }, (_, index) => `probe${index}`);
  return {
    sla: Object.fromEntries(
      names.map((name, index) => [
        name,
        { "icmp-echo": `127.0.${index >> 8}.${index & 255 || 1}`, frequency: "1s" },
      ]),
    ),
    track: Object.fromEntries(
      names.map((name) => [`track-${name}`, { sla: name, check: "reachability" }]),
    ),
  };
}

async function measure(daemon: NamespacedDaemon): Promise<Row> {
  const before = await totals(daemon);
  const [startedAt, startTime] = [performance.now(), daemon.processorTime()];
  await pause(extent.probeSeconds * 1_000);
  const [endedAt, endTime] = [performance.now(), daemon.processorTime()];
  const after = await totals(daemon);
  const seconds = (endedAt - startedAt) / 1_000;
  const rate = (after.successes - before.successes) / ((after.at - before.at) / 1_000);
  const lost = after.failures - before.failures;
  return absoluteRow({
    what: `${PROBES} probes and track objects a second`,
    value: ((endTime - startTime) / seconds) * 100,
    unit: "% of a core",
    goal: { atMost: 10 },
    note: [
      `${Math.round(rate)} answers a second over ${Math.round(seconds)} s, ${lost} lost`,
      `${after.up} objects up`,
      `load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`,
      ...programNote(),
    ].join("; "),
  });
}

interface Totals {
  readonly at: number;
  readonly successes: number;
  readonly failures: number;
  readonly up: number;
}

async function totals(daemon: NamespacedDaemon): Promise<Totals> {
  const sla = await daemon.get<Readonly<Record<string, SlaState>>>("/api/v1/state/sla");
  const at = performance.now();
  const track = await daemon.get<Readonly<Record<string, TrackObjectState>>>("/api/v1/state/track");
  const operations = Object.values(sla);
  const sum = (count: (one: SlaState) => number) =>
    operations.reduce((total, one) => total + count(one), 0);
  return {
    at,
    successes: sum(({ successes }) => successes),
    failures: sum(({ failures }) => failures),
    up: Object.values(track).filter(({ state }) => state === "up").length,
  };
}

async function allProbing(daemon: NamespacedDaemon): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const known = await totals(daemon).catch(() => undefined);
    if (known && known.up === PROBES) return;
    await pause(500);
  }
  throw new Error(`not all probes answer: ${daemon.log()}`);
}
