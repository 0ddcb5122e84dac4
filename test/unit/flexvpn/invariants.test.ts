import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { FlexvpnClient } from "#flexvpn/client.ts";
import type { FlexvpnInput, ResolutionId } from "#flexvpn/inputs.ts";
import { printTransitions, statusMeaning, transitions } from "#flexvpn/states.ts";
import type { SessionId } from "#ike/inputs.ts";
import { minutes } from "#lib/duration.ts";
import type { InterfaceAddress } from "#lib/ip.ts";
import {
  client,
  connection,
  hub1,
  hub2,
  ip,
  noAnswer,
  outcome,
  peerAt,
  peerNamed,
  Story,
  trackEvent,
  tunnel,
} from "./story.ts";

/** What may happen, in the words of a model: `age` picks among the newest sessions and questions, stale ones too. */
type Step =
  | { readonly do: "give"; readonly input: FlexvpnInput }
  | {
      readonly do: "session";
      readonly what: "authenticating" | "up" | "down" | "redirected";
      readonly age: number;
    }
  | { readonly do: "resolution"; readonly addresses: readonly string[]; readonly age: number }
  | { readonly do: "pass"; readonly milliseconds: number };

const sources = [
  { seq: 10, interface: "wan0" },
  { seq: 20, interface: "wwan0" },
];
const isUp = (object: string) => ({ object, state: "up" as const });
const configs = [
  client({ peers: [peerNamed(10, "hub.example.net"), peerAt(20, hub2)], sources }),
  client({ peers: [peerAt(10, hub1), peerAt(20, hub2)] }),
  client({ peers: [peerAt(10, hub1)], sources, connect: "manual" }),
  client({ peers: [peerNamed(10, "hub.example.net", "ipv6")], connection: connection("other") }),
  client({
    peers: [{ ...peerNamed(10, "hub.example.net"), track: isUp("hub1") }, peerAt(20, hub2)],
    sources: [{ seq: 10, interface: "wan0", track: isUp("wan") }],
    dialer: "lte",
  }),
  client({
    connect: { object: "primary", state: "down" },
    peers: [peerNamed(10, "hub.example.net"), peerAt(20, hub2)],
    dialer: "lte",
  }),
  client({ peers: [{ ...peerAt(10, hub1), track: isUp("hub1") }] }),
  client({ connect: isUp("wan"), sources }),
  client({ connect: isUp("primary") }),
  client({ standby: "hot", sources, peers: [peerAt(10, hub1), peerNamed(20, "hub.example.net")] }),
  client({ standby: "hot", rehearsal: { every: minutes(2) }, backupGroup: "main" }),
];

const give = (input: FlexvpnInput): Step => ({ do: "give", input });
const configure = fc
  .constantFrom(...configs)
  .map((config) =>
    give({ kind: "configure", clients: { hq: config }, tunnels: { Tunnel0: tunnel() } }),
  );
const operator = fc
  .constantFrom("connect" as const, "disconnect" as const, "clear" as const, "switch" as const)
  .map((kind) => give({ kind, client: "hq", by: "test" }));
const rehearse = fc.constant(give({ kind: "rehearse", client: "hq", by: "test" }));
const link = fc
  .record({
    name: fc.constantFrom("wan0", "wwan0", "Tunnel0", "br-lan"),
    isUp: fc.boolean(),
    addresses: fc.subarray(["198.51.100.7/24", "192.0.2.7/24", "2001:db8:1::7/64"]),
  })
  .map(({ name, isUp, addresses }) =>
    give({ kind: "interface-changed", name, isUp, addresses: addresses as InterfaceAddress[] }),
  );
const track = fc
  .record({ object: fc.constantFrom("hub1", "wan", "primary"), isUp: fc.boolean() })
  .map(({ object, isUp: up }) =>
    give({
      kind: "track-changed",
      object,
      state: up ? "up" : "down",
      cause: trackEvent(object),
    }),
  );
const dialer = fc
  .constantFrom("idle" as const, "dialing" as const, "connected" as const, "backoff" as const)
  .map((state) =>
    give({
      kind: "dialer-changed",
      dialer: "lte",
      state,
      interface: "wwan0",
      ...(state === "backoff" ? { why: { message: "busy" } } : {}),
    }),
  );
const session = fc
  .record({
    what: fc.constantFrom(
      "authenticating" as const,
      "up" as const,
      "up" as const,
      "up" as const,
      "down" as const,
      "down" as const,
      "redirected" as const,
    ),
    age: fc.constantFrom(0, 0, 0, 1, 2),
  })
  .map((each): Step => ({ do: "session", ...each }));
