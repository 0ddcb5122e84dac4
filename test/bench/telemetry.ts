/**
 * What telemetry and the page cost while nobody looks: two daemons side by side with the same probes and track objects, one
 * that reports to nobody and has no page, one that reports to everybody. The figures are the differences, so that what the
 * machine does meanwhile hits both.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { Namespaces } from "#test/native/netns.ts";
import { extent } from "./extent.ts";
import { NamespacedDaemon, programNote } from "./namespaced-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, median, type Row } from "./row.ts";

/** A branch as there are many: a few probes, an object each, and one that follows them. */
const everyday = {
  sla: {
    gateway: { "icmp-echo": "127.0.0.1", frequency: "1s" },
    portal: { "icmp-echo": "127.0.0.2", frequency: "10s" },
  },
  track: {
    gateway: { sla: "gateway", check: "reachability" },
    portal: { sla: "portal", check: "reachability" },
    all: { boolean: "gateway and portal" },
  },
};

const silent = { ...everyday, web: { listen: [] } };

const talkative = {
  ...everyday,
  web: { listen: ["127.0.0.1:8080"], tls: { "self-signed": true } },
  mqtt: { url: "mqtt://127.0.0.1:1883", "metrics-interval": "30s" },
  syslog: { server: "udp://127.0.0.1:514" },
  snmp: { listen: "udp://127.0.0.1:161", community: "public" },
  prometheus: { listen: "127.0.0.1:9464" },
};

/** The rows: percent of one core, and memory. */
export async function telemetryCost(): Promise<Row[]> {
  const namespaces = new Namespaces("flexspoke-bench-");
  const folder = mkdtempSync(`${tmpdir()}/flexspoke-telemetry-`);
  const start = (namespace: string, configuration: object) => {
    mkdirSync(`${folder}/${namespace}`);
    return new NamespacedDaemon(namespace, `${folder}/${namespace}`, configuration);
  };
  const talk = namespaces.add("talk");
  const broker = startBroker(talk, folder);
  const [quiet, talking] = [start(namespaces.add("quiet"), silent), start(talk, talkative)];
  try {
    progress("telemetry: both daemons come to rest");
    await pause(extent.probeWarmUp * 1_000);
    progress(`telemetry: ${extent.probeSeconds} seconds of nobody looking`);
    return await measure(quiet, talking);
  } finally {
    await Promise.all([quiet.stop(), talking.stop()]);
    broker.kill("SIGKILL");
    namespaces.removeAll();
    rmSync(folder, { recursive: true });
  }
}

function startBroker(namespace: string, folder: string): ChildProcess {
  const file = `${folder}/mosquitto.conf`;
  writeFileSync(file, "listener 1883 127.0.0.1\nallow_anonymous true\n");
  const argv = ["netns", "exec", namespace, "mosquitto", "-c", file];
  return spawn("ip", argv, { stdio: "ignore" });
}

async function measure(quiet: NamespacedDaemon, talking: NamespacedDaemon): Promise<Row[]> {
  const both = [quiet, talking] as const;
  const before = both.map((daemon) => daemon.processorTime());
  const began = performance.now();
  const memory: [number[], number[]] = [[], []];
  while (performance.now() - began < extent.probeSeconds * 1_000) {
    for (const [index, daemon] of both.entries()) memory[index]?.push(daemon.ownMemory());
    await pause(1_000);
  }
  const seconds = (performance.now() - began) / 1_000;
  const [quietLoad = 0, talkingLoad = 0] = both.map(
    (daemon, index) => ((daemon.processorTime() - (before[index] ?? 0)) / seconds) * 100,
  );
  const [quietMemory, talkingMemory] = memory.map(median) as [number, number];
  const note = [
    `over ${Math.round(seconds)} s`,
    `load of the machine ${loadavg()[0]?.toFixed(1)}`,
    ...programNote(),
  ].join("; ");
  const what = "telemetry and page, nobody looking";
  return [
    absoluteRow({
      what: `${what}: processor`,
      value: talkingLoad - quietLoad,
      unit: "% of a core",
      digits: 2,
      goal: { atMost: 1 },
      note: `${talkingLoad.toFixed(2)} with, ${quietLoad.toFixed(2)} without, ${note}`,
    }),
    absoluteRow({
      what: `${what}: memory`,
      value: (talkingMemory - quietMemory) / MIB,
      unit: "MiB",
      goal: { atMost: 5 },
      note: `${(talkingMemory / MIB).toFixed(1)} with, ${(quietMemory / MIB).toFixed(1)} without; ${note}`,
    }),
  ];
}

const MIB = 1024 * 1024;
