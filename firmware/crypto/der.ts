import { concatBytes } from "#lib/bytes.ts";

/** One DER value: its tag, its contents, and itself with tag and length. X.690 §8.1 */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

/** Universal tags, constructed bit included where DER sets it. X.680 §8.4 */
export const DerTag = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  PRINTABLE_STRING: 0x13,
  TELETEX_STRING: 0x14,
  IA5_STRING: 0x16,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/**
 * Reads the value at the start of `bytes`; views, not copies. Work is constant whatever the bytes claim.
 * @returns undefined when the bytes are no whole value with a definite length below 16 MiB and a one-byte tag.
 */
export function readDer(
  bytes: Uint8Array,
): { readonly value: DerValue; readonly rest: Uint8Array } | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let start = 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 3 || bytes.length < 2 + size) return undefined;
    length = 0;
    for (; start < 2 + size; start++) length = length * 256 + (bytes[start] ?? 0);
    if (length < 0x80) return undefined;
  }
  const end = start + length;
  if (end > bytes.length) return undefined;
  return {
    value: { tag, content: bytes.subarray(start, end), whole: bytes.subarray(0, end) },
    rest: bytes.subarray(end),
  };
}

/**
 * Reads values back to back until the bytes end, such as the contents of a SEQUENCE.
 * @returns undefined when the bytes are anything else.
 */
export function readDerSeries(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const read = readDer(rest);
    if (!read) return undefined;
    values.push(read.value);
    rest = read.rest;
  }
  return values;
}

/** Reads one value of `tag` that fills `bytes`; its contents as a series. Undefined when the bytes are anything else. */
export function readDerConstructed(
  bytes: Uint8Array,
  tag: number,
): readonly DerValue[] | undefined {
  const read = readDer(bytes);
  if (!read || read.value.tag !== tag || read.rest.length > 0) return undefined;
  return readDerSeries(read.value.content);
}

/** Tag, definite length, contents. */
export function derValue(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag, ...lengthBytes(content.length)), content);
}

export function derSequence(...contents: readonly Uint8Array[]): Uint8Array {
  return derValue(DerTag.SEQUENCE, ...contents);
}

export function derOctetString(content: Uint8Array): Uint8Array {
  return derValue(DerTag.OCTET_STRING, content);
}

/** A BIT STRING without unused bits. */
export function derBitString(content: Uint8Array): Uint8Array {
  return derValue(DerTag.BIT_STRING, Uint8Array.of(0), content);
}

/** A non-negative INTEGER from its big-endian bytes, leading zeros allowed. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : magnitude.subarray(first);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0);
  return derValue(DerTag.INTEGER, sign, digits);
}

/** An OBJECT IDENTIFIER from dotted decimals, arcs below 2^31. X.690 §8.19 */
export function derObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...more] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...more].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      digits.unshift((rest % 128) + 128);
    return digits;
  });
  return derValue(DerTag.OBJECT_IDENTIFIER, Uint8Array.from(bytes));
}

/** The dotted decimals of an OBJECT IDENTIFIER's contents; undefined when they are cut short or an arc is absurd. */
export function readObjectIdentifier(content: Uint8Array): string | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) return undefined;
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head, ...tail] = arcs;
  if (head === undefined || (content[content.length - 1] ?? 0) >= 0x80) return undefined;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...tail].join(".");
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
}
