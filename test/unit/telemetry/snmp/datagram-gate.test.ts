import fc from "fast-check";
import { expect, test } from "vitest";
import { openGate } from "#telemetry/snmp/datagram-gate.ts";
import { bulkRequest, nextRequestV3 } from "#test/support/snmp-message.ts";

const engineId = Buffer.from("8000000005aabbccddeeff", "hex");

test("requests of v2c, of v3 for this engine, and of a manager that looks for it are admitted", () => {
  const gate = openGate(engineId);
  expect(gate.admits(bulkRequest("public", 10), 0)).toBe(true);
  expect(gate.admits(nextRequestV3(engineId, "manager", true), 0)).toBe(true);
  expect(gate.admits(nextRequestV3(new Uint8Array(), "", false), 0)).toBe(true);
  expect(gate.refused).toBe(0);
});

test.each([
  [
    "of v3 for another engine, which would cost a key",
    nextRequestV3(Buffer.alloc(12, 7), "manager", true),
  ],
  ["of SNMPv1", bulkRequest("public", 10, 0)],
  ["of a version that there is not", bulkRequest("public", 10, 2)],
  [
    "that is larger than any manager's",
    Buffer.concat([bulkRequest("public", 10), Buffer.alloc(4096)]),
  ],
  ["that ends before it says", bulkRequest("public", 10).subarray(0, 20)],
  ["that is empty", Buffer.alloc(0)],
])("a datagram %s is not admitted", (_what, datagram) => {
  const gate = openGate(engineId);
  expect(gate.admits(datagram, 0)).toBe(false);
  expect(gate.refused).toBe(1);
});

test("more than a burst is not admitted, and after a pause again", () => {
  const gate = openGate(engineId);
  const request = bulkRequest("public", 10);
  const admitted = (count: number, now: number) =>
    Array.from({ length: count }, () => gate.admits(request, now)).filter(Boolean).length;
  expect(admitted(5000, 1000)).toBe(600);
  expect(admitted(5000, 2000)).toBe(200);
  expect(admitted(5000, 60_000)).toBe(600);
  expect(gate.refused).toBe(15_000 - 1400);
});

test("any bytes are admitted or not, and no more", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(typeof openGate(engineId).admits(bytes, 0)).toBe("boolean");
    }),
    { numRuns: 500, seed: 3 },
  );
});
