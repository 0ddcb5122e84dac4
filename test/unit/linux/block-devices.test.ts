import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blockDevices } from "#linux/block/block-devices.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "block-"));
  file = path.join(folder, "disk");
  writeFileSync(file, Buffer.alloc(8_192, 0x11));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("what is written in a place is read there, and nothing else changes", async () => {
  const device = await blockDevices.open(file);
  expect(device.size).toBe(8_192);
  await device.write(4_096, Buffer.alloc(512, 0x22));
  await device.flush();
  const read = new Uint8Array(1_024);
  await device.read(3_840, read);
  await device.close();
  expect([read[0], read[255], read[256], read[767], read[768]]).toEqual([
    0x11, 0x11, 0x22, 0x22, 0x11,
  ]);
  expect(readFileSync(file)).toHaveLength(8_192);
});

test("reading past the end fails and does not wait for ever", async () => {
  const device = await blockDevices.open(file);
  await expect(device.read(8_000, new Uint8Array(512))).rejects.toThrow("ends at byte 8192");
  await device.close();
});

test("a device that is not there is told with its name", async () => {
  await expect(blockDevices.open(path.join(folder, "gone"))).rejects.toThrow("gone");
});
