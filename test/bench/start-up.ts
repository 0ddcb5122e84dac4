/**
 * What the one binary costs against plain Node that runs the same bundle: until a command is done, until the daemon
 * listens, and the memory of a daemon with one client and nobody to talk to. In turn, so that a busy machine is unfair to both.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { projectRoot } from "#test/lab/cache.ts";
import { extent } from "./extent.ts";
import { progress } from "./progress.ts";
import { median, type Row } from "./row.ts";

const binary = [`${projectRoot}/build/${process.arch}/flexspoke`];
const plainNode = [process.execPath, "--no-warnings", `${projectRoot}/build/flexspoke.cjs`];

interface Start {
  readonly listensAfterMs: number;
  readonly resident: number;
  /** Not mapped from a file: what no other process shares, and the kernel can't drop. */
  readonly own: number;
}

/** The rows. @throws when there is no binary, or no bundle. */
export async function startUp(): Promise<Row[]> {
  const commands = { ours: [] as number[], plain: [] as number[] };
  for (let round = 0; round < extent.handshakes; round++) {
    progress(`start-up: command ${round + 1} of ${extent.handshakes}`);
    commands.ours.push(commandMs(binary));
    commands.plain.push(commandMs(plainNode));
  }
  const daemons = { ours: [] as Start[], plain: [] as Start[] };
  for (let round = 0; round < extent.rounds; round++) {
    progress(`start-up: daemon ${round + 1} of ${extent.rounds}`);
    daemons.ours.push(await startDaemon(binary));
    daemons.plain.push(await startDaemon(plainNode));
  }
  const daemonRow = (what: string, value: (start: Start) => number, unit: string) =>
    row(what, daemons.ours.map(value), daemons.plain.map(value), unit);
  return [
    row("one binary: a command (--version)", commands.ours, commands.plain, "ms"),
    daemonRow("one binary: the daemon listens", ({ listensAfterMs }) => listensAfterMs, "ms"),
    daemonRow("one binary: memory, resident", ({ resident }) => resident, "MB"),
    daemonRow("one binary: memory, its own", ({ own }) => own, "MB"),
  ];
}

function row(what: string, ours: readonly number[], plain: readonly number[], unit: string): Row {
  const [mine, theirs] = [median(ours), median(plain)];
  return {
    what,
    ours: `${mine.toFixed(1)} ${unit}`,
    charon: "",
    ratio: mine / theirs,
    goal: "<= plain Node",
    isMet: mine <= theirs,
    note: `n = ${ours.length}/${plain.length}; plain Node with the bundle: ${theirs.toFixed(1)} ${unit}`,
  };
}

function commandMs([program = "", ...argv]: readonly string[]): number {
  const before = performance.now();
  const { status } = spawnSync(program, [...argv, "--version"], { stdio: "ignore" });
  if (status !== 0) throw new Error(`${program} --version ended with ${status}`);
  return performance.now() - before;
}

/** How long a daemon that has started gets to settle before its memory is read. */
const SETTLING_MS = 3_000;

async function startDaemon(program: readonly string[]): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), "flexspoke-start-"));
  const config = join(folder, "config.yaml");
  writeFileSync(config, JSON.stringify(branch), { mode: 0o600 });
  const folders = ["--run-dir", join(folder, "run"), "--state-dir", join(folder, "state")];
  const before = performance.now();
  const argv = ["--net", ...program, "run", "-c", config, ...folders];
  const daemon = spawn("unshare", argv, { stdio: "ignore" });
  try {
    while (!existsSync(join(folder, "run/control.sock"))) {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}`);
      await pause(1);
    }
    const listensAfterMs = performance.now() - before;
    await pause(SETTLING_MS);
    const status = readFileSync(`/proc/${daemon.pid}/status`, "utf8");
    const megabytes = (key: string) =>
      Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_000;
    return { listensAfterMs, resident: megabytes("VmRSS"), own: megabytes("RssAnon") };
  } finally {
    daemon.kill("SIGTERM");
    if (daemon.exitCode === null) await once(daemon, "exit");
    rmSync(folder, { recursive: true });
  }
}

const proof = { authentication: "psk", psk: "wq9xk3vb7d" };
const branch = {
  ikev2: {
    profiles: {
      hq: {
        local: { identity: "fqdn:branch12.example.net", ...proof },
        remote: { identity: "fqdn:hub.example.net", ...proof },
      },
    },
  },
  clients: { hq: { peers: [{ address: "203.0.113.1" }] } },
};
