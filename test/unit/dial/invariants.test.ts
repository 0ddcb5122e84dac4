import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { waitOf } from "#dial/backoff.ts";
import { Dialer } from "#dial/dialer.ts";
import type { DialInput } from "#dial/inputs.ts";
import type { LineEnd } from "#dial/line.ts";
import { printTransitions, statusMeaning, timersOf, transitions } from "#dial/states.ts";
import { nominalBackoff } from "#lib/backoff.ts";
import { type Duration, minutes, seconds } from "#lib/duration.ts";
import { SeededRandom } from "#test/support/seeded-random.ts";
import { dialer, dropped, finished, gone, refused, Story, silent } from "./story.ts";

/** What may happen: to one of two dialers, `age` picks among the runs that go on. */
type Step =
  | { readonly do: "give"; readonly input: DialInput }
  | { readonly do: "configure"; readonly which: number }
  | { readonly do: "up"; readonly age: number }
  | { readonly do: "end"; readonly end: LineEnd; readonly age: number }
  | { readonly do: "pass"; readonly milliseconds: number };

const lte = dialer({ demand: { track: "primary", state: "down" }, reset: ["reset"] });
const dsl = dialer({ name: "dsl", interface: "ppp-dsl", idle: seconds(20) });
const configurations = [
  [lte, dsl],
  [lte, dsl],
  [{ ...lte, line: { kind: "pppd", peer: "other" } as const }, dsl],
  [dsl],
  [{ ...lte, demand: { track: "primary", state: "up" } as const }],
];

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("give" as const),
        input: fc.record({
          kind: fc.constant("demand" as const),
          client: fc.constantFrom("hq", "other"),
          dialer: fc.constantFrom("lte", "dsl"),
          wanted: fc.boolean(),
        }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("give" as const),
        input: fc.record({
          kind: fc.constant("track-changed" as const),
          object: fc.constantFrom("primary", "other"),
          state: fc.constantFrom("up" as const, "down" as const),
        }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant("up" as const), age: fc.constantFrom(0, 0, 1) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("end" as const),
        end: fc.constantFrom(refused, dropped, gone, silent, finished),
        age: fc.constantFrom(0, 0, 1),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("pass" as const),
        milliseconds: fc.constantFrom(0, 1_000, 5_000, 20_000, 61_000, 400_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("configure" as const), which: fc.nat(4) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("give" as const),
        input: fc.constantFrom<DialInput>(
          { kind: "start" },
          { kind: "start" },
          { kind: "timeout" },
          { kind: "leftover", dialer: "lte" },
          { kind: "shut-down", reason: "stop" },
        ),
      }),
    },
  ),
  { maxLength: 80, size: "max" },
);

function run(story: Story, step: Step): void {
  const pick = (age: number) => [...story.running.keys()].at(-1 - age);
  switch (step.do) {
    case "give":
      story.give(step.input);
      return;
    case "configure":
      story.configure(...(configurations[step.which] ?? []));
      return;
    case "pass":
      story.pass(step.milliseconds);
      return;
    case "up": {
      const line = pick(step.age);
      if (line !== undefined) story.give({ kind: "line-up", line, facts: { interface: "x" } });
      return;
    }
    case "end": {
      const line = pick(step.age);
      if (line !== undefined) story.give({ kind: "line-ended", line, end: step.end });
      return;
    }
  }
}

/** Every step is looked at by `verify`. */
function play(list: readonly Step[], verify: (story: Story) => void = () => {}): Story {
  const story = new Story(42);
  story.configure(lte, dsl);
  for (const step of [{ do: "give", input: { kind: "start" } } as const, ...list]) {
    run(story, step);
    verify(story);
  }
  return story;
}

test("there are never two runs that dial for one dialer, whatever happens", () => {
  fc.assert(
    fc.property(steps, (list) => {
      play(list, (story) => {
        const resets = new Set(story.all("reset").map(({ line }) => line));
        const dialling = [...story.running].filter(([line]) => !resets.has(line));
        const names = dialling.map(([, name]) => name);
        expect(new Set(names).size).toBe(names.length);
      });
    }),
    { seed: 30, numRuns: 200 },
  );
});