const resolution = fc
  .record({
    addresses: fc.subarray([hub1, "203.0.113.9", "2001:db8::1"]),
    age: fc.constantFrom(0, 0, 1),
  })
  .map((each): Step => ({ do: "resolution", ...each }));
const fault = fc
  .constantFrom("kernel.module-missing", "kernel.rejected")
  .map((code) =>
    give({ kind: "dataplane-fault", client: "hq", fault: { code, what: code, remedy: "act" } }),
  );
const pass = fc
  .constantFrom(0, 500, 2_000, 30_000, 120_000)
  .map((milliseconds): Step => ({ do: "pass", milliseconds }));
const ends = fc.constantFrom(
  give({ kind: "start" }),
  give({ kind: "start" }),
  give({ kind: "start" }),
  give({ kind: "timeout" }),
  give({ kind: "shut-down", reason: "stop" }),
);

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: session },
    { weight: 4, arbitrary: resolution },
    { weight: 3, arbitrary: pass },
    { weight: 2, arbitrary: operator },
    { weight: 2, arbitrary: link },
    { weight: 3, arbitrary: track },
    { weight: 1, arbitrary: dialer },
    { weight: 1, arbitrary: rehearse },
    { weight: 1, arbitrary: configure },
    { weight: 1, arbitrary: fault },
    { weight: 1, arbitrary: ends },
  ),
  { maxLength: 80, size: "max" },
);

/** A story whose sessions are answered for as a correct IKE engine would: each ends once, after all that it did. */
class Model {
  readonly story = new Story(42);
  readonly over = new Set<SessionId>();

  get opened(): readonly SessionId[] {
    return this.story.all("open-session").map((action) => action.session);
  }

  run(step: Step): void {
    switch (step.do) {
      case "give":
        this.story.give(step.input);
        break;
      case "pass":
        this.story.pass(step.milliseconds);
        break;
      case "resolution":
        this.#answer(step.addresses, step.age);
        break;
      case "session":
        this.#session(step.what, step.age);
        break;
    }
  }

  #answer(addresses: readonly string[], age: number): void {
    const asked = this.story.all("resolve");
    const id = asked.at(-1 - age)?.id ?? (999 as ResolutionId);
    this.story.give(
      addresses.length > 0
        ? { kind: "resolved", id, addresses: addresses.map(ip) }
        : { kind: "resolution-failed", id, message: "no such name" },
    );
  }

  #session(what: Extract<Step, { do: "session" }>["what"], age: number): void {
    const id = this.opened.at(-1 - age);
    if (id === undefined || this.over.has(id)) return;
    if (what === "redirected") {
      this.story.give({ kind: "redirected", session: id, gateway: "203.0.113.77" });
      return;
    }
    if (what === "authenticating") this.story.give({ kind: "session-authenticating", session: id });
    else if (what === "up")
      this.story.give({ kind: "session-up", session: id, outcome: outcome() });
    else {
      this.over.add(id);
      this.story.give({ kind: "session-down", session: id, reason: noAnswer });
    }
  }
}

const original = FlexvpnClient.prototype.take;
const hasSession = ["connecting", "authenticating", "up"];

function check({ story }: Model): void {
  const [view] = story.engine.views();
  if (!view) return;
  // One session of its own exactly in the states that have one; others beside it only while it is up or rehearses.
  expect(view.session !== undefined).toBe(hasSession.includes(view.status));
  if (view.session !== undefined) expect(story.open.has(view.session)).toBe(true);
  const beside = story.open.size - (view.session === undefined ? 0 : 1);
  if (view.status !== "up" && !view.rehearsal.isRunning) expect(beside).toBe(0);
  expect(beside).toBeLessThanOrEqual(3);
  // Timers where something is waited for that may never come by itself.
  if (view.status === "resolving" || view.status === "backoff" || view.retryAt !== undefined)
    expect(story.engine.nextTimeout()).toBeDefined();
  else if (view.status !== "up" && !view.rehearsal.isRunning && !story.config("hq").rehearsal)
    expect(story.engine.nextTimeout()).toBeUndefined();
  // The kernel is told to carry traffic exactly while the client is up, by the session in use.
  expect(story.intent.carrier?.session).toBe(view.status === "up" ? view.session : undefined);
  // A fault has a code, every state a reason.
  expect(view.reason).not.toBe("");
  if (view.status === "failed") expect(view.reasonCode).toBeDefined();
  // What its conditions refuse is never in use; what is wanted by a track object follows it.
  const config = story.config(view.name);
  if (typeof config.connect === "object" && view.status !== "tracking" && view.status !== "idle")
    expect(story.demand ?? story.tracks.get(config.connect.object)).toMatch(
      config.connect.state === "up" ? /connect|^up$/ : /connect|^down$/,
    );
  const { source } = view;
  const refusal = config.sources.find((each) => each.interface === source)?.track;
  if (refusal && view.session !== undefined)
    expect(story.tracks.get(refusal.object)).not.toBe("down");
  const peer = config.peers.find((each) => each.seq === view.peer?.seq && each.track);
  if (peer?.track && view.session !== undefined && view.peer?.address !== "203.0.113.77")
    expect(story.tracks.get(peer.track.object)).not.toBe("down");
}

