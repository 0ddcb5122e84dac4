import { expect, test } from "vitest";
import { decodeEchoReply, encodeEchoRequest } from "#linux/probe/echo-codec.ts";

const payload = { token: 0xdeadbeef, id: 7, packet: 2 };

test.each([
  [4, 8, 0],
  [6, 128, 129],
] as const)("an IPv%i echo comes back as what was sent", (family, request, reply) => {
  const bytes = encodeEchoRequest(family, 0x1234, 0xfffe, payload);
  expect([bytes.length, bytes[0], bytes[1]]).toEqual([36, request, 0]);
  bytes[0] = reply;
  expect(decodeEchoReply(family, bytes)).toEqual({
    ...payload,
    identifier: 0x1234,
    sequence: 0xfffe,
    isIntact: true,
  });
});

test("changed or shortened data is noticed", () => {
  const bytes = encodeEchoRequest(4, 1, 1, payload);
  bytes[0] = 0;
  expect(decodeEchoReply(4, bytes.subarray(0, 30))?.isIntact).toBe(false);
  bytes[35] = 0;
  expect(decodeEchoReply(4, bytes)?.isIntact).toBe(false);
});

test("a request, an error message and a runt are no answers", () => {
  const bytes = encodeEchoRequest(4, 1, 1, payload);
  expect(decodeEchoReply(4, bytes)).toBeUndefined();
  bytes[0] = 3;
  expect(decodeEchoReply(4, bytes)).toBeUndefined();
  bytes[0] = 0;
  expect(decodeEchoReply(4, bytes.subarray(0, 12))).toBeUndefined();
});
