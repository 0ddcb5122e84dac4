import { expect, test } from "vitest";
import { backoffDelay } from "#flexvpn/backoff.ts";
import { nominalBackoff } from "#lib/backoff.ts";
import { seconds } from "#lib/duration.ts";
import { client, peerAt, Story, seededRandom } from "./story.ts";

const policy = { initial: seconds(5), max: seconds(60) };

test("the wait doubles from its initial value and stops at its maximum", () => {
  const waits = [1, 2, 3, 4, 5, 6, 1_000].map((level) => nominalBackoff(policy, level) / 1_000);

  expect(waits).toEqual([5, 10, 20, 40, 60, 60, 60]);
});

test("a wait lies between half of the nominal one and all of it, and both ends are reached", () => {
  const random = seededRandom(7);
  const waits = Array.from({ length: 2_000 }, () => backoffDelay(policy, 2, random));

  expect(Math.min(...waits)).toBeGreaterThanOrEqual(5_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  expect(Math.min(...waits)).toBeLessThan(5_100);
  expect(Math.max(...waits)).toBeGreaterThan(9_900);
});

test("branches that fail together come back spread over the whole span", () => {
  const random = seededRandom(11);
  const buckets = Array<number>(10).fill(0);
  for (let branch = 0; branch < 10_000; branch++) {
    const bucket = Math.floor((backoffDelay(policy, 1, random) - 2_500) / 250);
    buckets[Math.min(9, bucket)]! += 1;
  }

  expect(Math.max(...buckets)).toBeLessThan(1_200);
  expect(Math.min(...buckets)).toBeGreaterThan(800);
});

test("the client waits as the rounds of failures grow, each announced by one event", () => {
  const story = Story.of(client({ peers: [peerAt(10, "203.0.113.1")] }), 3);
  const waits: number[] = [];
  for (let round = 0; round < 6; round++) {
    story.fail();
    waits.push((story.view.retryAt ?? 0) - story.now);
    story.pass(seconds(60));
  }

  const nominal = [5, 10, 20, 40, 60, 60].map((each) => each * 1_000);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(nominal[index]! / 2);
    expect(wait).toBeLessThanOrEqual(nominal[index]!);
  }
  expect(story.mnemonics.filter((each) => each === "FLEXSPOKE-5-BACKOFF")).toHaveLength(6);
});

test("the same seed gives the same waits", () => {
  const waits = (seed: number): readonly number[] => {
    const story = Story.of(client(), seed);
    story.fail();
    story.fail();
    return [story.view.retryAt ?? 0];
  };

  expect(waits(5)).toEqual(waits(5));
  expect(waits(5)).not.toEqual(waits(6));
});
