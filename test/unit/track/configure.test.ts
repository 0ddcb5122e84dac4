import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { boolean, lineProtocol, reportsIn, stub, TrackStory } from "./story.ts";

test("every object is reported once when it is configured, members first, and without an event", () => {
  const story = TrackStory.of(boolean("list", "a"), stub("a", "up"));
  expect(story.reports).toEqual(["a up", "list up"]);
  expect(story.events).toEqual([]);
});

test("a report names the object's own event as its cause", () => {
  const story = TrackStory.of(stub("a"));
  expect(story.set("a", "up").at(-1)).toEqual({
    kind: "track-changed",
    object: "a",
    state: "up",
    cause: "track:a",
  });
});

test("objects that stay as they are keep their state over a new configuration", () => {
  const story = TrackStory.of(stub("a"), stub("b", "down", { up: seconds(5) }));
  story.set("a", "up");
  story.set("b", "up");
  story.pass(seconds(2));

  const actions = story.configure(stub("a"), stub("b", "down", { up: seconds(5) }), stub("c"));

  expect(reportsIn(actions)).toEqual(["c down"]);
  expect(story.view("a")).toMatchObject({ state: "up", changes: 1 });
  story.pass(seconds(3));
  expect(story.state("b")).toBe("up");
});

test("an object that is configured anew starts anew", () => {
  const story = TrackStory.of(stub("a"));
  story.set("a", "up");

  expect(reportsIn(story.configure(stub("a", "down", { down: seconds(1) })))).toEqual(["a down"]);
  expect(story.view("a")).toMatchObject({
    changes: 0,
    reason: "down by default, nobody has set it",
  });
});

test("a list whose member became another one changes because of the configuration", () => {
  const story = TrackStory.of(stub("a", "up"), boolean("list", "a"));

  const actions = story.configure(lineProtocol("a", "wan0"), boolean("list", "a"));

  expect(reportsIn(actions)).toEqual(["a down", "list down"]);
  expect(story.events).toMatchObject([{ data: { object: "list" }, cause: "daemon" }]);
});

test("an object that is gone has no deadline left", () => {
  const story = TrackStory.of(stub("a", "down", { up: seconds(5) }));
  story.set("a", "up");
  story.configure(stub("b"));
  expect(story.engine.nextTimeout()).toBeUndefined();
  story.pass(seconds(10));
  expect(story.engine.views().map(({ name }) => name)).toEqual(["b"]);
});
