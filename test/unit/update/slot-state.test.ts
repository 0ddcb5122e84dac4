import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeSlotState,
  encodeSlotState,
  readSlotState,
  slotStateOffsets,
} from "#update/slot-state.ts";

const slot = fc.constantFrom("A" as const, "B" as const);
const anyState = fc
  .record({ slot, trial: fc.option(slot), tries: fc.integer({ min: 0, max: 9 }) })
  .map(({ slot: chosen, trial, tries }) => ({
    slot: chosen,
    tries,
    ...(trial === null ? {} : { trial }),
  }));

const empty = new Uint8Array(512);

test("what is written is read as it was meant", () => {
  fc.assert(
    fc.property(anyState, (state) => {
      expect(decodeSlotState(encodeSlotState(state))).toEqual(state);
    }),
    { seed: 1 },
  );
});

test("a copy has the form that U-Boot exports with its checksum", () => {
  const bytes = encodeSlotState({ slot: "A", trial: "B", tries: 1 });
  const text = new TextDecoder().decode(bytes.subarray(4));
  expect(text.replace(/\0+$/, "")).toBe("slot=A\0trial=B\0tries=1");
  expect(bytes).toHaveLength(512);
});

// Made with `mkenvimage -s 0x200 -p 0` of u-boot-tools from the same three lines.
test("the checksum is U-Boot's", () => {
  const bytes = encodeSlotState({ slot: "A", tries: 0 });
  expect(Buffer.from(bytes.subarray(0, 4)).toString("hex")).toBe("f1b75167");
});

test("a copy with any one byte wrong is no copy", () => {
  const good = encodeSlotState({ slot: "B", trial: "A", tries: 1 });
  for (let at = 0; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = (bad[at] ?? 0) ^ 0x10;
    expect(decodeSlotState(bad)).toBeUndefined();
  }
});

test("the first copy is believed, and one that differs from it is to be written again", () => {
  const newer = encodeSlotState({ slot: "B", tries: 0 });
  const older = encodeSlotState({ slot: "A", trial: "B", tries: 0 });
  expect(readSlotState(newer, older)).toEqual({ state: { slot: "B", tries: 0 }, stale: [1] });
  expect(readSlotState(newer, newer).stale).toEqual([]);
});

test("a torn first copy gives way to the second", () => {
  const whole = encodeSlotState({ slot: "B", tries: 0 });
  expect(readSlotState(empty, whole)).toEqual({ state: { slot: "B", tries: 0 }, stale: [0] });
});

test("with neither copy, the system is started from slot A", () => {
  expect(readSlotState(empty, empty)).toEqual({ state: { slot: "A", tries: 0 }, stale: [0, 1] });
});

test("the copies stand behind the partition table, before the first partition, and far enough apart", () => {
  const [first, second] = slotStateOffsets;
  expect(first).toBeGreaterThanOrEqual(512);
  expect(second - first).toBeGreaterThanOrEqual(4096);
  expect(second + 512).toBeLessThanOrEqual(1024 * 1024);
});
