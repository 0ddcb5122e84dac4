import { expect, test } from "vitest";
import { dissectPayload } from "#ike/message/dissect.ts";
import type { Payload } from "#ike/message/message.ts";
import { decodePayloads, encodePayloads, payloadCodecs } from "#ike/message/payload-chain.ts";
import { ByteWriter } from "#lib/bytes.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

/** Hexadecimal with spaces for the eye. */
const hex = (text: string) => fromHex(text.replaceAll(/\s/g, ""));
const none = new Uint8Array(0);

/** Every declared payload: its type, body on the wire, value and the line of a debug log. */
const cases: readonly [string, number, string, Payload, string][] = [
  [
    "an initial IKE proposal with AES-GCM-256",
    33,
    `0000 0024 01 01 00 03
       0300 000c 01 00 0014 800e 0100
       0300 0008 02 00 0006
       0000 0008 04 00 001f`,
    {
      type: "SA",
      proposals: [
        {
          number: 1,
          protocol: 1,
          spi: none,
          transforms: [
            { type: 1, id: 20, keyLength: 256 },
            { type: 2, id: 6 },
            { type: 4, id: 31 },
          ],
        },
      ],
    },
    "SA proposals [{ number 1, protocol IKE, spi -, transforms [ENCR AES_GCM_16 256; PRF HMAC_SHA2_384; KE X25519] }]",
  ],
  [
    "two ESP proposals",
    33,
    `0200 0018 01 03 04 01 c0ffee01  0000 000c 01 00 0014 800e 0080
     0000 001c 02 03 04 02 c0ffee01  0300 0008 03 00 000c  0000 0008 05 00 0000`,
    {
      type: "SA",
      proposals: [
        {
          number: 1,
          protocol: 3,
          spi: hex("c0ffee01"),
          transforms: [{ type: 1, id: 20, keyLength: 128 }],
        },
        {
          number: 2,
          protocol: 3,
          spi: hex("c0ffee01"),
          transforms: [
            { type: 3, id: 12 },
            { type: 5, id: 0 },
          ],
        },
      ],
    },
    "SA proposals [{ number 1, protocol ESP, spi c0ffee01, transforms [ENCR AES_GCM_16 128] }; { number 2, protocol ESP, spi c0ffee01, transforms [INTEG HMAC_SHA2_256_128; ESN NO_ESN] }]",
  ],
  [
    "a transform with attributes that are not known",
    33,
    "0000 0020 01 01 00 01  0000 0018 01 00 000c 800e 0100 8012 0007 0013 0004 01020304",
    {
      type: "SA",
      proposals: [
        {
          number: 1,
          protocol: 1,
          spi: none,
          transforms: [
            {
              type: 1,
              id: 12,
              keyLength: 256,
              unknownAttributes: [
                { type: 18, value: 7 },
                { type: 19, value: hex("01020304") },
              ],
            },
          ],
        },
      ],
    },
    "SA proposals [{ number 1, protocol IKE, spi -, transforms [ENCR AES_CBC 256 attribute 18 7 attribute 19 01020304] }]",
  ],
  ["no proposal at all", 33, "", { type: "SA", proposals: [] }, "SA proposals []"],
  [
    "a public value",
    34,
    "001f 0000 0102030405",
    { type: "KE", method: 31, publicValue: hex("0102030405") },
    "KE method X25519, publicValue 0102030405",
  ],
  [
    "a name of the initiator",
    35,
    "02 000000 6272616e6368",
    {
      type: "IDi",
      idType: 2,
      data: hex("6272616e6368"),
      body: hex("02 000000 6272616e6368"),
    },
    'IDi ID_FQDN "branch"',
  ],
  [
    "an address of the responder, reserved bytes kept",
    36,
    "01 010203 c0000201",
    { type: "IDr", idType: 1, data: hex("c0000201"), body: hex("01 010203 c0000201") },
    "IDr ID_IPV4_ADDR c0000201",
  ],
  [
    "a certificate",
    37,
    "04 3003020100",
    { type: "CERT", encoding: 4, data: hex("3003020100") },
    "CERT encoding X509_SIGNATURE, data 3003020100",
  ],
  [
    "an authority",
    38,
    "04 1a902405cd0ddf4831e6c6f4abc2294d9e3618d4",
    { type: "CERTREQ", encoding: 4, authorities: hex("1a902405cd0ddf4831e6c6f4abc2294d9e3618d4") },
    "CERTREQ encoding X509_SIGNATURE, authorities 1a902405cd0ddf4831e6c6f4abc2294d9e3618d4",
  ],
  [
    "a shared-key proof, whose bytes stay out of logs",
    39,
    "02 000000 0980f51b",
    { type: "AUTH", method: 2, data: hex("0980f51b") },
    "AUTH method SHARED_KEY, data (4 bytes)",
  ],
  [
    "a nonce",
    40,
    "00112233445566778899aabbccddeeff",
    { type: "Nonce", nonce: hex("00112233445566778899aabbccddeeff") },
    "Nonce nonce 00112233445566778899aabbccddeeff",
  ],
  [
    "a notify about an ESP SA",
    41,
    "03 04 4009 c0ffee01",
    { type: "Notify", protocol: 3, spi: hex("c0ffee01"), notify: 16393, data: none },
    "Notify protocol ESP, notify REKEY_SA, spi c0ffee01, data -",
  ],
  [
    "a notify with data and without SPI",
    41,
    "00 00 0011 0013",
    { type: "Notify", protocol: 0, spi: none, notify: 17, data: hex("0013") },
    "Notify protocol NONE, notify INVALID_KE_PAYLOAD, spi -, data 0013",
  ],
  [
    "a delete of two ESP SAs",
    42,
    "03 04 0002 c0ffee01 c0ffee02",
    { type: "Delete", protocol: 3, spis: [hex("c0ffee01"), hex("c0ffee02")] },
    "Delete protocol ESP, spis [c0ffee01; c0ffee02]",
  ],
  [
    "a delete of the IKE SA",
    42,
    "01 00 0000",
    { type: "Delete", protocol: 1, spis: [] },
    "Delete protocol IKE, spis []",
  ],
  [
    "a vendor ID",
    43,
    "464c455856504e",
    { type: "VendorId", vendorId: hex("464c455856504e") },
    "VendorId vendorId 464c455856504e",
  ],
  [
    "an IPv4 selector",
    44,
    "01 000000  07 00 0010 0000 ffff 0a630000 0a6300ff",
    {
      type: "TSi",
      selectors: [
        {
          type: 7,
          ipProtocol: 0,
          startPort: 0,
          endPort: 65_535,
          startAddress: hex("0a630000"),
          endAddress: hex("0a6300ff"),
        },
      ],
    },
    "TSi 10.99.0.0-10.99.0.255 protocol 0 ports 0-65535",
  ],
  [
    "an IPv6 selector and one of a type that is not known",
    45,
    `02 000000
     08 11 0028 0035 0035 20010db8000000000000000000000001 20010db8000000000000000000000001
     0a 00 0008 00016162`,
    {
      type: "TSr",
      selectors: [
        {
          type: 8,
          ipProtocol: 17,
          startPort: 53,
          endPort: 53,
          startAddress: hex("20010db8000000000000000000000001"),
          endAddress: hex("20010db8000000000000000000000001"),
        },
      ],
      unknown: [{ type: 10, ipProtocol: 0, body: hex("00016162") }],
    },
    "TSr 2001:db8::1-2001:db8::1 protocol 17 ports 53-53; traffic selector type 10 00016162",
  ],
  [
    "a configuration reply",
    47,
    "02 000000  0001 0004 0afa0107  0003 0004 0a000035",
    {
      type: "CP",
      cfgType: 2,
      attributes: [
        { type: 1, value: hex("0afa0107") },
        { type: 3, value: hex("0a000035") },
      ],
    },
    "CP cfgType CFG_REPLY, attributes [{ type INTERNAL_IP4_ADDRESS, value 0afa0107 }; { type INTERNAL_IP4_DNS, value 0a000035 }]",
  ],
  [
    "a configuration request without values",
    47,
    "01 000000  0001 0000  7009 0000",
    {
      type: "CP",
      cfgType: 1,
      attributes: [
        { type: 1, value: none },
        { type: 28681, value: none },
      ],
    },
    "CP cfgType CFG_REQUEST, attributes [{ type INTERNAL_IP4_ADDRESS, value - }; { type UNITY_BACKUP_SERVERS, value - }]",
  ],
  [
    "an EAP packet, whose bytes stay out of logs",
    48,
    "02 01 0009 01 75736572",
    { type: "EAP", message: hex("02 01 0009 01 75736572") },
    "EAP message (9 bytes)",
  ],
];

