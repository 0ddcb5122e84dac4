/**
 * Track objects against a model that knows no shortcut: at every step it judges every object anew from the facts, members
 * first, and applies the delays by their rule. The engine must report the same changes at the same times.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type BooleanExpression, parseBoolean } from "#config/boolean-syntax.ts";
import type { ResolvedTrack, TrackState, TrackTest } from "#config/resolved-track.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { Prefix } from "#lib/ip.ts";
import type { TrackAction } from "#track/actions.ts";
import { TrackEngine } from "#track/engine.ts";
import type { TrackInput } from "#track/inputs.ts";

const interfaces = ["wan0", "wan1"];
const prefixes = ["0.0.0.0/0", "10.0.0.0/8"] as Prefix[];
const operations = ["probe0", "probe1"];

// Configurations: a list may be made of any object that stands before it, so there are no loops.

const leaf: fc.Arbitrary<TrackTest> = fc.oneof(
  fc.record({ kind: fc.constant("stub" as const), initial: fc.constantFrom("up", "down") }),
  fc.record({
    kind: fc.constant("interface" as const),
    interface: fc.constantFrom(...interfaces),
    check: fc.constantFrom("line-protocol", "ip-routing"),
  }),
  fc.record({
    kind: fc.constant("route" as const),
    prefix: fc.constantFrom(...prefixes),
    check: fc.constant("reachability" as const),
  }),
  fc.record({
    kind: fc.constant("route" as const),
    prefix: fc.constantFrom(...prefixes),
    check: fc.constant("metric-threshold" as const),
    up: fc.constant(10),
    down: fc.constant(20),
  }),
  fc.record({
    kind: fc.constant("sla" as const),
    operation: fc.constantFrom(...operations),
    check: fc.constantFrom("reachability", "state"),
  }),
);

function expression(names: readonly string[], depth: number): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names);
  if (depth === 0) return name;
  const inner = expression(names, depth - 1);
  return fc.oneof(
    name,
    inner.map((term) => `not (${term})`),
    fc.tuple(inner, inner).map(([a, b]) => `(${a}) and ${b}`),
    fc.tuple(inner, inner).map(([a, b]) => `(${a} or ${b})`),
  );
}

function list(names: readonly string[]): fc.Arbitrary<TrackTest> {
  const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 });
  return fc.oneof(
    expression(names, 2).map((text): TrackTest => {
      const parsed = parseBoolean(text);
      if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
      return { kind: "boolean", expression: parsed.value, text };
    }),
    some.map(
      (objects): TrackTest => ({
        kind: "weight",
        members: objects.map((object, index) => ({ object, weight: index + 1 })),
        up: 3,
        down: 1,
      }),
    ),
    some.map((objects): TrackTest => ({ kind: "percentage", objects, up: 60, down: 30 })),
  );
}

const delay = fc.constantFrom(0, 0, 0, 3, 7) as fc.Arbitrary<number> as fc.Arbitrary<Duration>;

const configuration: fc.Arbitrary<readonly ResolvedTrack[]> = fc
  .tuple(
    fc.array(leaf, { minLength: 3, maxLength: 5 }),
    fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    fc.array(fc.record({ up: delay, down: delay }), { minLength: 11, maxLength: 11 }),
    fc.nat(),
  )
  .chain(([leaves, lists, delays]) => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);
    const tests = [
      ...leaves.map((each) => fc.constant(each)),
      ...lists.map((_, index) => list(names(leaves.length + index))),
    ];
    return fc.tuple(...tests).map((all) =>
      all.map((each, index) => ({
        name: `t${index}`,
        test: each,
        delay: delays[index] ?? { up: 0 as Duration, down: 0 as Duration },
      })),
    );
  });

const step = fc.oneof(
  fc.record({ wait: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    give: fc.record({
      kind: fc.constant("interface-changed" as const),
      name: fc.constantFrom(...interfaces),
      isUp: fc.boolean(),
      addresses: fc.constantFrom([], ["192.0.2.1/24"]),
    }) as fc.Arbitrary<TrackInput>,
  }),
  fc.record({
    give: fc.tuple(fc.constantFrom(...prefixes), fc.option(fc.constantFrom(50, 150, 250))).map(
      ([prefix, metric]): TrackInput => ({
        kind: "route-changed",
        prefix,
        ...(metric !== null && { route: { metric, isConnected: false } }),
      }),
    ),
  }),
  fc.record({
    give: fc.record({
      kind: fc.constant("sla-result" as const),
      operation: fc.constantFrom(...operations),
      code: fc.constantFrom("ok", "over-threshold", "timeout"),
    }) as fc.Arbitrary<TrackInput>,
  }),
  fc.record({
    give: fc.record({
      kind: fc.constant("set-stub" as const),
      object: fc.constantFrom("t0", "t1", "t2"),
      state: fc.constantFrom("up", "down"),
      by: fc.constant("test"),
    }) as fc.Arbitrary<TrackInput>,
  }),
);
type Step = { readonly wait?: number; readonly give?: TrackInput };

// The model.

interface Modelled {
  readonly config: ResolvedTrack;
  state: TrackState;
  /** What the last look said; kept where the rule says "nothing changes". */
  wanted: boolean;
  isKnown: boolean;
  hasChanged: boolean;
  dueAt?: number | undefined;
}

