/**
 * One DNS question and what its answer amounts to, as bytes. It sends nothing and believes nothing it did not ask for.
 * Source: RFC 1035 §4.1
 */
import { ByteReader, ByteWriter, OutOfBytes } from "#lib/bytes.ts";

export interface DnsQuestion {
  /** 16 bits, unpredictable. */
  readonly id: number;
  readonly name: string;
  readonly type: "a" | "aaaa";
}

export type DnsVerdict =
  | { readonly kind: "answered" }
  /** No record of the type, or an error of the server; `what` completes "NAME …". */
  | { readonly kind: "refused"; readonly what: string };

/** A query that wants recursion. @param name of labels of 1 to 63 ASCII characters. */
export function encodeDnsQuery({ id, name, type }: DnsQuestion): Uint8Array {
  const writer = new ByteWriter(name.length + 18);
  writer.u16(id).u16(RECURSION_DESIRED).u16(1).u16(0).u16(0).u16(0);
  for (const label of labelsOf(name)) {
    writer.u8(label.length).bytes(new TextEncoder().encode(label));
  }
  return writer.u8(0).u16(typeNumber[type]).u16(CLASS_IN).finish();
}

/** What an answer says. @returns undefined for what is no answer to this question: it is to be ignored. */
export function readDnsAnswer(bytes: Uint8Array, question: DnsQuestion): DnsVerdict | undefined {
  try {
    return verdictOf(new ByteReader(bytes), question);
  } catch (error) {
    if (error instanceof OutOfBytes) return undefined;
    throw error;
  }
}

function verdictOf(reader: ByteReader, question: DnsQuestion): DnsVerdict | undefined {
  const [id, flags, questions, answers] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  reader.bytes(4);
  if (id !== question.id || (flags & RESPONSE) === 0 || questions !== 1) return undefined;
  if (readName(reader) !== question.name.replace(/\.$/, "").toLowerCase()) return undefined;
  if (reader.u16() !== typeNumber[question.type] || reader.u16() !== CLASS_IN) return undefined;
  const code = flags & 0xf;
  if (code !== 0) return { kind: "refused", what: codeText[code] ?? `got the DNS error ${code}` };
  // The records are cut off, and nobody asks again by TCP: that the server knows the name is what is wanted.
  if ((flags & TRUNCATED) !== 0) return { kind: "answered" };
  for (let left = answers; left > 0; left--) {
    skipName(reader);
    const type = reader.u16();
    reader.bytes(6);
    reader.bytes(reader.u16());
    if (type === typeNumber[question.type]) return { kind: "answered" };
  }
  return { kind: "refused", what: `has no ${question.type.toUpperCase()} record` };
}

/** The name of the question, which nothing before it could compress. */
function readName(reader: ByteReader): string {
  const labels: string[] = [];
  for (let length = reader.u8(); length > 0 && length < 64; length = reader.u8())
    labels.push(new TextDecoder("latin1").decode(reader.bytes(length)));
  return labels.join(".").toLowerCase();
}

function skipName(reader: ByteReader): void {
  for (let length = reader.u8(); length > 0; length = reader.u8()) {
    if (length >= POINTER) {
      reader.u8();
      return;
    }
    reader.bytes(length);
  }
}

const labelsOf = (name: string): readonly string[] =>
  name.split(".").filter((label) => label !== "");

const typeNumber = { a: 1, aaaa: 28 } as const;
const CLASS_IN = 1;
const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const POINTER = 0xc0;

const codeText: Readonly<Record<number, string>> = {
  1: "was asked in a way that the server did not understand",
  2: "could not be resolved by the server (SERVFAIL)",
  3: "does not exist",
  4: "was asked of a server that does not resolve",
  5: "was refused by the server",
};
