/** Proves what `make binary` promises: the same bytes each time, a true bill of materials, no compiled part left on disk. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "#test/support/mosquitto.ts";
import { type Architecture, buildBinary, builtBinary, copyTree, digestOf } from "./build-binary.ts";

let folder = "";
const binaries = new Map<Architecture, string>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-binary-"));
  for (const arch of ["x64", "arm64"] as const) binaries.set(arch, builtBinary(arch));
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const binary = (arch: Architecture) => binaries.get(arch) ?? "";
const ownArchitecture = process.arch === "arm64" ? "arm64" : "x64";

describe.each(["x64", "arm64"] as const)("the binary for %s", (arch) => {
  test("is the same, byte for byte, when another checkout builds it", () => {
    const elsewhere = join(folder, `checkout-for-${arch}`);
    copyTree(elsewhere);
    const again = buildBinary(arch, join(elsewhere, "out"), elsewhere);
    expect(digestOf(again)).toBe(digestOf(binary(arch)));
    expect(readFileSync(`${again}.cdx.json`, "utf8")).toBe(
      readFileSync(`${binary(arch)}.cdx.json`, "utf8"),
    );
    rmSync(elsewhere, { recursive: true });
  }, 300_000);

  test("names itself by its digest in its bill of materials, and what it is made of", () => {
    const bill = JSON.parse(readFileSync(`${binary(arch)}.cdx.json`, "utf8"));
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.6" });
    expect(bill.metadata.component.hashes[0].content).toBe(digestOf(binary(arch)));
    const names = bill.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        `node-linux-${arch}`,
        "openssl",
        `@koromix/koffi-linux-${arch}`,
        "netlink",
        "yaml",
        "preact",
      ]),
    );
    expect(names).not.toContain("vitest");
  });
});

test("every package in a bill has its version, its licence and its digest", () => {
  const bill = JSON.parse(readFileSync(`${binary("arm64")}.cdx.json`, "utf8"));
  const packages = bill.components.filter(({ purl }: { purl: string }) =>
    purl.startsWith("pkg:npm"),
  );
  expect(packages.length).toBeGreaterThan(30);
  for (const { name, version, licenses, hashes } of packages)
    expect({
      name,
      version,
      licence: licenses?.[0].license.id,
      digest: hashes?.[0].content,
    }).toEqual({
      name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      licence: expect.any(String),
      digest: expect.stringMatching(/^[0-9a-f]{128}$/),
    });
});

test("a running daemon has its compiled parts in files without a name, and left none that has one", async () => {
  const config = join(folder, "config.yaml");
  writeFileSync(config, "hostname: branch12\n", { mode: 0o600 });
  const own = join(folder, "tmp");
  execFileSync("mkdir", ["-p", own]);
  const folders = ["--run-dir", join(folder, "run"), "--state-dir", join(folder, "state")];
  const daemon = spawn(
    "unshare",
    ["--net", binary(ownArchitecture), "run", "-c", config, ...folders],
    { stdio: "ignore", env: { ...process.env, TMPDIR: own } },
  );
  try {
    const files = () =>
      readdirSync(`/proc/${daemon.pid}/fd`).map((fd) => {
        try {
          return readlinkSync(`/proc/${daemon.pid}/fd/${fd}`);
        } catch {
          return "";
        }
      });
    const parts = () => files().filter((file) => /^\/(run|dev\/shm)\/#\d+ \(deleted\)$/.test(file));
    await until(() => parts().length === 2, "both parts are loaded");
    expect(readFileSync(`/proc/${daemon.pid}/maps`, "utf8")).not.toContain(".node");
    expect(readdirSync(own)).toEqual([]);
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "exit");
  }
});

test("the arm64 binary runs on an arm64 C library", () => {
  const script = "tools/arm64/sysroot.sh";
  const sysroot = execFileSync("sh", [script], { encoding: "utf8" }).trim();
  const run = ["-L", sysroot, binary("arm64")];
  const version = execFileSync("qemu-aarch64-static", [...run, "--version"], { encoding: "utf8" });
  expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
});
