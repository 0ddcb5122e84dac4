import { expect, test } from "vitest";
import { parseBootFacts, parseSystemFacts } from "#update/boot-facts.ts";

const boot = {
  disk: "/dev/vda",
  slot: "A",
  trial: false,
  partitions: {
    config: "/dev/vda1",
    boot: { A: "/dev/vda2", B: "/dev/vda3" },
    root: { A: "/dev/vda5", B: "/dev/vda6" },
    data: "/dev/vda7",
  },
};

test("boot facts are read as the initramfs wrote them", () => {
  expect(parseBootFacts(JSON.stringify(boot))).toEqual({ ok: true, value: boot });
  const onBoard = { ...boot, board: "raspberrypi" };
  expect(parseBootFacts(JSON.stringify(onBoard))).toEqual({ ok: true, value: onBoard });
});

test.each([
  ["{", "it is no JSON object"],
  [JSON.stringify({ ...boot, disk: 1 }), "it names no disk"],
  [JSON.stringify({ ...boot, slot: "C" }), "its slot is neither A nor B"],
  [
    JSON.stringify({ ...boot, partitions: { ...boot.partitions, root: { A: "/dev/vda5" } } }),
    "a partition is missing",
  ],
])("boot facts that can't be right are refused: %s", (text, error) => {
  expect(parseBootFacts(text)).toEqual({ ok: false, error });
});

test("the facts of the system need a board, a version and a time", () => {
  const facts = { board: "qemu-virt", version: "0.5.0", built: "2026-11-24T00:00:00Z" };
  expect(parseSystemFacts(JSON.stringify(facts))).toEqual({ ok: true, value: facts });
  for (const key of Object.keys(facts))
    expect(parseSystemFacts(JSON.stringify({ ...facts, [key]: undefined })).ok).toBe(false);
});
