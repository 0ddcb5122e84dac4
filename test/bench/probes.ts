/**
 * What a thousand probes a second cost: the daemon in a namespace of its own, echoes to as many loopback addresses, a track
 * object on each. Counted is the processor time of the daemon's process, the kernel's part of each echo and of its answer
 * included, since on a loopback the sender does the work of both ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SlaState } from "#state/document-sla.ts";
import type { TrackObjectState } from "#state/document-track.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { Namespaces } from "#test/native/netns.ts";
import { extent } from "./extent.ts";
import { progress } from "./progress.ts";
import { absoluteRow, type Row } from "./row.ts";

const PROBES = 1_000;
/** Of the processor time in /proc/PID/stat; USER_HZ is 100 on every Linux that we run on. proc_pid_stat(5) */
const TICKS_PER_SECOND = 100;

/** The row: percent of one core. */
export async function probeLoad(): Promise<Row[]> {
  const namespaces = new Namespaces("flexspoke-bench-");
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-probes-"));
  const daemon = startDaemon(namespaces.add("probes"), folder);
  try {
    progress(`${PROBES} probes: the first results`);
    await allProbing(folder);
    await pause(extent.probeWarmUp * 1_000);
    progress(`${PROBES} probes: ${extent.probeSeconds} seconds of them`);
    return [await measure(daemon, folder)];
  } finally {
    daemon.kill("SIGTERM");
    if (daemon.exitCode === null) await new Promise((resolve) => daemon.once("exit", resolve));
    namespaces.removeAll();
    rmSync(folder, { recursive: true });
  }
}

function startDaemon(namespace: string, folder: string): ChildProcess {
  const config = `${folder}/config.yaml`;
  writeFileSync(config, JSON.stringify(configuration()));
  const log = openSync(`${folder}/log`, "w");
  const folders = ["--run-dir", `${folder}/run`, "--state-dir", `${folder}/state`];
  const argv = ["netns", "exec", namespace, ...program(), "run", "-c", config, ...folders];
  return spawn("ip", argv, { stdio: ["ignore", log, log] });
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

async function measure(daemon: ChildProcess, folder: string): Promise<Row> {
  const before = await totals(folder);
  const [startedAt, startTicks] = [performance.now(), ticks(daemon)];
  await pause(extent.probeSeconds * 1_000);
  const [endedAt, endTicks] = [performance.now(), ticks(daemon)];
  const after = await totals(folder);
  const seconds = (endedAt - startedAt) / 1_000;
  const rate = (after.successes - before.successes) / ((after.at - before.at) / 1_000);
  const lost = after.failures - before.failures;
  return absoluteRow({
    what: `${PROBES} probes and track objects a second`,
    value: ((endTicks - startTicks) / TICKS_PER_SECOND / seconds) * 100,
    unit: "% of a core",
    goal: { atMost: 10 },
    note: [
      `${Math.round(rate)} answers a second over ${Math.round(seconds)} s, ${lost} lost`,
      `${after.up} objects up`,
      `load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`,
      ...(program().length > 1 ? ["the bundle by node, as there is no binary"] : []),
    ].join("; "),
  });
}

/** Processor time of the process so far, in user and in kernel mode. */
function ticks({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

interface Totals {
  readonly at: number;
  readonly successes: number;
  readonly failures: number;
  readonly up: number;
}

async function totals(folder: string): Promise<Totals> {
  const sla = await get<Readonly<Record<string, SlaState>>>(folder, "/api/v1/state/sla");
  const at = performance.now();
  const track = await get<Readonly<Record<string, TrackObjectState>>>(
    folder,
    "/api/v1/state/track",
  );
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

async function allProbing(folder: string): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const known = await totals(folder).catch(() => undefined);
    if (known && known.up === PROBES) return;
    await pause(500);
  }
  throw new Error(`not all probes answer: ${readFileSync(`${folder}/log`, "utf8").slice(-1_000)}`);
}

function get<Answer>(folder: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: `${folder}/run/control.sock`, path }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text) as Answer));
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** The binary as it is shipped; the bundle where nobody has built one. */
function program(): readonly string[] {
  const binary = `${projectRoot}/build/${process.arch}/flexspoke`;
  return existsSync(binary) ? [binary] : [process.execPath, `${projectRoot}/build/flexspoke.cjs`];
}
