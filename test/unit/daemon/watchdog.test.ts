import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Watchdog, watchdogEvent } from "#daemon/watchdog.ts";
import { seconds } from "#lib/duration.ts";

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "watchdog-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => path.join(folder, name);
/** A file takes what a watchdog is petted with, and knows nothing of timeouts. */
const start = () =>
  Watchdog.start((line) => said.push(line), { device: at("watchdog"), deviceTree: folder });
const pi = (serial: string) => {
  writeFileSync(at("compatible"), "raspberrypi,3-model-b\0brcm,bcm2837\0");
  writeFileSync(at("serial-number"), `${serial}\0`);
};

test("the watchdog is petted at once, and left armed when the process ends", () => {
  writeFileSync(at("watchdog"), "");
  const watchdog = start();
  expect(readFileSync(at("watchdog"), "latin1")).toBe("\0");
  watchdog?.leave();
  const written = readFileSync(at("watchdog"), "latin1");
  expect(written).toBe("\0\0");
  expect(written, "the letter that disarms it").not.toContain("V");
});

test("a device that tells no timeout is petted as if it were short", () => {
  writeFileSync(at("watchdog"), "");
  const watchdog = start();
  expect(watchdog?.timeout).toBe(seconds(10));
  watchdog?.leave();
});

test("a machine whose watchdog can't be opened is told of and runs without", () => {
  const device = at("missing");
  expect(Watchdog.start((line) => said.push(line), { device, deviceTree: folder })).toBeUndefined();
  expect(said).toEqual([expect.stringContaining("there is no hardware watchdog")]);
  expect(existsSync(device)).toBe(false);
});

test("a Raspberry Pi without a serial number is an emulated one, whose watchdog stays off", () => {
  writeFileSync(at("watchdog"), "");
  pi("0000000000000000");
  expect(start()).toBeUndefined();
  expect(readFileSync(at("watchdog"), "latin1")).toBe("");
  pi("10000000a1b2c3d4");
  start()?.leave();
  expect(readFileSync(at("watchdog"), "latin1")).not.toBe("");
});

test("that the watchdog restarted the machine is told once in each start of it", () => {
  const watchdog = { hasReset: true, timeout: seconds(60) } as Watchdog;
  expect(watchdogEvent(watchdog, folder)?.mnemonic).toBe("FLEXSPOKE-3-WATCHDOG_RESET");
  expect(watchdogEvent(watchdog, folder)).toBeUndefined();
  expect(watchdogEvent(undefined, folder)).toBeUndefined();
});
