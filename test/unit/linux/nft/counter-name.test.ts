import fc from "fast-check";
import { expect, test } from "vitest";
import { counterName, parseCounterName } from "#linux/nft/counter-name.ts";

test("a plain client name is readable in the counter's name", () => {
  expect(counterName("kill-switch", "hq")).toBe("kill-switch.hq");
  expect(counterName("source-nat", "Tunnel0")).toBe("source-nat.Tunnel0");
});

test("any client name comes back out of its counter's name, which is one word to nft", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (owner) => {
      const name = counterName("kill-switch", owner);
      expect(name).toMatch(/^[a-zA-Z][a-zA-Z0-9._-]*$/);
      expect(parseCounterName(name)).toEqual({ kind: "kill-switch", owner });
    }),
    { seed: 4 },
  );
});

test.each(["drops", "kill-switch.", "kill-switch.a b", "other.hq", "kill-switch._zz"])(
  "%j is not taken for a counter with an owner of ours",
  (name) => {
    expect(parseCounterName(name)).toBeUndefined();
  },
);
