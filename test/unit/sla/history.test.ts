import { expect, test } from "vitest";
import type { MonotonicMs } from "#lib/duration.ts";
import { ResultHistory } from "#sla/result-history.ts";

const at = (time: number): MonotonicMs => time as MonotonicMs;

test("the last sixty results are kept, oldest first", () => {
  const history = new ResultHistory();
  for (let time = 0; time < 100; time++) history.add(at(time), "ok", time, true);
  const results = history.results();
  expect(results).toHaveLength(60);
  expect(results[0]).toEqual({ at: 40, code: "ok", rtt: 40 });
  expect(results.at(-1)).toEqual({ at: 99, code: "ok", rtt: 99 });
});

test("a result without an answer has no round-trip time", () => {
  const history = new ResultHistory();
  history.add(at(5), "timeout", undefined, false);
  expect(history.results()).toEqual([{ at: 5, code: "timeout" }]);
});

test("minutes and hours sum up what the ring forgets", () => {
  const history = new ResultHistory();
  for (let second = 0; second < 2 * 3_600; second++)
    history.add(at(second * 1_000), "ok", second % 2 === 0 ? 10 : 30, true);
  history.add(at(2 * 3_600_000), "timeout", undefined, false);
  expect(history.minutes()).toHaveLength(60);
  expect(history.hours()).toEqual([
    { from: 0, successes: 3_600, failures: 0, min: 10, avg: 20, max: 30 },
    { from: 3_600_000, successes: 3_600, failures: 0, min: 10, avg: 20, max: 30 },
    { from: 7_200_000, successes: 0, failures: 1 },
  ]);
});
