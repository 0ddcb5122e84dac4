import { expect, test } from "vitest";
import { dissectMessage, dissectPayload, dissectSealed } from "#ike/message/dissect.ts";
import { configAttributeName, exchangeName, notifyName, transformName } from "#ike/message/iana.ts";
import { idPayload } from "#ike/message/id.ts";
import type { IkeHeader, Payload } from "#ike/message/message.ts";
import {
  decodeMessage,
  decodePayloads,
  encodeMessage,
  MAX_PAYLOADS,
} from "#ike/message/payload-chain.ts";
import { InvariantError } from "#lib/invariant.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

const hex = (text: string) => fromHex(text.replaceAll(/\s/g, ""));
const header: IkeHeader = {
  spiInitiator: 0x4f09_b117_ac3e_f68cn,
  spiResponder: 0n,
  exchange: 34,
  isInitiator: true,
  isResponse: false,
  messageId: 0,
};
const nonce: Payload = { type: "Nonce", nonce: new Uint8Array(16).fill(7) };
const headerHex = "4f09b117ac3ef68c 0000000000000000";

/** The fault's code, path and offset, or `ok`. */
function outcome(bytes: Uint8Array): readonly unknown[] {
  const result = decodeMessage(bytes);
  return result.ok ? ["ok"] : [result.error.code, result.error.at, result.error.offset];
}

test("a message is header, generic headers and bodies, with all lengths filled in", () => {
  expect(encodeMessage(header, [nonce, { type: "VendorId", vendorId: hex("abcd") }])).toEqual(
    hex(`${headerHex} 28 20 22 08 00000000 00000036
      2b 00 0014 07070707070707070707070707070707
      00 00 0006 abcd`),
  );
});

test("a message without payloads is a header alone", () => {
  const bytes = encodeMessage(header, []);
  expect(bytes.length).toBe(28);
  expect(decodeMessage(bytes)).toEqual({
    ok: true,
    value: { kind: "clear", header, payloads: [] },
  });
});

test.each([
  [{ isInitiator: true, isResponse: false }, 0x08],
  [{ isInitiator: false, isResponse: true }, 0x20],
  [{ isInitiator: true, isResponse: true }, 0x28],
  [{ isInitiator: false, isResponse: false }, 0x00],
])("flags %j are %i on the wire", (flags, byte) => {
  const bytes = encodeMessage({ ...header, ...flags }, []);
  expect(bytes[19]).toBe(byte);
  bytes[19] = byte | 0xd7;
  const message = decodeMessage(bytes);
  // The version flag and reserved bits change nothing.
  expect(message.ok && message.value.header).toEqual({ ...header, ...flags });
});

test("a higher minor version is accepted", () => {
  const bytes = encodeMessage(header, []);
  bytes[17] = 0x2f;
  expect(outcome(bytes)).toEqual(["ok"]);
});

test("a higher major version is refused with the notify for it, IKEv1 without one", () => {
  const bytes = encodeMessage(header, []);
  bytes[17] = 0x30;
  const newer = decodeMessage(bytes);
  expect(newer.ok ? "ok" : [newer.error.code, newer.error.notify?.type]).toEqual([
    "ike.decode.version",
    5,
  ]);
  bytes[17] = 0x10;
  const older = decodeMessage(bytes);
  expect(older.ok ? "ok" : [older.error.code, older.error.notify]).toEqual([
    "ike.decode.version",
    undefined,
  ]);
});

test.each<[string, string, readonly unknown[]]>([
  ["no bytes", "", ["ike.decode.header", "", 0]],
  ["27 bytes", "00".repeat(27), ["ike.decode.header", "", 0]],
  [
    "an initiator SPI of zero",
    `${"00".repeat(16)} 00 20 22 08 00000000 0000001c`,
    ["ike.decode.header", "", 0],
  ],
  [
    "a length beyond the datagram",
    `${headerHex} 00 20 22 08 00000000 0000001d`,
    ["ike.decode.header", "", 24],
  ],
  [
    "a datagram beyond the length",
    `${headerHex} 00 20 22 08 00000000 0000001c 00`,
    ["ike.decode.header", "", 24],
  ],
  [
    "a payload that is announced and missing",
    `${headerHex} 28 20 22 08 00000000 0000001c`,
    ["ike.decode.length", "Nonce", 28],
  ],
  [
    "a payload of length three",
    `${headerHex} 2b 20 22 08 00000000 00000020 00000003`,
    ["ike.decode.length", "VendorId", 30],
  ],
  [
    "a payload longer than the message",
    `${headerHex} 2b 20 22 08 00000000 00000020 00000005`,
    ["ike.decode.length", "VendorId", 30],
  ],
  [
    "bytes behind the last payload",
    `${headerHex} 2b 20 22 08 00000000 00000024 00000004 00000004`,
    ["ike.decode.length", "", 32],
  ],
  [
    "an Encrypted payload that is not the last one",
    `${headerHex} 2e 20 23 08 00000001 00000026 29000008 00000000 0000`,
    ["ike.decode.length", "SK", 30],
  ],
  [
    "a fragment without numbers",
    `${headerHex} 35 20 23 08 00000001 00000022 00000006 0001`,
    ["ike.decode.length", "", 34],
  ],
  [
    "fragment zero",
    `${headerHex} 35 20 23 08 00000001 00000024 00000008 00000002`,
    ["ike.decode.syntax", "", 32],
  ],
  [
    "fragment three of two",
    `${headerHex} 35 20 23 08 00000001 00000024 00000008 00030002`,
    ["ike.decode.syntax", "", 32],
  ],
  [
    "a critical payload that is not known",
    `${headerHex} c8 20 22 08 00000000 00000020 00800004`,
    ["ike.decode.critical", "payload 200", 28],
  ],
])("%s is refused", (_, bytes, expected) => {
  expect(outcome(hex(bytes))).toEqual(expected);
});

