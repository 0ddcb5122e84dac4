import { expect, test } from "vitest";
import { Deadlines, earliest } from "#lib/deadlines.ts";
import {
  after,
  elapsed,
  formatDuration,
  hours,
  type MonotonicMs,
  milliseconds,
  minutes,
  seconds,
} from "#lib/duration.ts";

const at = (time: number) => time as MonotonicMs;

test("due deadlines come earliest first and only once", () => {
  const deadlines = new Deadlines<"a" | "b" | "c">();
  deadlines.arm("b", at(20));
  deadlines.arm("a", at(10));
  deadlines.arm("c", at(30));
  expect(deadlines.next()).toBe(10);
  expect(deadlines.due(at(20))).toEqual(["a", "b"]);
  expect(deadlines.due(at(20))).toEqual([]);
  expect(deadlines.next()).toBe(30);
});

test("arming again moves a deadline and cancelling disarms it", () => {
  const deadlines = new Deadlines<"a">();
  deadlines.arm("a", at(10));
  deadlines.arm("a", at(50));
  expect(deadlines.due(at(49))).toEqual([]);
  deadlines.cancel("a");
  expect(deadlines.next()).toBeUndefined();
});

test("the earliest of deadlines passes over those that are not armed", () => {
  expect(earliest(undefined, at(5), at(3))).toBe(3);
  expect(earliest(undefined)).toBeUndefined();
});

test.each([
  [milliseconds(500), "500ms"],
  [seconds(10), "10s"],
  [minutes(90), "1h30m"],
  [hours(1), "1h"],
  [seconds(3_661), "1h1m"],
  [milliseconds(1_600), "2s"],
])("%s milliseconds are written %s", (duration, text) => {
  expect(formatDuration(duration)).toBe(text);
});

test("time never runs backwards in a difference", () => {
  expect(elapsed(at(10), at(5))).toBe(0);
  expect(after(at(10), seconds(1))).toBe(1_010);
});
