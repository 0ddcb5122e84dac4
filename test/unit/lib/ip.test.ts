import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareIp,
  type IpAddress,
  interfaceAddress,
  ipBytes,
  ipFromBytes,
  parseIpAddress,
  parsePrefix,
  prefixContains,
  prefixRange,
  rangeToPrefixes,
} from "#lib/ip.ts";

const ip = (text: string): IpAddress => parseIpAddress(text)!;

test.each([
  ["203.0.113.2", "203.0.113.2"],
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
])("%s is written as %s", (text, canonical) => {
  expect(parseIpAddress(text)).toBe(canonical);
});

test.each([
  "",
  "1.2.3",
  "1.2.3.4.5",
  "256.1.1.1",
  "01.2.3.4",
  "1:2",
  ":::",
  "1::2::3",
  "12345::",
  "fe80::1%eth0",
  "::1.2.3",
])("%s is not an address", (text) => {
  expect(parseIpAddress(text)).toBeUndefined();
});

test("every 4 or 16 bytes are an address that reads back as the same bytes", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (value) => {
      const text = ipFromBytes(value);
      expect(parseIpAddress(text)).toBe(text);
      expect(ipBytes(text)).toEqual(Uint8Array.from(value));
    }),
    { seed: 1 },
  );
});

test("a prefix loses its host bits, a bare address is a host prefix", () => {
  expect(parsePrefix("10.1.2.3/16")).toBe("10.1.0.0/16");
  expect(parsePrefix("10.1.2.3")).toBe("10.1.2.3/32");
  expect(parsePrefix("fd00:1:2:3::5/48")).toBe("fd00:1:2::/48");
  expect(parsePrefix("0.0.0.0/0")).toBe("0.0.0.0/0");
});

test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "x/8"])(
  "%s is not a prefix",
  (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  },
);

test("a prefix contains its own addresses and longer prefixes, never another family's", () => {
  const outer = parsePrefix("10.1.0.0/16")!;
  expect(prefixContains(outer, ip("10.1.255.255"))).toBe(true);
  expect(prefixContains(outer, parsePrefix("10.1.128.0/17")!)).toBe(true);
  expect(prefixContains(outer, parsePrefix("10.0.0.0/15")!)).toBe(false);
  expect(prefixContains(outer, ip("10.2.0.0"))).toBe(false);
  expect(prefixContains(parsePrefix("0.0.0.0/0")!, ip("::1"))).toBe(false);
});

test("a range that is a network becomes that one prefix", () => {
  expect(rangeToPrefixes(ip("0.0.0.0"), ip("255.255.255.255"))).toEqual(["0.0.0.0/0"]);
  expect(rangeToPrefixes(ip("10.1.0.0"), ip("10.1.255.255"))).toEqual(["10.1.0.0/16"]);
  expect(rangeToPrefixes(ip("::"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))).toEqual([
    "::/0",
  ]);
});

test("any range is covered exactly, without overlap", () => {
  const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => ipFromBytes(bytes));
  fc.assert(
    fc.property(address, address, (a, b) => {
      const [first, last] = compareIp(a, b) <= 0 ? [a, b] : [b, a];
      const ranges = rangeToPrefixes(first, last).map(prefixRange);
      expect(ranges[0]?.first).toBe(first);
      expect(ranges.at(-1)?.last).toBe(last);
      for (const [index, range] of ranges.slice(1).entries()) {
        const before = ipBytes(ranges[index]!.last).reduce((sum, byte) => sum * 256 + byte, 0);
        expect(ipBytes(range.first).reduce((sum, byte) => sum * 256 + byte, 0)).toBe(before + 1);
      }
    }),
    { seed: 2 },
  );
});

test("a reversed or mixed range covers nothing", () => {
  expect(rangeToPrefixes(ip("10.0.0.2"), ip("10.0.0.1"))).toEqual([]);
  expect(rangeToPrefixes(ip("10.0.0.2"), ip("::1"))).toEqual([]);
});

test("an interface address keeps its host bits", () => {
  expect(interfaceAddress(ip("10.250.1.7"), 24)).toBe("10.250.1.7/24");
});
