import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LearntNetworks } from "#daemon/learnt-networks.ts";
import type { Prefix } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";

let folder: string;
let complaints: string[];
const quiet = (): void => {};
const log: Log = {
  error: (text) => complaints.push(String(text)),
  warn: quiet,
  info: quiet,
  debug: quiet,
  with: () => log,
};
beforeEach(() => {
  complaints = [];
  folder = mkdtempSync(path.join(os.tmpdir(), "learnt-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("networks learnt in one life are known in the next", () => {
  new LearntNetworks(folder, log).remember("hq", ["10.1.0.0/16" as Prefix]);
  expect(new LearntNetworks(folder, log).all()).toEqual([["hq", ["10.1.0.0/16"]]]);
});

test.each([
  ["cut off", '{"hq":["10.1'],
  ["of another kind", "7"],
])("a file that is %s is as good as none", (_, text) => {
  writeFileSync(path.join(folder, "networks.json"), text);
  expect(new LearntNetworks(folder, log).all()).toEqual([]);
});

test("what is no network in the file is left out", () => {
  writeFileSync(path.join(folder, "networks.json"), '{"hq":["10.1.0.0/16",7,"x/8"]}');
  expect(new LearntNetworks(folder, log).all()).toEqual([["hq", ["10.1.0.0/16"]]]);
});

test("a folder that can't be written costs the memory and says so", () => {
  const learnt = new LearntNetworks(path.join(folder, "missing"), log);
  learnt.remember("hq", ["10.1.0.0/16" as Prefix]);
  expect(learnt.all()).toEqual([["hq", ["10.1.0.0/16"]]]);
  expect(complaints.join()).toContain("can't keep the protected networks");
});
