import { expect, test } from "vitest";
import type { WireTrafficSelector } from "#ike/message/message.ts";
import {
  formatSelector,
  isNarrowing,
  narrow,
  prefixesOf,
  selectorOf,
} from "#ike/sa/traffic-selector.ts";
import { type IpAddress, ipBytes, type Prefix } from "#lib/ip.ts";

const of = (prefix: string): WireTrafficSelector => selectorOf(prefix as Prefix);
const range = (first: string, last: string, more: object = {}): WireTrafficSelector => ({
  ...of("0.0.0.0/0"),
  startAddress: ipBytes(first as IpAddress),
  endAddress: ipBytes(last as IpAddress),
  ...more,
});
const OPAQUE = { startPort: 65_535, endPort: 0 };

test("a prefix becomes the range of its addresses and comes back", () => {
  expect(prefixesOf([of("10.1.0.0/16"), of("fd00:1::/64")])).toEqual([
    "10.1.0.0/16",
    "fd00:1::/64",
  ]);
  expect(of("10.1.0.0/16").endAddress).toEqual(Uint8Array.of(10, 1, 255, 255));
  expect(of("::/0").type).toBe(8);
});

test("a range that is no prefix becomes the prefixes that cover it", () => {
  expect(prefixesOf([range("10.0.0.1", "10.0.0.3")])).toEqual(["10.0.0.1/32", "10.0.0.2/31"]);
});

test("the hub may narrow 0.0.0.0/0 to the assigned address", () => {
  expect(isNarrowing([of("10.250.1.7/32")], [of("0.0.0.0/0"), of("::/0")])).toBe(true);
});

test("an answer that is wider, elsewhere, of the other family, or empty is no narrowing", () => {
  expect(isNarrowing([of("10.0.0.0/7")], [of("10.0.0.0/8")])).toBe(false);
  expect(isNarrowing([of("11.0.0.0/8")], [of("10.0.0.0/8")])).toBe(false);
  expect(isNarrowing([of("fd00::/8")], [of("0.0.0.0/0")])).toBe(false);
  expect(isNarrowing([], [of("0.0.0.0/0")])).toBe(false);
  expect(isNarrowing([of("10.0.0.0/8"), of("11.0.0.0/8")], [of("10.0.0.0/8")])).toBe(false);
});

test("a protocol or port in the offer may not be widened by the answer", () => {
  const gre = { ...of("10.0.0.1/32"), ipProtocol: 47 };
  expect(isNarrowing([gre], [of("10.0.0.0/8")])).toBe(true);
  expect(isNarrowing([of("10.0.0.1/32")], [gre])).toBe(false);
  const web = { ...gre, ipProtocol: 6, startPort: 80, endPort: 443 };
  expect(isNarrowing([{ ...web, startPort: 443 }], [web])).toBe(true);
  expect(isNarrowing([{ ...web, startPort: 22 }], [web])).toBe(false);
});

test("narrowing keeps what both sides have, in the asker's order, without repeats", () => {
  const wanted = [of("10.0.0.0/8"), of("192.168.0.0/16"), of("fd00::/8")];
  const allowed = [of("192.168.12.0/24"), of("10.1.0.0/16"), of("10.1.2.0/24")];
  expect(prefixesOf(narrow(wanted, allowed))).toEqual(["10.1.0.0/16", "192.168.12.0/24"]);
});

test("narrowing of what has nothing in common is empty", () => {
  expect(narrow([of("10.0.0.0/8")], [of("11.0.0.0/8")])).toEqual([]);
  expect(
    narrow([{ ...of("10.0.0.0/8"), ipProtocol: 6 }], [{ ...of("10.0.0.0/8"), ipProtocol: 17 }]),
  ).toEqual([]);
  const low = { ...of("10.0.0.0/8"), ipProtocol: 6, startPort: 1, endPort: 9 };
  expect(narrow([low], [{ ...low, startPort: 10, endPort: 19 }])).toEqual([]);
});

test("narrowing takes the tighter protocol and ports of either side", () => {
  const [both] = narrow(
    [{ ...of("10.0.0.0/8"), ipProtocol: 6, startPort: 100, endPort: 200 }],
    [{ ...of("10.0.0.0/8"), startPort: 150, endPort: 300 }],
  );
  expect(both).toMatchObject({ ipProtocol: 6, startPort: 150, endPort: 200 });
});

test("OPAQUE ports meet OPAQUE and any, but no real port", () => {
  const opaque = { ...of("10.0.0.0/8"), ...OPAQUE };
  expect(narrow([opaque], [of("10.0.0.0/8")])).toEqual([opaque]);
  expect(narrow([opaque], [opaque])).toEqual([opaque]);
  expect(narrow([opaque], [{ ...of("10.0.0.0/8"), startPort: 80, endPort: 80 }])).toEqual([]);
});

test("selectors print as people write them", () => {
  expect(formatSelector(of("10.1.0.0/16"))).toBe("10.1.0.0/16");
  expect(formatSelector(range("10.0.0.1", "10.0.0.3"))).toBe("10.0.0.1-10.0.0.3");
  expect(formatSelector({ ...of("10.0.0.1/32"), ipProtocol: 6, startPort: 80, endPort: 81 })).toBe(
    "10.0.0.1/32 protocol 6 port 80-81",
  );
});
