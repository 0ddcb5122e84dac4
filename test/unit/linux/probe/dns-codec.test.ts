import * as fc from "fast-check";
import { expect, test } from "vitest";
import { encodeDnsQuery, readDnsAnswer } from "#linux/probe/dns-codec.ts";

const question = { id: 0xabcd, name: "intranet.example.net", type: "a" } as const;

interface Changes {
  readonly id?: number;
  readonly flags?: number;
  readonly records?: readonly { readonly type: number; readonly data: readonly number[] }[];
}

/** An answer to `question`, its records' names compressed. */
function answer({ id = question.id, flags = 0x8180, records = [] }: Changes): Uint8Array {
  const query = encodeDnsQuery({ ...question, id });
  const view = new DataView(query.buffer);
  view.setUint16(2, flags);
  view.setUint16(6, records.length);
  const tail = records.flatMap(({ type, data }) => [
    ...[0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length],
    ...data,
  ]);
  return Uint8Array.from([...query, ...tail]);
}

const address = { type: 1, data: [10, 0, 0, 10] };

test("a query is what RFC 1035 says it is", () => {
  const bytes = encodeDnsQuery({ id: 0x0102, name: "a.bc", type: "aaaa" });
  expect([...bytes]).toEqual([
    ...[1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    ...[1, 97, 2, 98, 99, 0, 0, 28, 0, 1],
  ]);
});

test("a record of the type is an answer, an alias before it or not", () => {
  expect(readDnsAnswer(answer({ records: [address] }), question)).toEqual({ kind: "answered" });
  const alias = { type: 5, data: [1, 97, 0] };
  expect(readDnsAnswer(answer({ records: [alias, address] }), question)).toEqual({
    kind: "answered",
  });
});

test.each([
  [{ records: [] }, "has no A record"],
  [{ records: [{ type: 5, data: [1, 97, 0] }] }, "has no A record"],
  [{ flags: 0x8183 }, "does not exist"],
  [{ flags: 0x8182 }, "could not be resolved by the server (SERVFAIL)"],
  [{ flags: 0x8185 }, "was refused by the server"],
  [{ flags: 0x818b }, "got the DNS error 11"],
])("a server that has nothing says so: %j", (changes, what) => {
  expect(readDnsAnswer(answer(changes), question)).toEqual({ kind: "refused", what });
});

test("an answer to another question is none", () => {
  expect(readDnsAnswer(answer({ id: 1, records: [address] }), question)).toBeUndefined();
  const other = { ...question, name: "extranet.example.net" };
  expect(readDnsAnswer(answer({ records: [address] }), other)).toBeUndefined();
  expect(readDnsAnswer(encodeDnsQuery(question), question)).toBeUndefined();
});

test("a truncated answer counts: the server knows the name", () => {
  expect(readDnsAnswer(answer({ flags: 0x8380 }), question)).toEqual({ kind: "answered" });
});

test("an answer cut off anywhere is ignored, and any bytes are taken without harm", () => {
  const whole = answer({ records: [address] });
  for (let length = 0; length < whole.length; length++)
    expect(readDnsAnswer(whole.subarray(0, length), question)).toBeUndefined();
  void fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      readDnsAnswer(bytes, question);
    }),
  );
});
