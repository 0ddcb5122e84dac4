import { expect, test } from "vitest";
import type { Prefix } from "#lib/ip.ts";
import { halves, intersectPrefixes, subtractPrefixes, withoutContained } from "#lib/prefix-set.ts";

const list = (...texts: readonly string[]): readonly Prefix[] => texts as readonly Prefix[];

test("a prefix inside another of the list is dropped, of equal ones the first stays", () => {
  expect(withoutContained(list("10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "fd00::/8"))).toEqual([
    "10.0.0.0/8",
    "fd00::/8",
  ]);
});

test.each([
  [["10.0.0.0/8"], ["10.1.0.0/16"], ["10.1.0.0/16"]],
  [["10.1.0.0/16"], ["0.0.0.0/0"], ["10.1.0.0/16"]],
  [["10.1.0.0/16"], ["10.2.0.0/16"], []],
  [
    ["0.0.0.0/0", "::/0"],
    ["10.0.0.0/8", "fd00::/8"],
    ["10.0.0.0/8", "fd00::/8"],
  ],
  [["10.1.0.0/16", "10.0.0.0/8"], ["0.0.0.0/0"], ["10.0.0.0/8"]],
])("%j and %j share %j", (left, right, shared) => {
  expect(intersectPrefixes(list(...left), list(...right))).toEqual(shared);
});

test.each([
  [["10.0.0.0/8"], ["10.0.0.0/8"], []],
  [["10.0.0.0/8"], ["0.0.0.0/0"], []],
  [["10.0.0.0/8"], ["172.16.0.0/12"], ["10.0.0.0/8"]],
  [["10.0.0.0/8"], ["::/0"], ["10.0.0.0/8"]],
  [["192.168.0.0/30"], ["192.168.0.1/32"], ["192.168.0.0/32", "192.168.0.2/31"]],
  [["192.168.0.0/24"], ["192.168.0.0/26", "192.168.0.128/25"], ["192.168.0.64/26"]],
  [["fd00::/126"], ["fd00::3/128"], ["fd00::/127", "fd00::2/128"]],
])("%j without %j is %j", (prefixes, holes, rest) => {
  expect(subtractPrefixes(list(...prefixes), list(...holes))).toEqual(rest);
});

test("cutting one address out of everything leaves one prefix for each length", () => {
  expect(subtractPrefixes(list("0.0.0.0/0"), list("203.0.113.1/32"))).toHaveLength(32);
});

test("the halves of a prefix are in order, and a single address has none", () => {
  expect(halves("0.0.0.0/0" as Prefix)).toEqual(["0.0.0.0/1", "128.0.0.0/1"]);
  expect(halves("fd00::/8" as Prefix)).toEqual(["fd00::/9", "fd80::/9"]);
  expect(halves("10.0.0.1/32" as Prefix)).toBeUndefined();
});
