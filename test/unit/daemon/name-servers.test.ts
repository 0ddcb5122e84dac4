import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NameServers } from "#daemon/name-servers.ts";

let root: string;
let names: NameServers;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "name-servers-"));
  folder = path.join(root, "dns");
  const join = path.join(root, "join");
  writeFileSync(
    join,
    `#!/bin/sh\ncat ${folder}/* >${root}/resolv.conf 2>/dev/null; echo >>${root}/calls\n`,
    {
      mode: 0o755,
    },
  );
  names = new NameServers({ folder, join });
});
afterEach(() => rmSync(root, { recursive: true }));

const together = () => readFileSync(path.join(root, "resolv.conf"), "utf8");
const calls = () => readFileSync(path.join(root, "calls"), "utf8").length;
const fixed = [{ interface: "wan1", metric: 200, servers: ["192.0.2.53"] }];

test("the servers of the better link come first, whoever tells of them", async () => {
  await names.configure(fixed, []);
  await names.line("wan0", 100, ["198.51.100.1", "198.51.100.2"]);
  expect(together()).toBe(
    "nameserver 198.51.100.1\nnameserver 198.51.100.2\nnameserver 192.0.2.53\n",
  );
});

test("a line that is down takes its servers with it", async () => {
  await names.configure(fixed, []);
  await names.line("wan0", 100, ["198.51.100.1"]);
  await names.line("wan0", 100, undefined);
  expect(together()).toBe("nameserver 192.0.2.53\n");
});

test("what an earlier life left goes, what the DHCP client wrote stays", async () => {
  mkdirSync(folder);
  writeFileSync(path.join(folder, "00100-wan0"), "nameserver 192.0.2.1\n");
  writeFileSync(path.join(folder, "00300-wan9"), "nameserver 192.0.2.9\n");
  await names.configure(fixed, ["wan0"]);
  expect(readdirSync(folder)).toEqual(["00100-wan0", "00200-wan1"]);
  expect(together()).toBe("nameserver 192.0.2.1\nnameserver 192.0.2.53\n");
});

test("nothing is put together anew while nothing changed", async () => {
  await names.configure(fixed, []);
  await names.configure(fixed, []);
  await names.line("wan5", 500, undefined);
  await names.line("wan5", 500, []);
  expect(calls()).toBe(1);
});