class Model {
  readonly #objects: readonly Modelled[];
  readonly #facts = new Map<string, TrackInput>();

  constructor(tracks: readonly ResolvedTrack[]) {
    this.#objects = tracks.map((config) => ({
      config,
      state: "down",
      wanted: false,
      isKnown: false,
      hasChanged: false,
    }));
    for (const object of this.#objects) {
      this.#judge(object);
      object.state = object.wanted ? "up" : "down";
    }
  }

  get states(): Readonly<Record<string, TrackState>> {
    return Object.fromEntries(this.#objects.map(({ config, state }) => [config.name, state]));
  }

  /** @returns the changes to report, `t0 up`, at this instant. */
  take(input: TrackInput | undefined, now: number): readonly string[] {
    if (input?.kind === "interface-changed") this.#facts.set(input.name, input);
    if (input?.kind === "route-changed") this.#facts.set(input.prefix, input);
    if (input?.kind === "sla-result") this.#facts.set(input.operation, input);
    if (input?.kind === "set-stub") this.#facts.set(input.object, input);
    return this.#objects.flatMap((object) => {
      const wasSeen = object.isKnown || object.hasChanged;
      this.#judge(object);
      const to = object.wanted ? "up" : "down";
      if (to === object.state) {
        object.dueAt = undefined;
        return [];
      }
      if (wasSeen) object.dueAt ??= now + object.config.delay[to];
      if (wasSeen && (object.dueAt ?? now) > now) return [];
      object.state = to;
      object.dueAt = undefined;
      object.hasChanged = true;
      return [`${object.config.name} ${to}`];
    });
  }

  #judge(object: Modelled): void {
    const { test } = object.config;
    switch (test.kind) {
      case "stub": {
        const fact = this.#facts.get(object.config.name);
        object.wanted = (fact?.kind === "set-stub" ? fact.state : test.initial) === "up";
        object.isKnown = true;
        break;
      }
      case "interface": {
        const fact = this.#facts.get(test.interface);
        const isUp = fact?.kind === "interface-changed" && fact.isUp;
        object.wanted = isUp && (test.check === "line-protocol" || fact.addresses.length > 0);
        object.isKnown = true;
        break;
      }
      case "route": {
        const fact = this.#facts.get(test.prefix);
        const route = fact?.kind === "route-changed" ? fact.route : undefined;
        object.isKnown = fact !== undefined;
        if (!route) object.wanted = false;
        else if (test.check === "reachability") object.wanted = true;
        else if (route.metric !== 150) object.wanted = route.metric === 50;
        break;
      }
      case "sla": {
        const fact = this.#facts.get(test.operation);
        const code = fact?.kind === "sla-result" ? fact.code : "unknown";
        object.isKnown = fact !== undefined;
        object.wanted = code === "ok" || (code === "over-threshold" && test.check !== "state");
        break;
      }
      case "boolean":
        object.wanted = this.#holds(test.expression);
        object.isKnown = this.#areKnown(test.text.match(/t\d+/g) ?? []);
        break;
      case "weight": {
        const up = test.members.filter(({ object: name }) => this.#isUp(name));
        const sum = up.reduce((total, { weight }) => total + weight, 0);
        if (sum >= 3 || sum <= 1) object.wanted = sum >= 3;
        object.isKnown = this.#areKnown(test.members.map(({ object: name }) => name));
        break;
      }
      case "percentage": {
        const share = test.objects.filter((name) => this.#isUp(name)).length / test.objects.length;
        if (share >= 0.6 || share <= 0.3) object.wanted = share >= 0.6;
        object.isKnown = this.#areKnown(test.objects);
        break;
      }
      case "script":
        throw new Error("not part of this test");
    }
  }

  #holds(each: BooleanExpression): boolean {
    if (each.kind === "object") return this.#isUp(each.object);
    if (each.kind === "not") return !this.#holds(each.term);
    const values = each.terms.map((term) => this.#holds(term));
    return each.kind === "and" ? !values.includes(false) : values.includes(true);
  }

  #find(name: string): Modelled {
    return this.#objects.find(({ config }) => config.name === name) as Modelled;
  }

  #isUp(name: string): boolean {
    return this.#find(name).state === "up";
  }

  #areKnown(names: readonly string[]): boolean {
    return names.every((name) => this.#find(name).isKnown || this.#find(name).hasChanged);
  }
}

