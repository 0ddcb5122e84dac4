import { expect, test } from "vitest";
import { Calendar } from "#daemon/clock.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";

const noon = Date.UTC(2026, 0, 2, 12, 0, 0);
const instant = 250.7 as MonotonicMs;

/** A wall clock in whole milliseconds beside a monotonic one in fractions, as the system has them. */
function clockAt(now: number, wallSet = 0) {
  return {
    now: () => now as MonotonicMs,
    wall: () => Math.floor(noon + now + wallSet) as WallClock,
  };
}

test("an instant has the same time whenever it is asked for", () => {
  let clock = clockAt(0.9);
  const calendar = new Calendar({ now: () => clock.now(), wall: () => clock.wall() });
  const times = new Set<number>();
  for (let now = 0; now < 50; now += 0.37) {
    clock = clockAt(now);
    times.add(calendar.at(instant));
  }

  expect(times.size).toBe(1);
  expect(Math.abs(([...times][0] ?? 0) - noon - instant)).toBeLessThan(2);
});

test("once the wall clock is set, earlier instants have its time", () => {
  let clock = clockAt(0);
  const calendar = new Calendar({ now: () => clock.now(), wall: () => clock.wall() });
  clock = clockAt(1_000, 3_600_000);

  expect(calendar.at(instant)).toBe(noon + 3_600_000 + 250);
});
