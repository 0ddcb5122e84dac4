import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceTreeBoard } from "#daemon/device-tree-board.ts";

let root: string;

beforeEach(() => {
  root = `${mkdtempSync(path.join(tmpdir(), "board-"))}/`;
});
afterEach(() => rmSync(root, { recursive: true }));

function has(file: string, text: string): void {
  mkdirSync(path.dirname(root + file), { recursive: true });
  writeFileSync(root + file, text);
}

test("a board is what its device tree calls it, and as hot as its hottest zone", () => {
  has("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.5\0");
  has("sys/class/thermal/thermal_zone0/temp", "48212\n");
  has("sys/class/thermal/thermal_zone1/temp", "51000\n");
  has("sys/class/thermal/cooling_device0/cur_state", "0\n");
  expect(deviceTreeBoard(root)).toEqual({
    board: "Raspberry Pi 4 Model B Rev 1.5",
    temperature: 51,
  });
});

test("a sensor that reads nonsense, or can't be read, is none", () => {
  has("proc/device-tree/model", "linux,dummy-virt\0");
  has("sys/class/thermal/thermal_zone0/temp", "-274000\n");
  has("sys/class/thermal/thermal_zone1/temp", "");
  expect(deviceTreeBoard(root)).toEqual({ board: "linux,dummy-virt" });
});

test("a machine without a device tree is asked in another way", () => {
  expect(deviceTreeBoard(root)).toBeUndefined();
});
