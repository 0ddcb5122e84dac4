import { expect, test } from "vitest";
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  equalBytes,
  OutOfBytes,
  toHex,
} from "#lib/bytes.ts";

test("what a writer wrote a reader reads, whatever the buffer grew to", () => {
  const written = new ByteWriter(1)
    .u8(1)
    .u16(2)
    .u32(3)
    .u64(4n)
    .bytes(Uint8Array.of(5, 6))
    .zeros(2)
    .finish();
  const reader = new ByteReader(written);
  expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([1, 2, 3, 4n]);
  expect(reader.rest()).toEqual(Uint8Array.of(5, 6, 0, 0));
});

test("reading past the end names the offset and moves nothing", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3));
  reader.u16();
  expect(() => reader.u16()).toThrow(OutOfBytes);
  expect(reader.offset).toBe(2);
  expect(reader.u8()).toBe(3);
});

test("a sub-reader ends where it was cut and keeps absolute offsets", () => {
  const reader = new ByteReader(Uint8Array.of(0, 1, 2, 3));
  reader.u8();
  const part = reader.sub(2);
  expect([part.offset, part.u8(), part.u8()]).toEqual([1, 1, 2]);
  expect(() => part.u8()).toThrow(OutOfBytes);
  expect(reader.u8()).toBe(3);
});

test("lengths known later are written in place", () => {
  const writer = new ByteWriter().u16(0).u32(0).u8(0);
  writer.setU16(0, 7);
  writer.setU32(2, 0xffff_ffff);
  writer.setU8(6, 9);
  expect(toHex(writer.finish())).toBe("0007ffffffff09");
});

test("nonces compare octet by octet and a prefix is lower", () => {
  expect(compareBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBeLessThan(0);
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  expect(compareBytes(Uint8Array.of(0xff), Uint8Array.of(1, 0))).toBeGreaterThan(0);
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1))).toBe(0);
});

test("joined parts equal the whole", () => {
  expect(
    equalBytes(
      concatBytes(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2)),
      Uint8Array.of(1, 2),
    ),
  ).toBe(true);
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
});

test("a peek shows what comes without moving on, and can't overrun", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3));
  expect([...reader.peek(2), reader.u8()]).toEqual([1, 2, 1]);
  expect(() => reader.peek(3)).toThrow(OutOfBytes);
  expect(reader.remaining).toBe(2);
});