test("the fault of a critical payload names the notify and its data", () => {
  const result = decodePayloads(200, hex("00800004"));
  expect(result.ok ? undefined : result.error.notify).toEqual({
    type: 1,
    data: Uint8Array.of(200),
  });
});

test("an unknown payload that is not critical is kept and skipped, also between known ones", () => {
  const unknown: Payload = {
    type: "Unknown",
    payloadType: 200,
    isCritical: false,
    body: hex("0102"),
  };
  const message = decodeMessage(encodeMessage(header, [nonce, unknown, nonce]));
  expect(message.ok && message.value.payloads).toEqual([nonce, unknown, nonce]);
});

test("the critical flag of a known payload is ignored", () => {
  const bytes = encodeMessage(header, [nonce]);
  bytes[29] = 0x80;
  expect(outcome(bytes)).toEqual(["ok"]);
});

test("more payloads than any exchange needs are refused", () => {
  const empty: Payload = { type: "VendorId", vendorId: new Uint8Array(0) };
  const many = (count: number) => encodeMessage(header, Array<Payload>(count).fill(empty));
  expect(outcome(many(MAX_PAYLOADS))).toEqual(["ok"]);
  expect(outcome(many(MAX_PAYLOADS + 1))[0]).toBe("ike.decode.syntax");
});

test("an Encrypted payload inside another is refused", () => {
  expect(decodePayloads(46, hex("00000008 01020304")).ok).toBe(false);
  expect(decodePayloads(53, hex("00000008 00010001")).ok).toBe(false);
});

test("a payload longer than its length can say is a broken promise of ours", () => {
  const huge: Payload = { type: "VendorId", vendorId: new Uint8Array(65_532) };
  expect(() => encodeMessage(header, [huge])).toThrow(InvariantError);
  const largest: Payload = { type: "VendorId", vendorId: new Uint8Array(65_531) };
  expect(outcome(encodeMessage(header, [largest]))).toEqual(["ok"]);
});

test("no payloads are no bytes", () => {
  expect(decodePayloads(0, new Uint8Array(0))).toEqual({ ok: true, value: [] });
  expect(decodePayloads(0, new Uint8Array(1)).ok).toBe(false);
});

test("a sealed message keeps what is before SK and where associated data ends", () => {
  const bytes = hex(`${headerHex} 29 20 25 08 00000002 0000002e
    2e000008 00004000
    23000006 abcd`);
  bytes[27] = bytes.length;
  const message = decodeMessage(bytes);
  if (!message.ok || message.value.kind !== "sealed") throw new Error(JSON.stringify(message));
  expect(message.value.payloads.map((payload) => payload.type)).toEqual(["Notify"]);
  expect([message.value.firstInner, message.value.associatedData.length]).toEqual([35, 40]);
  expect(message.value.sealed).toEqual(hex("abcd"));
  expect(dissectSealed(message.value).split("\n").at(-1)).toBe("  SK 2 bytes");
});

test("a debug log shows a header line and a line a payload", () => {
  const id = idPayload("IDr", 2, new TextEncoder().encode("hub"));
  expect(dissectMessage({ ...header, exchange: 35, isResponse: true, messageId: 1 }, [id])).toBe(
    'IKE_AUTH response 1 from the initiator, SPIs 4f09b117ac3ef68c 0000000000000000\n  IDr ID_FQDN "hub"',
  );
  expect(
    dissectPayload({ type: "Unknown", payloadType: 54, isCritical: true, body: hex("01") }),
  ).toBe("PS critical 01");
});

test("numbers without a name are printed as numbers", () => {
  expect(exchangeName(99)).toBe("exchange 99");
  expect(notifyName(40_961)).toBe("notify 40961");
  expect(configAttributeName(28_681)).toBe("UNITY_BACKUP_SERVERS");
  expect([transformName(1, 20), transformName(9, 36), transformName(13, 1)]).toEqual([
    "AES_GCM_16",
    "ML_KEM_768",
    "1",
  ]);
});
