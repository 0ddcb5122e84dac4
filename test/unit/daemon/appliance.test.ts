import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AppliancePlaces, readAppliance, readUpdateKeys } from "#daemon/appliance.ts";
import { examplePublicPem } from "#test/support/update/example-bundle.ts";

let folder = "";
let places: AppliancePlaces;
let warnings: string[] = [];
const log = { warn: (text: string | (() => string)) => void warnings.push(String(text)) };

beforeEach(() => {
  warnings = [];
  folder = mkdtempSync(path.join(tmpdir(), "appliance-"));
  const [boot, system, keys] = ["boot.json", "appliance.json", "keys"].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  places = { boot, system, keys };
});
afterEach(() => rmSync(folder, { recursive: true }));

const bootFacts = {
  disk: "/dev/mmcblk0",
  slot: "B",
  trial: true,
  partitions: {
    config: "/dev/mmcblk0p1",
    boot: { A: "/dev/mmcblk0p2", B: "/dev/mmcblk0p3" },
    root: { A: "/dev/mmcblk0p5", B: "/dev/mmcblk0p6" },
    data: "/dev/mmcblk0p7",
  },
};
const systemFacts = { board: "qemu-virt", version: "0.5.0", built: "2026-11-24T00:00:00Z" };

test("a machine without boot facts is not the appliance", () => {
  expect(readAppliance(log, places)).toBeUndefined();
  expect(warnings).toEqual([]);
});

test("the board that was booted wins over the one the root file system names", () => {
  writeFileSync(places.boot, JSON.stringify({ ...bootFacts, board: "raspberrypi" }));
  writeFileSync(places.system, JSON.stringify(systemFacts));
  expect(readAppliance(log, places)?.system).toEqual({ ...systemFacts, board: "raspberrypi" });
});

test("facts that make no sense are told of, and the machine counts as no appliance", () => {
  writeFileSync(places.boot, JSON.stringify({ ...bootFacts, slot: "Z" }));
  writeFileSync(places.system, JSON.stringify(systemFacts));
  expect(readAppliance(log, places)).toBeUndefined();
  expect(warnings.join()).toContain("its slot is neither A nor B");
});

test("every Ed25519 key of the folder is known by its file's name, other files are told of", () => {
  mkdirSync(places.keys);
  const rsa = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(path.join(places.keys, "vendor.pub"), examplePublicPem);
  writeFileSync(path.join(places.keys, "old.pub"), rsa.publicKey);
  writeFileSync(path.join(places.keys, "README"), "no key");
  expect(readUpdateKeys(log, places).map(({ name }) => name)).toEqual(["vendor"]);
  expect(warnings).toEqual([expect.stringContaining("old.pub holds no Ed25519 public key")]);
});