/** The engine beside the model, millisecond by millisecond. */
class Pair {
  readonly engine = new TrackEngine();
  readonly model: Model;
  readonly states: Record<string, TrackState> = {};
  readonly #told = new Set<string>();
  now = 0 as MonotonicMs;

  constructor(tracks: readonly ResolvedTrack[]) {
    this.model = new Model(tracks);
    const actions = this.engine.handle(
      { kind: "configure", tracks: Object.fromEntries(tracks.map((each) => [each.name, each])) },
      this.now,
    );
    for (const action of actions) if (action.kind === "track-changed") this.#note(action);
  }

  play({ wait = 0, give }: Step): void {
    if (give) this.#compare(this.engine.handle(give, this.now), this.model.take(give, this.now));
    for (let passed = 0; passed < wait; passed++) {
      this.now = (this.now + 1) as MonotonicMs;
      const next = this.engine.nextTimeout();
      const woken = next !== undefined && next <= this.now;
      const actions = woken ? this.engine.handle({ kind: "timeout" }, this.now) : [];
      this.#compare(actions, this.model.take(undefined, this.now));
    }
    this.judge();
  }

  /** Every object that was told of is what a full evaluation says; within three seconds all of them are. */
  judge(): void {
    const { states } = this.model;
    for (const name of this.#told) expect([name, this.states[name]]).toEqual([name, states[name]]);
    if (this.now >= 3_000) expect(this.#told.size).toBe(Object.keys(states).length);
  }

  /** Nothing is reported that is so already. */
  #note({ object, state }: Extract<TrackAction, { kind: "track-changed" }>): void {
    expect(this.states[object]).not.toBe(state);
    this.#told.add(object);
    this.states[object] = state;
  }

  #compare(actions: readonly TrackAction[], expected: readonly string[]): void {
    // The first report of an object is no change: it tells what it is by then.
    const known = new Set(this.#told);
    const isKnown = (change: string) => known.has(change.split(" ")[0] ?? "");
    const reported = actions.flatMap((action) => {
      if (action.kind !== "track-changed") return [];
      this.#note(action);
      return [`${action.object} ${action.state}`];
    });
    expect(reported.filter(isKnown).sort()).toEqual(expected.filter(isKnown).sort());
    const told = actions.flatMap((action) =>
      action.kind === "event" && action.event.mnemonic === "TRACK-6-STATE"
        ? [`${action.event.data["object"]} ${action.event.data["to"]}`]
        : [],
    );
    expect(told.filter(isKnown)).toEqual(reported.filter(isKnown));
  }
}

test("incremental evaluation reports what a full evaluation would, when it would, and nothing else", () => {
  fc.assert(
    fc.property(
      configuration,
      fc.array(step, { minLength: 20, maxLength: 60 }),
      (tracks, steps) => {
        const pair = new Pair(tracks);
        pair.judge();
        for (const each of steps as readonly Step[]) {
          // A stub object's input for what is none is not an input at all.
          const target = each.give?.kind === "set-stub" ? each.give.object : undefined;
          const kind = tracks.find(({ name }) => name === target)?.test.kind;
          if (target === undefined || kind === "stub") pair.play(each);
        }
      },
    ),
    { seed: 20_261_124, numRuns: 300 },
  );
});

test("any text is an expression or has a fault at a place in it", () => {
  const piece = fc.constantFrom(
    "a",
    "b-1",
    "and",
    "or",
    "not",
    "(",
    ")",
    " ",
    "&",
    "é",
    "😀",
    "\n",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((all) => all.join(" ")),
      ),
      (text) => {
        const parsed = parseBoolean(text);
        if (parsed.ok) return;
        expect(parsed.error.at).toBeGreaterThanOrEqual(0);
        expect(parsed.error.at).toBeLessThanOrEqual(text.length);
        expect(parsed.error.message).not.toBe("");
      },
    ),
    { seed: 7, numRuns: 2_000 },
  );
});
