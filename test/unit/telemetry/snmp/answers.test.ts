import fc from "fast-check";
import { expect, test } from "vitest";
import { answer, type Question } from "#telemetry/snmp/answers.ts";
import { counter64, integer, ManagedObjects, octets, row } from "#telemetry/snmp/objects.ts";

const objects = new ManagedObjects([
  { oid: "1.3.6.1.2.10.0", value: integer(10) },
  { oid: "1.3.6.1.2.9.0", value: octets("nine") },
  ...row("1.3.6.1.4", "7", { 1: integer(1), 2: counter64(2 ** 40) }),
]);

function ask(kind: Question["kind"], oids: readonly string[], more: Partial<Question> = {}) {
  const varbinds = oids.map((oid) => ({ oid, type: 5, value: null }));
  return answer({ kind, varbinds, nonRepeaters: 0, maxRepetitions: 0, ...more }, objects);
}

const oidsOf = (found: ReturnType<typeof ask>) => found.varbinds.map(({ oid }) => oid);

test("objects stand in the order of their numbers, not of their digits", () => {
  expect(oidsOf(ask("next", ["1.3.6.1.2.9", "1.3.6.1.2.9.0"]))).toEqual([
    "1.3.6.1.2.9.0",
    "1.3.6.1.2.10.0",
  ]);
});

test("behind the last object is the end of the view, under the name that was asked for", () => {
  expect(ask("next", ["1.3.6.1.4.1.2.7"]).varbinds).toEqual([
    { oid: "1.3.6.1.4.1.2.7", type: 130, value: null },
  ]);
});

test("a missing row of a table that there is differs from an object that there is not", () => {
  const [row8, nothing] = ask("get", ["1.3.6.1.4.1.2.8", "1.3.9.1"]).varbinds;
  expect([row8?.type, nothing?.type]).toEqual([129, 128]);
});

test("a bulk request gives its non-repeaters once and the others again and again", () => {
  const found = ask("bulk", ["1.3.6.1.2.9", "1.3.6.1.2.9", "1.3.6.1.4"], {
    nonRepeaters: 1,
    maxRepetitions: 2,
  });
  expect(oidsOf(found)).toEqual([
    "1.3.6.1.2.9.0",
    "1.3.6.1.2.9.0",
    "1.3.6.1.4.1.1.7",
    "1.3.6.1.2.10.0",
    "1.3.6.1.4.1.2.7",
  ]);
});

test("a set request changes nothing and is not writable at its first variable", () => {
  const { errorStatus, errorIndex } = ask("set", ["1.3.6.1.2.9.0"]);
  expect({ errorStatus, errorIndex }).toEqual({ errorStatus: 17, errorIndex: 1 });
  expect(ask("get", ["1.3.6.1.2.9.0"]).varbinds[0]?.value).toBe("nine");
});

test("a request for more variables than any manager asks for is too big", () => {
  expect(
    ask(
      "get",
      Array.from({ length: 65 }, () => "1.3.6.1.2.9.0"),
    ).errorStatus,
  ).toBe(1);
});

test("a large counter is written in as few octets as it needs, never negative", () => {
  const big = new ManagedObjects([{ oid: "1.3.1", value: counter64(0x80_0000) }]);
  const question = { kind: "get", nonRepeaters: 0, maxRepetitions: 0 } as const;
  const { varbinds } = answer(
    { ...question, varbinds: [{ oid: "1.3.1", type: 5, value: null }] },
    big,
  );
  expect(varbinds[0]?.value).toEqual(Buffer.of(0, 0x80, 0, 0));
});

test("whatever is asked for, the answer is bounded", () => {
  const many = new ManagedObjects(
    Array.from({ length: 5000 }, (_, index) => ({
      oid: `1.3.6.${index}`,
      value: octets("x".repeat(40)),
    })),
  );
  const oid = fc.array(fc.nat(9), { minLength: 2, maxLength: 6 }).map((arcs) => arcs.join("."));
  const asked = fc.record({
    kind: fc.constantFrom("get" as const, "next" as const, "bulk" as const, "set" as const),
    oids: fc.array(oid, { maxLength: 100 }),
    nonRepeaters: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    maxRepetitions: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  });
  fc.assert(
    fc.property(asked, ({ kind, oids, nonRepeaters, maxRepetitions }) => {
      const varbinds = oids.map((one) => ({ oid: one, type: 5, value: null }));
      const found = answer({ kind, varbinds, nonRepeaters, maxRepetitions }, many);
      expect(found.varbinds.length).toBeLessThan(200);
    }),
    { numRuns: 300, seed: 9 },
  );
});
