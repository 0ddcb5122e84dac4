import { expect, test } from "vitest";
import type { RetransmitPolicy } from "#ike/connection.ts";
import { softLifetime } from "#ike/sa/jitter.ts";
import { Retransmission, retransmitDelay } from "#ike/sa/retransmit.ts";
import { hours, type MonotonicMs, milliseconds } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

const policy: RetransmitPolicy = {
  initial: milliseconds(500),
  factor: 2,
  limit: 3,
  jitter: 0,
};
const start = 1_000 as MonotonicMs;

/** Waits of one request until it is given up, in milliseconds. */
function waitsOf(jitter: number, random: RandomSource): readonly number[] {
  const retransmission = new Retransmission([], { ...policy, jitter }, start, random);
  const waits: number[] = [];
  let now = start;
  do {
    waits.push(retransmission.dueAt - now);
    now = retransmission.dueAt;
  } while (retransmission.advance(now));
  return waits;
}

test("the waits grow by the factor: 500 ms, 1 s, 2 s", () => {
  expect([0, 1, 2].map((attempt) => retransmitDelay(policy, attempt, 1))).toEqual([
    500, 1_000, 2_000,
  ]);
});

test("jitter spreads the first wait by its share in both directions and no further", () => {
  const random = seededRandom(2);
  const waits = Array.from({ length: 500 }, () => waitsOf(0.1, random)[0] ?? 0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(450);
  expect(Math.max(...waits)).toBeLessThanOrEqual(550);
  expect(Math.min(...waits)).toBeLessThan(460);
  expect(Math.max(...waits)).toBeGreaterThan(540);
});

test("jitter spreads the time until a request is given up evenly over its whole range", () => {
  const random = seededRandom(6);
  const wholes = Array.from({ length: 2_000 }, () =>
    waitsOf(0.1, random).reduce((sum, wait) => sum + wait, 0),
  );
  // 7.5 s without jitter: ten tenths of a range of 1.5 s, with 200 expected in each
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const whole of wholes) {
    const tenth = Math.min(9, Math.max(0, Math.floor((whole - 6_750) / 150)));
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(140);
  expect(Math.max(...tenths)).toBeLessThan(260);
});

test("the same random source gives the same waits", () => {
  expect(waitsOf(0.3, seededRandom(3))).toEqual(waitsOf(0.3, seededRandom(3)));
});

test("a request is sent again as often as the limit says, each time later, and then given up", () => {
  const retransmission = new Retransmission([], policy, start, seededRandom(4));
  const due: number[] = [];
  let isWaiting = true;
  while (isWaiting) {
    due.push(retransmission.dueAt - start);
    isWaiting = retransmission.advance(retransmission.dueAt);
  }
  expect(due).toEqual([500, 1_500, 3_500, 7_500]);
  expect(retransmission.count).toBe(policy.limit);
});

test("a soft lifetime lies between 80 and 90 % of the hard one", () => {
  const random = seededRandom(5);
  const shares = Array.from({ length: 300 }, () => softLifetime(hours(1), random) / hours(1));
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.8);
  expect(Math.max(...shares)).toBeLessThan(0.9);
  expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.08);
});