function framed(body: Uint8Array): Uint8Array {
  return new ByteWriter()
    .u16(0)
    .u16(body.length + 4)
    .bytes(body)
    .finish();
}

test.each(cases)("%s (payload %i) decodes and encodes", (_, type, wire, value) => {
  const bytes = framed(hex(wire));
  expect(decodePayloads(type, bytes)).toEqual({ ok: true, value: [value] });
  const writer = new ByteWriter();
  encodePayloads(writer, [value]);
  expect(writer.finish()).toEqual(bytes);
});

test.each(cases)("%s (payload %i) is one line of a debug log", (_, __, ___, value, line) => {
  expect(dissectPayload(value)).toBe(line);
});

test("every payload that is declared is among these cases", () => {
  const covered = new Set(cases.map(([, type]) => type));
  expect([...payloadCodecs.keys()].filter((type) => !covered.has(type))).toEqual([]);
  expect(payloadCodecs.size).toBe(15);
});

/** Bodies that are cut short at every length decode to something or give a fault; nothing else happens. */
test.each(cases)("%s (payload %i) cut short anywhere never throws", (_, type, wire) => {
  const body = hex(wire);
  for (let length = 0; length < body.length; length++)
    expect(typeof decodePayloads(type, framed(body.subarray(0, length))).ok).toBe("boolean");
});

