/** Proves with a real mosquitto that the broker gets everything, in order, whatever happens to the way there. */
import { spawn } from "node:child_process";
import { once as onceEvent } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResolvedMqtt } from "#config/resolved-mqtt.ts";
import { seconds } from "#lib/duration.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { startMqtt } from "#telemetry/mqtt/mqtt-reporter.ts";
import type { Reporter } from "#telemetry/reporter.ts";
import { Mosquitto, Subscriber, until } from "#test/support/mosquitto.ts";
import { ReportingBranch } from "#test/support/reporting-branch.ts";

let broker: Mosquitto;
let stateDir: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "mqtt-state-"));
  broker = await Mosquitto.start();
  ends.push(() => broker.remove());
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(stateDir, { recursive: true, force: true });
});

function section(change: Partial<ResolvedMqtt> = {}): ResolvedMqtt {
  return {
    host: { kind: "address", address: parseIpAddress("127.0.0.1")! },
    port: broker.port,
    clientId: "branch12",
    prefix: "flexspoke",
    keepalive: seconds(2),
    spoolBytes: 8 * 2 ** 20,
    commands: [],
    ...change,
  };
}

async function listen(): Promise<Subscriber> {
  const subscriber = new Subscriber(broker.port);
  ends.push(() => subscriber.end());
  await subscriber.subscribed;
  return subscriber;
}

function report(branch: ReportingBranch, change: Partial<ResolvedMqtt> = {}): Reporter {
  const reporter = startMqtt(section(change), branch.context);
  ends.push(() => reporter.close());
  return reporter;
}

/** The ids without those that came before: what a reader makes of a stream with repetitions. */
function once(ids: readonly number[]): readonly number[] {
  let newest = 0;
  return ids.filter((id) => {
    const isNew = id > newest;
    newest = Math.max(newest, id);
    return isNew;
  });
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test("the broker hears that the branch is online, its state, and every event in order", async () => {
  const listener = await listen();
  const branch = new ReportingBranch(stateDir);
  report(branch);
  await until(() => listener.of("status").length > 0, "online");
  branch.happen(500);
  await until(() => listener.newest === branch.events.lastId, "all events");

  expect(listener.of("status")).toEqual(["online"]);
  expect(listener.ids).toEqual(numbers(1, branch.events.lastId));
  expect(JSON.parse(listener.of("state")[0]!)).toMatchObject({
    hostname: "branch12",
    clients: { hq: { state: "up", peer: "hub1.example.net" } },
  });
  const late = await listen();
  await until(() => late.of("rehearsal").length > 0, "all that is retained");
  expect(late.heard.filter(({ isRetained }) => isRetained).map(({ topic }) => topic)).toEqual([
    "flexspoke/branch12/status",
    "flexspoke/branch12/state",
    "flexspoke/branch12/rehearsal",
  ]);
});

test("a branch that ends says so; one that is cut off is reported by its last will", async () => {
  const listener = await listen();
  const branch = new ReportingBranch(stateDir);
  const reporter = report(branch);
  await until(() => listener.of("status").length === 1, "online");
  await reporter.close();
  await until(() => listener.of("status").length === 2, "offline");
  expect(listener.of("status")).toEqual(["online", "offline"]);
});

test("events of the time without a broker come after it, none lost, none out of order", async () => {
  const listener = await listen();
  const branch = new ReportingBranch(stateDir);
  report(branch);
  branch.happen(20);
  await until(() => listener.ids.length >= 20, "the first events");
  for (let round = 0; round < 3; round++) {
    await broker.stop();
    branch.happen(300);
    await broker.restart();
    branch.happen(50);
  }
  await until(() => listener.newest === branch.events.lastId, "the last event", 40_000);

  expect(once(listener.ids)).toEqual(numbers(1, branch.events.lastId));
  expect(branch.story.filter((one) => one === "FLEXSPOKE-4-MQTT_DISCONNECTED")).not.toHaveLength(0);
});

test("a broker that freezes is noticed, and gets the rest when it lives again", async () => {
  const listener = await listen();
  const branch = new ReportingBranch(stateDir);
  report(branch);
  branch.happen(10);
  await until(() => listener.ids.length >= 10, "the first events");
  broker.freeze();
  branch.happen(200);
  await until(() => branch.story.includes("FLEXSPOKE-4-MQTT_DISCONNECTED"), "a fault");
  broker.thaw();
  await until(() => listener.newest === branch.events.lastId, "the last event", 40_000);

  expect(once(listener.ids)).toEqual(numbers(1, branch.events.lastId));
});

test("a day of events is replayed in seconds after the broker was away", async () => {
  const listener = await listen();
  await broker.stop();
  const branch = new ReportingBranch(stateDir);
  report(branch);
  const count = 17_280;
  branch.happen(count);
  const started = performance.now();
  await broker.restart();
  await until(() => listener.newest === branch.events.lastId, "the last event", 50_000);
  expect(performance.now() - started).toBeLessThan(45_000);

  const { ids } = listener;
  expect(once(ids)).toEqual(numbers(1, branch.events.lastId));
});

test("a daemon that is killed again and again leaves no gap, and no event under another id", async () => {
  const listener = await listen();
  const script = path.join(import.meta.dirname, "branch-process.ts");
  let last = 0;
  for (let life = 0; life < 4; life++) {
    if (life === 2) await broker.stop();
    const child = spawn(process.execPath, [script, stateDir, String(broker.port)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      last = Number(text.trim().split("\n").at(-1)) || last;
    });
    const enough = last + 400;
    await until(() => last > enough, "events of a life", 30_000);
    child.kill("SIGKILL");
    await onceEvent(child, "exit");
    if (life === 2) await broker.restart();
  }
  const { SqliteEventStore } = await import("#state/sqlite-event-store.ts");
  const store = new SqliteEventStore(path.join(stateDir, "events.db"), 100_000, "boot");
  const branch = new ReportingBranch(stateDir, store);
  report(branch);
  branch.happen(1);
  await until(() => listener.newest === branch.events.lastId, "the last event", 40_000);
  store.close();

  expect(once(listener.ids)).toEqual(numbers(1, branch.events.lastId));
  const bodies = new Map<number, string>();
  for (const body of listener.of("event")) {
    const { id } = JSON.parse(body) as { id: number };
    expect(bodies.get(id) ?? body).toBe(body);
    bodies.set(id, body);
  }
});