test("state, runs and timers of a dialer always fit together", () => {
  fc.assert(
    fc.property(steps, (list) => {
      play(list, (story) => {
        const armed = story.engine.nextTimeout() !== undefined;
        const views = story.engine.views(story.now);
        const mustWait = views.some(({ status }) => timersOf[status].always.length > 0);
        if (mustWait) expect(armed).toBe(true);
        for (const view of views) {
          const runs = [...story.running.values()].filter((name) => name === view.name).length;
          const hasRun = !["idle", "backoff"].includes(view.status);
          expect(runs > 0).toBe(hasRun);
          expect(view.why.message).not.toBe("");
        }
      });
    }),
    { seed: 31, numRuns: 150 },
  );
});

test("after a failure nothing is dialled sooner than was said, unless the operator corrected it", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { log, times } = play(list);
      const said = new Map<string, number>();
      for (const [index, action] of log.entries()) {
        const at = times[index] ?? 0;
        if (action.kind === "event") {
          const { mnemonic, data } = action.event;
          const name = String(data["dialer"]);
          if (mnemonic === "FLEXSPOKE-5-DIALER_CHANGED") said.delete(name);
          if (mnemonic === "FLEXSPOKE-5-DIAL_BACKOFF")
            said.set(name, at + Number(data["seconds"]) * 1_000);
        }
        if (action.kind === "dial")
          expect(at).toBeGreaterThanOrEqual(said.get(action.dialer.name) ?? 0);
      }
    }),
    { seed: 32, numRuns: 150 },
  );
});

test("whatever other dialers do, one that is demanded is dialled at once", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const story = play(list);
      story.give({ kind: "start" });
      story.configure(lte, { ...dsl, name: "third", interface: "ppp-third" });
      story.demand(true, "hq", "third");

      const third = story.engine.views(story.now).find(({ name }) => name === "third");
      expect(third?.status).toBe("dialing");
    }),
    { seed: 33, numRuns: 100 },
  );
});

test("whatever happened, after a shut-down and the ends of its runs nothing is left", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const story = play(list);
      story.give({ kind: "shut-down", reason: "stop" });
      for (let round = 0; round < 5; round++)
        for (const line of [...story.running.keys()])
          story.give({ kind: "line-ended", line, end: gone });

      expect(story.running.size).toBe(0);
      expect(story.engine.isQuiet).toBe(true);
      expect(story.engine.nextTimeout()).toBeUndefined();
    }),
    { seed: 34, numRuns: 100 },
  );
});

test("the same inputs at the same times give the same actions", () => {
  fc.assert(
    fc.property(steps, (list) => {
      expect(JSON.stringify(play(list).log)).toBe(JSON.stringify(play(list).log));
    }),
    { seed: 35, numRuns: 20 },
  );
});

test("no two rows of the table claim the same trigger in the same state", () => {
  const seen = transitions.flatMap((row) => row.in.map((status) => `${status} ${row.on}`));

  expect(new Set(seen).size).toBe(seen.length);
});

test("every row of the table is reached in each of its states", () => {
  const original = Dialer.prototype.take;
  const reached = new Set<string>();
  const take = vi.spyOn(Dialer.prototype, "take");
  take.mockImplementation(function (this: Dialer, trigger, now) {
    reached.add(`${this.view(now).status} ${trigger.on}`);
    original.call(this, trigger, now);
  });
  const rows = transitions.flatMap((row) => row.in.map((status) => `${status} ${row.on}`));
  for (let seed = 1; seed <= 40 && rows.some((row) => !reached.has(row)); seed++)
    for (const list of fc.sample(steps, { seed, numRuns: 50 })) play(list);
  take.mockRestore();

  expect(rows.filter((row) => !reached.has(row))).toEqual([]);
}, 30_000);

test("the printed table has a line for every row and names states that have a meaning", () => {
  expect(printTransitions().split("\n")).toHaveLength(transitions.length + 2);
  for (const row of transitions)
    for (const status of [...row.in, ...row.to]) expect(statusMeaning[status]).toBeDefined();
});

test("a wait is never shorter than the nominal one, never a quarter longer, and never above the longest by more", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 100, max: 600_000 }),
      fc.integer(),
      (level, initial, seed) => {
        const policy = { initial: initial as Duration, max: minutes(30) };
        const nominal = nominalBackoff(policy, level);
        const wait = waitOf(policy, level, new SeededRandom(seed).bytes);
        expect(nominal).toBeLessThanOrEqual(policy.max);
        expect(wait).toBeGreaterThanOrEqual(nominal);
        expect(wait).toBeLessThanOrEqual(Math.round(nominal * 1.25));
      },
    ),
    { seed: 36, numRuns: 200 },
  );
});
