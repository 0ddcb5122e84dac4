import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  exampleBundle,
  exampleParts,
  examplePrivatePem,
} from "#test/support/update/example-bundle.ts";
import { makeUpdate } from "../../../tools/make-update.ts";
import { updateKey } from "../../../tools/update-key.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "make-update-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the same parts, version and key give the same bytes", () => {
  expect(Buffer.compare(exampleBundle().bytes, exampleBundle().bytes)).toBe(0);
});

test("a version that is none makes no bundle", () => {
  const images = { boot: path.join(folder, "boot"), root: path.join(folder, "root") };
  const { boot, root } = exampleParts(1);
  writeFileSync(images.boot, boot);
  writeFileSync(images.root, root);
  const about = { images, board: ["qemu-virt"], built: "2026-11-24T00:00:00Z" };
  const key = createPrivateKey(examplePrivatePem);
  expect(() => makeUpdate({ ...about, version: "next", key }, path.join(folder, "out"))).toThrow(
    "its version is none",
  );
});

test("a key pair is made once, and its private half is for nobody else to read", () => {
  const files = updateKey(path.join(folder, "keys"), "vendor");
  const first = readFileSync(files.privateKey, "utf8");
  expect(statSync(files.privateKey).mode & 0o777).toBe(0o600);
  expect(updateKey(path.join(folder, "keys"), "vendor")).toEqual(files);
  expect(readFileSync(files.privateKey, "utf8")).toBe(first);
});
