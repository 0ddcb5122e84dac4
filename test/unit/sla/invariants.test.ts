/** What holds of the IP SLA operations whatever happens in whatever order. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { MonotonicMs } from "#lib/duration.ts";
import type { SlaAction } from "#sla/actions.ts";
import { SlaEngine } from "#sla/engine.ts";
import type { ProbeId, ProbeOutcome } from "#sla/probe.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";
import { echo, sla } from "./sla-story.ts";

/** Operations that a configuration may have; each step of a run takes some of them. */
const operations = [
  sla("fast", { frequency: 100, timeout: 100, threshold: 50 }),
  sla("hub1"),
  sla("voice", { operation: echo(3), frequency: 1_000, timeout: 300 }),
  sla("slow", { frequency: 60_000, timeout: 5_000, threshold: 5_000 }),
];
const otherTimes = [sla("fast", { frequency: 200, timeout: 80, threshold: 80 })];
const otherSource = [sla("hub1", { sourceInterface: "wan1" })];

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sleep" as const), ms: fc.nat(90_000) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      which: fc.nat(30),
      rtt: fc.integer({ min: 0, max: 700 }),
      isFailure: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("configure" as const), which: fc.nat(5) }) },
);

const configurations = [
  operations,
  operations.slice(0, 2),
  [],
  [...otherTimes, ...operations.slice(1)],
  [...operations.slice(0, 1), ...otherSource],
  operations.toReversed(),
];

class Watched {
  readonly engine = new SlaEngine(seededRandom(5));
  readonly #codes = new Map<string, string>();
  /** Packets asked for, latest last. */
  readonly sent: { readonly id: ProbeId; readonly sequence: number }[] = [];
  readonly abandoned = new Set<ProbeId>();
  now = 0;

  give(input: Parameters<SlaEngine["handle"]>[0]): void {
    const actions = this.engine.handle(input, this.now as MonotonicMs);
    for (const action of actions) this.#check(action);
    for (const { name, code } of this.engine.views())
      expect(code).toBe(this.#codes.get(name) ?? "unknown");
  }

  /** Wakes the engine as the daemon does until `end`; it must never ask for more than it uses. */
  wait(end: number): void {
    for (let wakes = 0; ; wakes++) {
      expect(wakes).toBeLessThan(2_000);
      const next = this.engine.nextTimeout();
      if (next === undefined || next > end) break;
      this.now = Math.max(this.now, next);
      this.give({ kind: "timeout" });
      expect(this.engine.nextTimeout()).toBeGreaterThan(this.now);
    }
    this.now = end;
  }

  #check(action: SlaAction): void {
    switch (action.kind) {
      case "return-code-changed":
        expect(action.code).not.toBe(this.#codes.get(action.operation) ?? "unknown");
        this.#codes.set(action.operation, action.code);
        break;
      case "probe":
        expect(this.abandoned.has(action.id)).toBe(false);
        expect(action.timeout).toBeGreaterThan(0);
        this.sent.push(action);
        break;
      case "abandon":
        expect(this.abandoned.has(action.id)).toBe(false);
        this.abandoned.add(action.id);
        break;
      case "event":
        break;
    }
  }

  /** Codes of operations that are gone are forgotten, as the tracks forget them. */
  configure(configuration: readonly ReturnType<typeof sla>[]): void {
    const names = new Set(configuration.map(({ name }) => name));
    for (const name of [...this.#codes.keys()]) if (!names.has(name)) this.#codes.delete(name);
    this.give({
      kind: "configure",
      operations: Object.fromEntries(configuration.map((each) => [each.name, each])),
    });
  }
}

test("for any order of answers, failures, delays and reloads codes change only when told, and no wake-up is in vain", () => {
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const watched = new Watched();
      watched.configure(operations);
      for (const each of steps) {
        switch (each.do) {
          case "wait":
            watched.wait(watched.now + each.ms);
            break;
          case "sleep":
            watched.now += each.ms;
            break;
          case "configure":
            watched.configure(configurations[each.which] ?? []);
            break;
          case "answer": {
            const probe = watched.sent.at(-1 - each.which);
            if (!probe) break;
            const { sequence } = probe;
            const outcome: ProbeOutcome = each.isFailure
              ? { kind: "failed", sequence, code: "no-connection", reason: "refused" }
              : { kind: "answered", sequence, rtt: each.rtt };
            watched.give({ kind: "probe-result", id: probe.id, outcome });
            break;
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});
