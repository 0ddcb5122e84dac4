import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readInterfaces } from "#telemetry/snmp/interfaces-mib.ts";
import { LATCHED, startEngine } from "#telemetry/snmp/snmp-engine.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flexspoke-engine-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const file = () => path.join(folder, "snmp-engine.json");

test("an engine keeps its name, and counts its starts from 1", () => {
  const first = startEngine(folder, () => 5);
  const second = startEngine(folder, () => 5);
  expect([first.boots, second.boots]).toEqual([1, 2]);
  expect(second.id).toEqual(first.id);
  expect(first.id.length).toBe(17);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test("its time is seconds since its start", () => {
  let now = 100.4;
  const engine = startEngine(folder, () => now);
  now = 161.3;
  expect(engine.time()).toBe(60);
});

test("boots stay at their largest value", () => {
  writeFileSync(file(), JSON.stringify({ id: "8000000005aabb", boots: LATCHED }));
  expect(startEngine(folder, () => 0).boots).toBe(LATCHED);
});

test.each(["", "{}", "[1]", '{"id":"zz","boots":1}', '{"id":"8000000005aabb","boots":"many"}'])(
  "a damaged file is a new engine: %j",
  (text) => {
    writeFileSync(file(), text);
    expect(startEngine(folder, () => 0)).toMatchObject({ boots: 1 });
  },
);

/** An interface as sysfs shows it. */
function plant(name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(path.join(folder, name, "statistics"), { recursive: true });
  for (const [key, text] of Object.entries(files))
    writeFileSync(path.join(folder, name, key), `${text}\n`);
}

test("an interface is up when its link is, or when it has none of its own and is switched on", () => {
  plant("wan0", { ifindex: "2", flags: "0x1003", operstate: "up", speed: "1000", type: "1" });
  plant("wan1", { ifindex: "3", flags: "0x1003", operstate: "down", speed: "-1", type: "1" });
  plant("Tunnel0", {
    ifindex: "4",
    flags: "0x1",
    operstate: "unknown",
    "statistics/rx_bytes": "77",
  });
  plant("half-gone", { flags: "0x1" });
  const found = readInterfaces(folder);
  expect(found.map(({ name, isUp, speed }) => [name, isUp, speed])).toEqual([
    ["Tunnel0", true, 0],
    ["wan0", true, 1_000_000_000],
    ["wan1", false, 0],
  ]);
  expect(found[0]?.counts.rx_bytes).toBe(77);
});

test("a machine that shows no interfaces has none", () => {
  expect(readInterfaces(path.join(folder, "nowhere"))).toEqual([]);
});
