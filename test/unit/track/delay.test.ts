import { expect, test } from "vitest";
import { milliseconds, seconds } from "#lib/duration.ts";
import { boolean, lineProtocol, reportsIn, route, sla, stub, TrackStory } from "./story.ts";

test("a change is reported when it has held for its delay", () => {
  const story = TrackStory.of(stub("a", "down", { up: seconds(5) }));
  story.set("a", "up");
  expect(story.view("a")).toMatchObject({
    state: "down",
    reason: "down by default, nobody has set it",
    pending: { state: "up", at: seconds(5), reason: "set up by command line" },
  });

  story.pass(milliseconds(4_999));
  expect(story.state("a")).toBe("down");
  story.pass(milliseconds(1));

  expect(story.view("a")).toMatchObject({ state: "up", since: seconds(5), changes: 1 });
  expect(story.view("a").pending).toBeUndefined();
});

test("a change that is taken back within its delay is never reported", () => {
  const story = TrackStory.of(stub("a", "up", { down: seconds(5) }));
  story.set("a", "down");
  story.pass(seconds(4));
  story.set("a", "up");
  story.pass(seconds(60));

  expect(story.reports).toEqual(["a up"]);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("the delay counts from the change, not from what is said again meanwhile", () => {
  const story = TrackStory.of(lineProtocol("wan", "wan0", { down: seconds(5) }));
  story.link("wan0", true);
  story.link("wan0", false);
  story.pass(seconds(3));
  story.link("wan0", false);
  story.pass(seconds(2));
  expect(story.state("wan")).toBe("down");
});

test("a change that has held is reported even when the engine is woken by what undoes it", () => {
  const story = TrackStory.of(stub("a", "down", { up: seconds(5) }));
  story.set("a", "up");
  story.now = seconds(7) as number as typeof story.now;

  expect(reportsIn(story.set("a", "down"))).toEqual(["a up", "a down"]);
});

test("what is there at the start is reported without a delay", () => {
  const story = new TrackStory();
  story.link("wan0", true);
  const actions = story.configure(lineProtocol("wan", "wan0", { up: seconds(30) }));
  expect(reportsIn(actions)).toEqual(["wan up"]);
});

test("the first look at something counts at once; later changes wait", () => {
  const story = TrackStory.of(
    route("default", "0.0.0.0/0", { up: seconds(30) }),
    sla("hub", "hub1", "reachability", { up: seconds(30) }),
    boolean("both", "default and hub", { up: seconds(30) }),
  );
  story.routed("0.0.0.0/0", {});
  story.result("hub1", "ok");
  expect(story.reports).toEqual(["default up", "hub up", "both up"]);

  story.result("hub1", "timeout");
  story.result("hub1", "ok");
  expect(story.state("hub")).toBe("down");
  story.pass(seconds(30));
  expect([story.state("hub"), story.state("both")]).toEqual(["up", "down"]);
  story.pass(seconds(30));
  expect(story.state("both")).toBe("up");
});

test("a list with a member that is never seen still has its delay from the first change on", () => {
  const story = TrackStory.of(
    stub("a"),
    sla("never", "x"),
    boolean("either", "a or never", { up: seconds(5) }),
  );
  story.set("a", "up");
  expect(story.state("either")).toBe("up");
  story.set("a", "down");
  story.set("a", "up");
  expect(story.state("either")).toBe("down");
});

test("objects whose delays end in one instant are reported in one step, members first", () => {
  const story = TrackStory.of(
    stub("a", "up", { down: seconds(5) }),
    stub("b", "down"),
    boolean("list", "a and b", { up: seconds(5) }),
  );
  story.set("b", "up");
  story.set("a", "down");
  story.pass(seconds(5));
  expect(story.reports.slice(3)).toEqual(["b up", "a down"]);
});

test("a delayed event still names what began the change", () => {
  const story = TrackStory.of(lineProtocol("wan", "wan0", { down: seconds(5) }));
  story.link("wan0", true);
  story.link("wan0", false);
  story.pass(seconds(5));

  expect(story.events.at(-1)).toMatchObject({
    mnemonic: "TRACK-6-STATE",
    message: "wan interface wan0 line-protocol Up -> Down: wan0 is down",
    cause: "interface:wan0",
  });
  expect(story.view("wan").lastCause).toBe("interface:wan0");
});

test("an object is not told of before its first result, and as down when there is none within three seconds", () => {
  const story = TrackStory.of(
    sla("hub", "hub1", "reachability"),
    sla("dead", "hub2", "reachability"),
  );
  expect(story.reports).toEqual([]);
  story.result("hub1", "ok");
  expect(story.reports).toEqual(["hub up"]);
  story.pass(seconds(3));

  expect(story.reports).toEqual(["hub up", "dead down"]);
  expect(story.engine.nextTimeout()).toBeUndefined();
});
