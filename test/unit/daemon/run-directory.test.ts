import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDurable, writeDurably } from "#daemon/durable-file.ts";
import { claim, release, runDirectory } from "#daemon/instance.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "run-directory-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a claimed run directory names this process", async () => {
  expect(await claim(folder)).toBeUndefined();
  expect(Number(readFileSync(runDirectory(folder).pidFile, "utf8"))).toBe(process.pid);
  release(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test("a second daemon is told who answers there", async () => {
  await claim(folder);
  const server = net.createServer().listen(runDirectory(folder).controlSocket);
  await new Promise((resolve) => server.once("listening", resolve));
  expect(await claim(folder)).toBe(process.pid);
  await new Promise((resolve) => server.close(resolve));
});

test("what a killed daemon left is taken over", async () => {
  writeFileSync(runDirectory(folder).controlSocket, "");
  writeFileSync(runDirectory(folder).pidFile, "1\n");
  expect(await claim(folder)).toBeUndefined();
  expect(existsSync(runDirectory(folder).controlSocket)).toBe(false);
});

test("a durable file holds the last text and leaves nothing beside it", () => {
  const file = path.join(folder, "networks.json");
  expect(readDurable(file)).toBeUndefined();
  writeDurably(file, "one");
  writeDurably(file, "two");
  expect(readDurable(file)).toBe("two");
  expect(readdirSync(folder)).toEqual(["networks.json"]);
});
