import { expect, test } from "vitest";
import {
  age,
  bitRate,
  byteCount,
  capital,
  clockTime,
  count,
  dayName,
  percent,
  shortTime,
} from "#web/model/words.ts";

test("an age is told in its two largest units", () => {
  expect([0, 45, 90, 730, 3_600, 11_520, 180_000, -5].map(age)).toEqual([
    ...["0 s", "45 s", "1 min", "12 min", "1 h", "3 h 12 min", "2 d 2 h", "0 s"],
  ]);
});

test("bytes and rates are decimal", () => {
  expect([0, 812, 1_200, 999_600, 34_000_000, 2.5e9].map(byteCount)).toEqual([
    ...["0 B", "812 B", "1.2 kB", "1 MB", "34 MB", "2.5 GB"],
  ]);
  expect([0, 12, 155_000, 2.3e6].map(bitRate)).toEqual([
    ...["0 bit/s", "96 bit/s", "1.2 Mbit/s", "18.4 Mbit/s"],
  ]);
});

test("short times keep the digits that matter", () => {
  expect([0.4, 9.96, 12.3, 850, 1_250, 61_000].map(shortTime)).toEqual([
    ...["0.4 ms", "10 ms", "12 ms", "850 ms", "1.3 s", "1 min"],
  ]);
});

test("shares and counts", () => {
  expect([0, 0.005, 0.125, 1].map(percent)).toEqual(["0 %", "0.5 %", "13 %", "100 %"]);
  expect(count(1_234_567)).toBe("1,234,567");
});

test("a time of another day carries its date", () => {
  const now = new Date(2026, 10, 24, 15, 0, 0);
  const at = (day: number) => new Date(2026, 10, day, 14, 2, 11).toISOString();
  expect(clockTime(at(24), now.getTime())).toBe("14:02:11");
  expect(clockTime(at(23), now.getTime())).toBe("23 Nov 14:02:11");
  expect([24, 23, 1].map((day) => dayName(at(day), now.getTime()))).toEqual([
    ...["Today", "Yesterday", "1 Nov 2026"],
  ]);
});

test("names keep the case in which they are written", () => {
  expect(["the hub is gone", "hub1.example.net is up", "wan0-up is down"].map(capital)).toEqual([
    ...["The hub is gone", "hub1.example.net is up", "wan0-up is down"],
  ]);
});
