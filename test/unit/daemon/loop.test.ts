import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Clock } from "#daemon/clock.ts";
import { Loop } from "#daemon/loop.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An alarm clock as an engine: it rings when its time has come. */
class Alarm implements Engine<number | "timeout", string> {
  #at: number | undefined;

  handle(input: number | "timeout", now: MonotonicMs): readonly string[] {
    if (input !== "timeout") {
      this.#at = now + input;
      return [`set ${input}`];
    }
    if (this.#at === undefined || this.#at > now) return [];
    this.#at = undefined;
    return [`rang ${now}`];
  }

  nextTimeout(): MonotonicMs | undefined {
    return this.#at as MonotonicMs | undefined;
  }
}

function setUp() {
  let wallOffset = 1_000_000;
  const start = Date.now();
  const now = () => (Date.now() - start) as MonotonicMs;
  const clock: Clock = { now, wall: () => (now() + wallOffset) as WallClock };
  const said: string[] = [];
  const loop = new Loop(
    clock,
    () => said.push("settled"),
    (time) => said.push(`wall ${time}`),
  );
  const part = {
    name: "alarm",
    engine: new Alarm(),
    perform: (action: string) => {
      said.push(action);
    },
    timeout: "timeout" as const,
  };
  loop.add<number | "timeout", string>(part);
  return { loop, part, said, stepWall: (by: number) => (wallOffset += by) };
}

test("an engine is woken at its deadline and not before", () => {
  const { loop, part, said } = setUp();
  loop.give<number | "timeout", string>(part, 500);
  vi.advanceTimersByTime(499);
  expect(said).toEqual(["set 500", "settled"]);
  vi.advanceTimersByTime(1);
  expect(said).toContain("rang 500");
});

test("an input given while an action is performed waits for the actions at hand", () => {
  const { loop, said } = setUp();
  const echo: Engine<string, string> = {
    handle: (input) => [`${input} a`, `${input} b`],
    nextTimeout: () => undefined,
  };
  const part = {
    name: "echo",
    engine: echo,
    perform: (action: string) => {
      said.push(action);
      if (action === "first a") loop.give(part, "second");
    },
    timeout: "timeout",
  };
  loop.add(part);
  loop.give(part, "first");
  expect(said).toEqual(["first a", "first b", "second a", "second b", "settled"]);
});

test("a wall clock that was set is told at the next wake-up", () => {
  const { loop, part, said, stepWall } = setUp();
  loop.give<number | "timeout", string>(part, 10);
  stepWall(3_600_000);
  vi.advanceTimersByTime(10);
  expect(said).toContain("wall 4600010");
});

test("a deadline months away neither fires early nor keeps the loop awake", () => {
  const { loop, part, said } = setUp();
  const months = 0x7fff_ffff + 5_000;
  loop.give<number | "timeout", string>(part, months);
  vi.advanceTimersByTime(months - 1);
  expect(said.filter((line) => line.startsWith("rang"))).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toContain(`rang ${months}`);
});

test("after the end nothing is handled and no timer runs", () => {
  const { loop, part, said } = setUp();
  loop.give<number | "timeout", string>(part, 500);
  loop.stop();
  loop.give<number | "timeout", string>(part, 100);
  vi.advanceTimersByTime(1_000);
  expect(said).toEqual(["set 500", "settled"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("an engine that takes silence for an answer hears what came before it is woken", async () => {
  const { loop, said } = setUp();
  const part = {
    name: "alarm",
    engine: new Alarm(),
    perform: (action: string) => {
      said.push(`silent ${action}`);
    },
    timeout: "timeout" as const,
    readsFirst: true as const,
  };
  loop.add<number | "timeout", string>(part);
  loop.give<number | "timeout", string>(part, 500);
  setTimeout(() => said.push("a packet that was there already"), 500);
  vi.advanceTimersByTime(500);
  await vi.advanceTimersByTimeAsync(1);

  const told = said.filter((line) => line !== "settled");
  expect(told).toEqual(["silent set 500", "a packet that was there already", "silent rang 501"]);
});

test("an observer sees inputs with what was decided, until it is let go", () => {
  const { loop, part } = setUp();
  const seen: unknown[] = [];
  const end = loop.observe((name, input, actions) => seen.push([name, input, actions]));
  loop.give<number | "timeout", string>(part, 500);
  end();
  loop.give<number | "timeout", string>(part, 600);
  expect(seen).toEqual([["alarm", 500, ["set 500"]]]);
});
