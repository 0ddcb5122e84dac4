import { expect, test } from "vitest";
import {
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  readDer,
  readDerConstructed,
  readDerSeries,
  readObjectIdentifier,
} from "#crypto/der.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

test.each([
  ["1.2.840.113549.1.3.1", "06092a864886f70d010301"],
  ["2.5.4.3", "0603550403"],
  ["1.3.101.112", "06032b6570"],
  ["2.999.3", "0603883703"],
])("object identifier %s is written and read", (dotted, hex) => {
  expect(derObjectIdentifier(dotted)).toEqual(fromHex(hex));
  expect(readObjectIdentifier(fromHex(hex).subarray(2))).toBe(dotted);
});

test.each([
  ["00", "020100"],
  ["0001", "020101"],
  ["80", "02020080"],
  ["00ff00", "020300ff00"],
])("the magnitude %s is a non-negative INTEGER", (magnitude, hex) => {
  expect(derInteger(fromHex(magnitude))).toEqual(fromHex(hex));
});

test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])(
  "a value of %i bytes is read back",
  (length) => {
    const content = new Uint8Array(length).fill(7);
    const read = readDer(derOctetString(content));
    expect(read?.value.content).toEqual(content);
    expect(read?.rest.length).toBe(0);
  },
);

test.each([
  ["nothing", ""],
  ["a tag alone", "30"],
  ["a length beyond the input", "300501"],
  ["an indefinite length", "30800000"],
  ["a length of four bytes", "308400000001ff"],
  ["a long form for a short length", "30810100"],
  ["a tag of more bytes", "1f8101"],
])("%s is no DER value", (_, hex) => {
  expect(readDer(fromHex(hex))).toBeUndefined();
});

test("a series and a constructed value end exactly where the bytes end", () => {
  const one = derInteger(Uint8Array.of(1));
  expect(readDerSeries(Uint8Array.from([...one, ...one]))?.length).toBe(2);
  expect(readDerSeries(Uint8Array.from([...one, 2]))).toBeUndefined();
  expect(readDerConstructed(derSequence(one, one), 0x30)?.length).toBe(2);
  expect(readDerConstructed(Uint8Array.from([...derSequence(one), 0]), 0x30)).toBeUndefined();
  expect(readDerConstructed(one, 0x30)).toBeUndefined();
});

test.each(["", "80", "2a86", "ffffffffffffffffff7f"])("%j is no object identifier", (hex) => {
  expect(readObjectIdentifier(fromHex(hex))).toBeUndefined();
});
