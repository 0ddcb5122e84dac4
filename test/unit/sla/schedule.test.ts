import { expect, test } from "vitest";
import type { MonotonicMs } from "#lib/duration.ts";
import { SlaEngine } from "#sla/engine.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";
import { SlaStory, sla } from "./sla-story.ts";

test("the first result of a probe that runs once a minute does not take a minute", () => {
  const story = new SlaStory(sla("slow", { frequency: 60_000 }));
  story.pass(1_000);
  expect(story.probes).toHaveLength(1);
});

test("runs keep their phase however late each of them starts", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(1);
  story.nextProbe();
  story.answer(1);
  const phase = story.now;
  for (let run = 1; run <= 20; run++) {
    story.nextProbe();
    story.answer(1);
    expect(Math.abs(story.now - phase - run * 1_000)).toBeLessThanOrEqual(25);
  }
});

test("a thousand probes once a second never send more than a few at once", () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `probe${index}`);
  const story = new SlaStory(...names.map((name) => sla(name)));
  const sentAt = new Map<number, number>();
  for (let time = 0; time < 3_000; time++) {
    const before = story.probes.length;
    story.pass(1);
    for (const probe of story.probes.slice(before)) story.answer(1, probe);
    sentAt.set(time, story.probes.length - before);
  }
  const counts = [...sentAt.values()];
  expect(Math.max(...counts)).toBeLessThan(60);
  const perSecond = counts.slice(2_000).reduce((sum, count) => sum + count, 0);
  expect(perSecond).toBeGreaterThan(950);
  expect(perSecond).toBeLessThan(1_050);
});

test("what a pause of the machine made the probes miss is not made up for", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(1);
  story.sleep(3_600_000);
  const before = story.probes.length;
  story.pass(5_000);
  expect(story.probes.length - before).toBeLessThanOrEqual(6);
});

test("late and spurious wake-ups do nothing", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  const before = story.actions.length;
  for (let time = 0; time < 100; time++) story.wake();
  expect(story.actions).toHaveLength(before);
});

test("a reload without change touches nothing, not even a run under way", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.configure(sla("hub1"));
  story.answer(9);
  expect(story.view("hub1")).toMatchObject({ code: "ok", successes: 1 });
});

test("other times keep the results; the run under way is let go", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(9);
  const { id } = story.nextProbe();
  story.configure(sla("hub1", { timeout: 300 }));
  expect(story.actions).toContainEqual({ kind: "abandon", id });
  expect(story.view("hub1")).toMatchObject({ code: "ok", successes: 1, timeout: 300 });
});

test("another source keeps the return code until its own first result, and begins to count anew", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(9);
  story.configure(sla("hub1", { sourceInterface: "wwan0" }));
  expect(story.view("hub1")).toMatchObject({
    code: "ok",
    successes: 0,
    reason: "203.0.113.1 answered in 9.0 ms, before the configuration changed",
  });
  story.nextProbe();
  story.pass(500);
  expect(story.codes).toEqual(["hub1 ok", "hub1 timeout"]);
});

test("a removed operation is let go and never heard of again", () => {
  const story = new SlaStory(sla("hub1"), sla("hub2"));
  const probe = story.nextProbe();
  story.configure();
  story.answer(9, probe);
  story.pass(5_000);
  expect(story.codes).toEqual([]);
  expect(story.engine.views()).toEqual([]);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("the same seed and the same inputs give the same actions", () => {
  const run = (): unknown => {
    const engine = new SlaEngine(seededRandom(3));
    const operations = {
      a: sla("a"),
      b: sla("b", { frequency: 250, timeout: 100, threshold: 50 }),
    };
    const all: unknown[] = [engine.handle({ kind: "configure", operations }, 0 as MonotonicMs)];
    for (let now = 0; now < 5_000; now += 7)
      all.push(engine.handle({ kind: "timeout" }, now as MonotonicMs));
    return all;
  };
  expect(run()).toEqual(run());
});