test.each<[string, number, string, string, string]>([
  ["a proposal longer than its payload", 33, "0000 0030 01 01 00 00", "length", "SA/proposals[0]"],
  ["a proposal of three bytes", 33, "0000 0003 01 01 00 00", "length", "SA/proposals[0]"],
  [
    "a proposal whose SPI does not fit",
    33,
    "0000 0008 01 01 08 00",
    "length",
    "SA/proposals[0]/spi",
  ],
  [
    "a proposal that announces more transforms than it has",
    33,
    "0000 0010 01 01 00 02  0000 0008 02 00 0005",
    "syntax",
    "SA/proposals[0]/transforms",
  ],
  [
    "a last proposal that says another follows",
    33,
    "0200 0010 01 01 00 01  0000 0008 02 00 0005",
    "syntax",
    "SA/proposals[0]",
  ],
  [
    "a transform that is marked as the last one and is not",
    33,
    "0000 0018 01 01 00 02  0000 0008 02 00 0005  0000 0008 02 00 0006",
    "syntax",
    "SA/proposals[0]/transforms[0]",
  ],
  [
    "a transform longer than its proposal",
    33,
    "0000 0010 01 01 00 01  0000 0010 02 00 0005",
    "length",
    "SA/proposals[0]/transforms[0]",
  ],
  [
    "an attribute cut short",
    33,
    "0000 0012 01 01 00 01  0000 000a 01 00 0014 800e",
    "length",
    "SA/proposals[0]/transforms[0]/attributes[0]",
  ],
  [
    "Key Length in the long form",
    33,
    "0000 0016 01 01 00 01  0000 000e 01 00 0014 000e 0002 0100",
    "syntax",
    "SA/proposals[0]/transforms[0]",
  ],
  [
    "Key Length twice",
    33,
    "0000 0018 01 01 00 01  0000 0010 01 00 0014 800e 0100 800e 0080",
    "syntax",
    "SA/proposals[0]/transforms[0]",
  ],
  ["a KE payload without a value", 34, "001f 0000", "length", "KE/publicValue"],
  ["an identity without a type", 35, "02 0000", "length", "IDi/reserved"],
  ["a certificate without an encoding", 37, "", "length", "CERT/encoding"],
  ["a nonce of 15 bytes", 40, "00".repeat(15), "length", "Nonce/nonce"],
  ["a nonce of 257 bytes", 40, "00".repeat(257), "length", "Nonce/nonce"],
  ["a notify whose SPI does not fit", 41, "03 08 4009 c0ffee01", "length", "Notify/spi"],
  ["a delete with fewer SPIs than it says", 42, "03 04 0002 c0ffee01", "syntax", "Delete/spis"],
  ["a delete with more", 42, "03 04 0000 c0ffee01", "syntax", "Delete/spis"],
  ["a delete of 65535 SPIs of no size", 42, "01 00 ffff 00", "syntax", "Delete/spis"],
  ["a selector of a wrong length", 44, "01 000000 07 00 0011", "length", "TSi/all[0]"],
  ["a selector cut short", 44, "01 000000 07 00 0010 0000", "length", "TSi/all[0]/endPort"],
  ["an unknown selector shorter than its head", 44, "01 000000 0a 00 0003", "length", "TSi/all[0]"],
  [
    "fewer selectors than announced",
    45,
    "02 000000  07 00 0010 0000 ffff 0a630000 0a6300ff",
    "syntax",
    "TSr/all",
  ],
  [
    "an attribute longer than its payload",
    47,
    "01 000000 0001 0005 0afa",
    "length",
    "CP/attributes[0]/value",
  ],
  ["an EAP packet of three bytes", 48, "030100", "length", "EAP/message"],
])("%s (payload %i) is refused, and the fault says where", (_, type, wire, code, at) => {
  const result = decodePayloads(type, framed(hex(wire)));
  if (result.ok) throw new Error("decoded");
  expect([result.error.code, result.error.at]).toEqual([`ike.decode.${code}`, at]);
  expect(result.error.notify?.type).toBe(7);
  expect(result.error.source).toMatch(/^RFC 7296 §3/);
});

test("reserved bits and bytes are ignored on receipt and zero when sent", () => {
  const value = decodePayloads(47, hex("007f 000c 01 aabbcc 8001 0000"));
  if (!value.ok) throw new Error(value.error.message);
  expect(value.value).toEqual([{ type: "CP", cfgType: 1, attributes: [{ type: 1, value: none }] }]);
  const writer = new ByteWriter();
  encodePayloads(writer, value.value);
  expect(writer.finish()).toEqual(hex("0000 000c 01 000000 0001 0000"));
});

test("a peer can't write control characters into a log through its name", () => {
  const value = decodePayloads(35, framed(hex("02 000000 61 1b 0a 22")));
  expect(value.ok && dissectPayload(value.value[0] ?? never())).toBe('IDi ID_FQDN "a..\\""');
});

test("long byte strings are cut in logs and their length is named", () => {
  const line = dissectPayload({ type: "VendorId", vendorId: new Uint8Array(100) });
  expect(line).toBe(`VendorId vendorId ${"00".repeat(32)}… (100 bytes)`);
});

function never(): never {
  throw new Error("no payload");
}
