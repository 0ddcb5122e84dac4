import { expect, test } from "vitest";
import { boolean, reportsIn, sla, stub, TrackStory, track } from "./story.ts";

function among(text: string, ...up: readonly string[]): TrackStory {
  const names = ["a", "b", "c", "d"];
  const story = TrackStory.of(
    ...names.map((name) => stub(name, up.includes(name) ? "up" : "down")),
    boolean("list", text),
  );
  return story;
}

test.each([
  ["a and b", ["a", "b"], "up", "a is up, b is up"],
  ["a and b", ["a"], "down", "b is down"],
  ["a and b and c and d", [], "down", "a is down, b is down, c is down and 1 more"],
  ["a or b", ["b"], "up", "b is up"],
  ["a or b", [], "down", "a is down, b is down"],
  ["not a", [], "up", "a is down"],
  ["not a", ["a"], "down", "a is up"],
  ["a or b and c", ["a"], "up", "a is up"],
  ["(a or b) and c", ["a"], "down", "c is down"],
  ["not (a or b) and not c", ["b", "c"], "down", "b is up, c is up"],
  ["NOT a And b", ["b"], "up", "a is down, b is up"],
  ["a and not a", ["a"], "down", "a is up"],
] as const)("%s with %s up is %s: %s", (text, up, state, reason) => {
  expect(among(text, ...up).view("list")).toMatchObject({ state, reason });
});

test("the reason follows the members even while the state stays", () => {
  const story = among("a and b");
  expect(story.view("list").reason).toBe("a is down, b is down");
  story.set("a", "up");
  expect(story.view("list")).toMatchObject({ reason: "b is down", changes: 0 });
});

test("a list of lists is looked at once, after its members", () => {
  const story = TrackStory.of(
    stub("base"),
    boolean("top", "left and not right"),
    boolean("left", "base"),
    boolean("right", "not base"),
  );

  const actions = story.set("base", "up");

  expect(reportsIn(actions)).toEqual(["base up", "left up", "right down", "top up"]);
});

test("an event names the member that decides as its cause", () => {
  const story = TrackStory.of(
    stub("a", "up"),
    stub("b", "up"),
    boolean("both", "a and b"),
    boolean("top", "not both"),
  );

  story.set("b", "down");

  const [request, ...changes] = story.events;
  expect(request).toMatchObject({ mnemonic: "FLEXSPOKE-5-TRACK_REQUEST", subjects: ["track:b"] });
  expect(changes.map(({ message, cause }) => [message, cause])).toEqual([
    ["b stub-object Up -> Down: set down by command line", "track:b"],
    ["both list boolean Up -> Down: b is down", "track:b"],
    ["top list boolean Down -> Up: both is down", "track:both"],
  ]);
  expect(changes[1]?.data).toEqual({ object: "both", from: "up", to: "down", reason: "b is down" });
});

test("weights add up, and between the thresholds nothing changes", () => {
  const members = [
    { object: "a", weight: 10 },
    { object: "b", weight: 20 },
    { object: "c", weight: 30 },
  ];
  const story = TrackStory.of(
    stub("a"),
    stub("b"),
    stub("c"),
    track("quorum", { kind: "weight", members, up: 40, down: 20 }),
  );
  const stateWith = (...up: readonly string[]) => {
    for (const { object } of members) story.set(object, up.includes(object) ? "up" : "down");
    return story.state("quorum");
  };

  expect(stateWith("c")).toBe("down");
  expect(stateWith("a", "c")).toBe("up");
  expect(stateWith("c")).toBe("up");
  expect(story.view("quorum").reason).toBe(
    "weight 30 of 60, between 20 and 40 nothing changes (down: a, b)",
  );
  expect(stateWith("b")).toBe("down");
  expect(stateWith("a", "b")).toBe("down");
  expect(story.view("quorum").changes).toBe(2);
});

test("a percentage is that of the objects that are up", () => {
  const story = TrackStory.of(
    stub("a"),
    stub("b"),
    stub("c"),
    track("most", { kind: "percentage", objects: ["a", "b", "c"], up: 60, down: 33 }),
  );
  story.set("a", "up");
  expect(story.view("most")).toMatchObject({
    state: "down",
    reason: "1 of 3 objects up, 33.3 %, between 33 and 60 nothing changes (down: b, c)",
  });
  story.set("b", "up");
  expect(story.state("most")).toBe("up");
  story.set("a", "down");
  expect(story.state("most")).toBe("up");
  story.set("b", "down");
  expect(story.state("most")).toBe("down");
});

test("a member that was never seen counts as down", () => {
  const story = TrackStory.of(sla("hub1", "hub1"), boolean("gone", "not hub1"));
  expect([story.state("hub1"), story.state("gone")]).toEqual(["down", "up"]);
});