function play(list: readonly Step[], verify = check, config = configs[0]!): Model {
  const model = new Model();
  model.run(give({ kind: "configure", clients: { hq: config }, tunnels: { Tunnel0: tunnel() } }));
  model.run(give({ kind: "start" }));
  for (const step of list) {
    model.run(step);
    verify(model);
  }
  return model;
}

test("any order of events keeps one session at most, its state, its timers and its plan together", () => {
  fc.assert(
    fc.property(steps, (list) => {
      play(list);
    }),
    { seed: 20, numRuns: 150 },
  );
});

test("whatever happened, after a shut-down and the hubs' answers nothing is left open", () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { story, opened, over } = play(list);
      story.give({ kind: "shut-down", reason: "stop" });
      for (const session of opened)
        if (!over.has(session)) story.give({ kind: "session-down", session, reason: noAnswer });

      expect(story.open.size).toBe(0);
      expect(story.engine.isQuiet).toBe(true);
      expect(story.engine.nextTimeout()).toBeUndefined();
    }),
    { seed: 21, numRuns: 60 },
  );
});

/** What is given at the end of a history so that the client has somewhere to go. */
const everythingUsable: readonly FlexvpnInput[] = [
  { kind: "start" },
  ...["wan0", "wwan0"].map(
    (name): FlexvpnInput => ({
      kind: "interface-changed",
      name,
      isUp: true,
      addresses: ["198.51.100.7/24", "2001:db8:1::7/64"] as InterfaceAddress[],
    }),
  ),
  ...["hub1", "wan"].map(
    (object): FlexvpnInput => ({
      kind: "track-changed",
      object,
      state: "up",
      cause: trackEvent(object),
    }),
  ),
  { kind: "track-changed", object: "primary", state: "down", cause: trackEvent("primary") },
];

test("whatever happened, a client that is wanted and has a usable peer and source is up or tries within its longest back-off", () => {
  fc.assert(
    fc.property(steps, fc.nat(configs.length - 1), (list, place) => {
      const { story } = play(list, () => {}, configs[place]);
      for (const input of everythingUsable) story.give(input);
      const { connect } = story.config("hq");
      const isWanted =
        story.demand !== "disconnect" &&
        (connect === "auto" || (typeof connect === "object" && connect.object !== "primary"));
      fc.pre(isWanted && !story.isShutDown);
      const [dialled, asked] = [story.dialled.length, story.all("resolve").length];
      story.pass(60_000);

      const tried = story.dialled.length > dialled || story.all("resolve").length > asked;
      expect(tried || hasSession.includes(story.status)).toBe(true);
    }),
    { seed: 22, numRuns: 200 },
  );
});

test("the same inputs at the same times give the same actions", () => {
  fc.assert(
    fc.property(steps, (list) => {
      expect(JSON.stringify(play(list).story.log)).toBe(JSON.stringify(play(list).story.log));
    }),
    { seed: 23, numRuns: 15 },
  );
});

test("no two rows of the state table claim the same trigger in the same state", () => {
  const seen = transitions.flatMap((row) => row.in.map((status) => `${status} ${row.on}`));

  expect(new Set(seen).size).toBe(seen.length);
});

test("every row of the state table is reached in each of its states", () => {
  const reached = new Set<string>();
  const take = vi.spyOn(FlexvpnClient.prototype, "take");
  take.mockImplementation(function (this: FlexvpnClient, trigger, now) {
    reached.add(`${this.view().status} ${trigger.on}`);
    original.call(this, trigger, now);
  });
  const rows = transitions.flatMap((row) => row.in.map((status) => `${status} ${row.on}`));
  for (let seed = 1; seed <= 140 && rows.some((row) => !reached.has(row)); seed++)
    for (const list of fc.sample(steps, { seed, numRuns: 50 }))
      play(list, () => {}, configs[seed % configs.length]);
  take.mockRestore();

  expect(rows.filter((row) => !reached.has(row))).toEqual([]);
}, 30_000);

test("the printed table has a line for every row and names only statuses of the contract", () => {
  const lines = printTransitions().split("\n").slice(2);

  expect(lines).toHaveLength(transitions.length);
  for (const row of transitions)
    for (const status of [...row.in, ...row.to]) expect(statusMeaning[status]).toBeDefined();
});
