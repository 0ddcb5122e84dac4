import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leftServices, removeService, writeService } from "#linux/system/service-files.ts";
import type { ServicePlan } from "#system/service-plan.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "services-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plan = (change: Partial<ServicePlan> = {}): ServicePlan => ({
  name: "udhcpc-wan0",
  command: ["udhcpc", "-f", "-x", "hostname:it's branch 12"],
  environment: { METRIC: "100" },
  files: { [path.join(folder, "files/conf")]: { text: "one\n", mode: 0o600 } },
  ...change,
});

const write = (change?: Partial<ServicePlan>) => writeService(plan(change), folder);

test("a new service is a whole folder with its script, and its files are in place", () => {
  expect(write()).toBe("new");
  const run = readFileSync(path.join(folder, "udhcpc-wan0/run"), "utf8");
  expect(run).toContain("export METRIC=100\nexec udhcpc -f -x 'hostname:it'\\''s branch 12'\n");
  expect(statSync(path.join(folder, "udhcpc-wan0/run")).mode & 0o777).toBe(0o755);
  expect(statSync(path.join(folder, "files/conf")).mode & 0o777).toBe(0o600);
});

test("what is the same is not touched, what differs is", () => {
  write();
  expect(write()).toBe("same");
  expect(write({ environment: { METRIC: "200" } })).toBe("changed");
  const files = { [path.join(folder, "files/conf")]: { text: "two\n", mode: 0o600 } };
  expect(write({ environment: { METRIC: "200" }, files })).toBe("changed");
  expect(write({ environment: { METRIC: "200" }, files })).toBe("same");
});

test("services that are not wanted any more are known, and only ours", () => {
  write();
  write({ name: "dnsmasq" });
  expect(leftServices(["dnsmasq"], folder)).toEqual(["udhcpc-wan0"]);
  removeService("udhcpc-wan0", folder);
  expect(existsSync(path.join(folder, "udhcpc-wan0"))).toBe(false);
  expect(leftServices([], path.join(folder, "files"))).toEqual([]);
});
