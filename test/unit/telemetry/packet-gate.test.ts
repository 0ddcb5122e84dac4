import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketGate } from "#telemetry/mqtt/packet-gate.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test("what a client is sent passes, however it is cut into pieces", () => {
  const connack = [0x20, 2, 0, 0];
  const publish = [0x32, 0x80 + 72, 1, ...new Array(200).fill(7)];
  const stream = [...connack, ...publish, 0xd0, 0, 0x40, 2, 0, 1];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 })), (cuts) => {
      const gate = new PacketGate();
      const rest = [...stream];
      for (const cut of [...cuts, stream.length])
        expect(gate.take(bytes(...rest.splice(0, cut)))).toBeUndefined();
    }),
    { seed: 1, numRuns: 100 },
  );
});

test.each([
  ["a huge message", [0x30, 0xff, 0xff, 0xff, 0x7f]],
  ["a length that does not end", [0x30, 0xff, 0xff, 0xff, 0xff]],
  ["a message of QoS 2", [0x34, 2, 0, 0]],
  ["a message of QoS 3", [0x36, 2, 0, 0]],
  ["a CONNECT", [0x10, 2, 0, 0]],
  ["a PUBREL", [0x62, 2, 0, 0]],
  ["an AUTH", [0xf0, 0]],
  ["a large CONNACK", [0x20, 0x80, 0x40]],
])("%s ends the connection", (_name, packet) => {
  expect(new PacketGate().take(bytes(...packet))).toBeDefined();
});
