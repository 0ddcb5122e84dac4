import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Learnt } from "#daemon/learnt.ts";
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

const lesson = {
  networks: ["10.1.0.0/16" as Prefix],
  gateways: ["203.0.113.3", "hub4.example.net"],
};

test("what was learnt in one life is known in the next", () => {
  new Learnt(folder, log).remember("hq", lesson);
  expect(new Learnt(folder, log).all()).toEqual([["hq", lesson]]);
});

test.each([
  ["cut off", '{"hq":["10.1'],
  ["of another kind", "7"],
])("a file that is %s is as good as none", (_, text) => {
  writeFileSync(path.join(folder, "networks.json"), text);
  expect(new Learnt(folder, log).all()).toEqual([]);
});

test("what is no network in the file is left out", () => {
  const text = '{"hq":{"networks":["10.1.0.0/16",7,"x/8"],"gateways":[7]},"other":null}';
  writeFileSync(path.join(folder, "networks.json"), text);
  expect(new Learnt(folder, log).all()).toEqual([
    ["hq", { networks: ["10.1.0.0/16"], gateways: [] }],
    ["other", { networks: [], gateways: [] }],
  ]);
});

test("a list alone, as an earlier version wrote it, is the networks", () => {
  writeFileSync(path.join(folder, "networks.json"), '{"hq":["10.1.0.0/16"]}');
  expect(new Learnt(folder, log).all()).toEqual([
    ["hq", { networks: ["10.1.0.0/16"], gateways: [] }],
  ]);
});

test("a folder that can't be written costs the memory and says so", () => {
  const learnt = new Learnt(path.join(folder, "missing"), log);
  learnt.remember("hq", lesson);
  expect(learnt.all()).toEqual([["hq", lesson]]);
  expect(complaints.join()).toContain("can't keep what the hubs told");
});
