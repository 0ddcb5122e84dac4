import { expect, test } from "vitest";
import type { TrackTest } from "#config/resolved-track.ts";
import { seconds } from "#lib/duration.ts";
import { prefix } from "#test/unit/flexvpn/story.ts";
import { lineProtocol, reportsIn, route, script, sla, stub, TrackStory, track } from "./story.ts";

test("line protocol is up while the interface is up", () => {
  const story = TrackStory.of(lineProtocol("wan", "wan0"));
  expect(story.view("wan")).toMatchObject({ state: "down", reason: "wan0 is missing" });

  story.link("wan0", true);
  expect(story.view("wan")).toMatchObject({ state: "up", changes: 1, reason: "wan0 is up" });

  story.link("wan0", false);
  expect(story.view("wan")).toMatchObject({ state: "down", changes: 2, reason: "wan0 is down" });
});

test.each([
  ["ip-routing", ["2001:db8::1/64"], "down", "wan0 has no IPv4 address"],
  ["ip-routing", ["2001:db8::1/64", "192.0.2.7/24"], "up", "wan0 has 192.0.2.7/24"],
  ["ipv6-routing", ["192.0.2.7/24"], "down", "wan0 has no IPv6 address"],
  ["ipv6-routing", ["2001:db8::1/64"], "up", "wan0 has 2001:db8::1/64"],
] as const)("%s with addresses %s is %s", (check, addresses, state, reason) => {
  const story = TrackStory.of(track("wan", { kind: "interface", interface: "wan0", check }));

  story.link("wan0", true, addresses);

  expect(story.view("wan")).toMatchObject({ state, reason });
});

test("a route is reachable while its exact prefix has a next hop", () => {
  const story = TrackStory.of(route("default", "0.0.0.0/0"));
  expect(story.view("default")).toMatchObject({
    state: "down",
    reason: "the routes were not read yet",
  });

  story.routed("10.0.0.0/8", {});
  expect(story.state("default")).toBe("down");
  story.routed("0.0.0.0/0", { device: "wan0", gateway: "192.0.2.1" as never });
  expect(story.view("default")).toMatchObject({
    state: "up",
    reason: "0.0.0.0/0 is reachable by 192.0.2.1 on wan0",
  });
  story.routed("0.0.0.0/0");
  expect(story.view("default")).toMatchObject({ state: "down", reason: "no route to 0.0.0.0/0" });
});

test("a metric between the thresholds changes nothing", () => {
  const threshold: TrackTest = {
    kind: "route",
    prefix: prefix("10.0.0.0/8"),
    check: "metric-threshold",
    up: 20,
    down: 40,
  };
  const story = TrackStory.of(track("metric", threshold));
  const stateAt = (metric: number) => {
    story.routed("10.0.0.0/8", { metric });
    return story.state("metric");
  };

  expect([210, 200, 209, 399, 400, 399, 210, 209].map(stateAt)).toEqual([
    "down",
    "up",
    "up",
    "up",
    "down",
    "down",
    "down",
    "up",
  ]);
  story.routed("10.0.0.0/8");
  expect(story.state("metric")).toBe("down");
});

test("a connected network has the best metric, and any route is better than none", () => {
  const threshold = { kind: "route", prefix: prefix("10.0.0.0/8"), check: "metric-threshold" };
  const story = TrackStory.of(
    track("best", { ...threshold, up: 0, down: 2 } as TrackTest),
    track("worst", { ...threshold, up: 254, down: 255 } as TrackTest),
  );

  story.routed("10.0.0.0/8", { metric: 4_000_000_000, isConnected: true });
  expect([story.state("best"), story.state("worst")]).toEqual(["up", "up"]);
  story.routed("10.0.0.0/8", { metric: 4_000_000_000 });
  expect([story.state("best"), story.state("worst")]).toEqual(["down", "up"]);
});

