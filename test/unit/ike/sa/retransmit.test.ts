import { expect, test } from "vitest";
import type { RetransmitPolicy } from "#ike/connection.ts";
import { softLifetime } from "#ike/sa/jitter.ts";
import { Retransmission, retransmitDelay } from "#ike/sa/retransmit.ts";
import { hours, type MonotonicMs, milliseconds } from "#lib/duration.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

const policy: RetransmitPolicy = {
  initial: milliseconds(500),
  factor: 2,
  limit: 3,
  jitter: 0,
};
const start = 1_000 as MonotonicMs;

test("without jitter the waits grow by the factor: 500 ms, 1 s, 2 s", () => {
  const waits = [0, 1, 2].map((attempt) => retransmitDelay(policy, attempt, seededRandom(1)));
  expect(waits).toEqual([500, 1_000, 2_000]);
});

test("jitter spreads a wait by its share in both directions and no further", () => {
  const random = seededRandom(2);
  const waits = Array.from({ length: 500 }, () =>
    retransmitDelay({ ...policy, jitter: 0.1 }, 0, random),
  );
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(450);
  expect(Math.max(...waits)).toBeLessThanOrEqual(550);
  expect(Math.min(...waits)).toBeLessThan(460);
  expect(Math.max(...waits)).toBeGreaterThan(540);
});

test("the same random source gives the same waits", () => {
  const waits = (): number[] => {
    const random = seededRandom(3);
    return [0, 1, 2].map((attempt) => retransmitDelay({ ...policy, jitter: 0.3 }, attempt, random));
  };
  expect(waits()).toEqual(waits());
});

test("a request is sent again as often as the limit says, each time later, and then given up", () => {
  const retransmission = new Retransmission([], policy, start, seededRandom(4));
  const due: number[] = [];
  let isWaiting = true;
  while (isWaiting) {
    due.push(retransmission.dueAt - start);
    isWaiting = retransmission.advance(retransmission.dueAt, seededRandom(4));
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
