import { expect, test } from "vitest";
import { type Recipient, refusal } from "#update/acceptance.ts";
import type { Manifest } from "#update/manifest.ts";

const manifest: Manifest = {
  board: ["qemu-virt", "raspberrypi"],
  version: "0.5.1",
  built: "2026-11-24T00:00:00Z",
  parts: [
    { name: "boot", size: 1_000, chunks: [null] },
    { name: "root", size: 2_000, chunks: [null] },
  ],
};
const recipient: Recipient = {
  system: { board: "raspberrypi", version: "0.5.0", built: "2026-10-01T00:00:00Z" },
  room: { boot: 1_000, root: 2_000 },
  force: false,
};
const code = (offered: Partial<Manifest>, to: Partial<Recipient> = {}) =>
  refusal({ ...manifest, ...offered }, { ...recipient, ...to })?.code;

test("a newer version for this board that fits is taken", () => {
  expect(code({})).toBeUndefined();
});

test("the same version is taken again, unless it was made earlier", () => {
  expect(code({ version: "0.5.0" })).toBeUndefined();
  expect(code({ version: "0.5.0", built: recipient.system.built })).toBeUndefined();
  expect(code({ version: "0.5.0", built: "2026-09-30T23:59:59Z" })).toBe("update.older");
});

test("a candidate is older than the release that it became", () => {
  const system = { ...recipient.system, version: "0.5.1" };
  expect(code({ version: "0.5.1-rc.1" }, { system })).toBe("update.older");
});

test("a system without a version of its own takes what was made later", () => {
  const system = { ...recipient.system, version: "development" };
  expect(code({}, { system })).toBeUndefined();
  expect(code({ built: "2026-09-01T00:00:00Z" }, { system })).toBe("update.older");
});

test("force is about the version alone", () => {
  expect(code({ version: "0.4.0" }, { force: true })).toBeUndefined();
  expect(code({ board: ["qemu-virt"] }, { force: true })).toBe("update.wrong-board");
  expect(code({}, { force: true, room: { boot: 999, root: 2_000 } })).toBe("update.too-large");
});

test("what does not fit names the part and both sizes", () => {
  const room = { boot: 1_000, root: 1_999 };
  expect(refusal(manifest, { ...recipient, room })?.message).toContain(
    "the root part of 2000 bytes does not fit into the partition of 1999",
  );
});