test.each([
  ["ok", "up", "up"],
  ["over-threshold", "up", "down"],
  ["timeout", "down", "down"],
  ["no-connection", "down", "down"],
  ["busy", "down", "down"],
  ["unknown", "down", "down"],
] as const)(
  "a probe that returns %s: reachability is %s, state is %s",
  (code, reachability, state) => {
    const story = TrackStory.of(sla("reach", "hub1"), sla("state", "hub1", "state"));

    story.result("hub1", code);

    expect([story.state("reach"), story.state("state")]).toEqual([reachability, state]);
  },
);

test("a stub object starts at its default, goes where it is told, and says who told it", () => {
  const story = TrackStory.of(stub("a", "up"), stub("b"));
  expect([story.state("a"), story.state("b")]).toEqual(["up", "down"]);

  story.set("b", "up");

  expect(story.view("b")).toMatchObject({ state: "up", reason: "set up by command line" });
});

test("what is no stub object can't be set", () => {
  const story = TrackStory.of(lineProtocol("wan", "wan0"));
  expect(story.set("wan", "up")).toEqual([]);
  expect(story.set("nobody", "up")).toEqual([]);
  expect(story.state("wan")).toBe("down");
});

test("a script is run at once and again a period after its start; status 0 is up", () => {
  const story = TrackStory.of(script("line"));
  story.pass(seconds(0));
  expect(story.log).toContainEqual({
    kind: "run-script",
    run: 1,
    object: "line",
    argv: ["/bin/check", "it"],
    timeout: seconds(10),
  });

  story.pass(seconds(4));
  story.ran({ kind: "exited", status: 0 });
  expect(story.view("line")).toMatchObject({ state: "up", since: seconds(4) });

  story.pass(seconds(25));
  expect(story.run).toBe(1);
  story.pass(seconds(1));
  expect(story.run).toBe(2);
});

test("a script never runs twice at a time; after a run that took too long the next one is due at once", () => {
  const story = TrackStory.of(script("line"));
  story.pass(seconds(100));
  expect(story.run).toBe(1);

  story.ran({ kind: "timed-out" });
  story.pass(seconds(0));

  expect(story.run).toBe(2);
});

test.each([
  [{ kind: "exited", status: 3 }, "the script ended with status 3"],
  [{ kind: "killed", signal: "SIGSEGV" }, "the script was ended by SIGSEGV"],
  [{ kind: "timed-out" }, "the script did not end within 10s"],
  [{ kind: "failed", why: "no such file" }, "the script could not be started: no such file"],
] as const)("a script that ends like %o is down", (outcome, reason) => {
  const story = TrackStory.of(script("line"));
  story.pass(seconds(0));
  story.ran({ kind: "exited", status: 0 });
  story.pass(seconds(30));

  story.ran(outcome);

  expect(story.view("line")).toMatchObject({ state: "down", reason });
});

test("a script that is gone from the configuration is stopped, and its end changes nothing", () => {
  const story = TrackStory.of(script("line"), stub("other"));
  story.pass(seconds(0));
  const { run } = story;

  expect(story.configure(stub("other"))).toEqual([{ kind: "stop-script", run }]);
  expect(
    story.give({ kind: "script-result", run, outcome: { kind: "exited", status: 0 } }),
  ).toEqual([]);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("many scripts don't start in one instant", () => {
  const story = TrackStory.of(script("a"), script("b"), script("c"));
  const started = () => story.log.filter(({ kind }) => kind === "run-script").length;
  story.pass(seconds(0));
  expect(started()).toBe(1);
  story.pass(seconds(1));
  expect(started()).toBe(3);
});

test("facts that were told before an object was configured count for it", () => {
  const story = new TrackStory();
  story.link("wan0", true);
  story.result("hub1", "ok");

  const actions = story.configure(lineProtocol("wan", "wan0"), sla("hub1", "hub1"));

  expect(reportsIn(actions)).toEqual(["wan up", "hub1 up"]);
});

test("what was known of a prefix that nobody looked at meanwhile is not believed", () => {
  const story = TrackStory.of(route("default", "0.0.0.0/0"));
  story.routed("0.0.0.0/0", {});
  story.configure();

  story.configure(route("default", "0.0.0.0/0"));

  expect(story.view("default")).toMatchObject({ state: "down", changes: 0 });
});
