import { expect, test } from "vitest";
import type { WallClock } from "#lib/duration.ts";
import { milliseconds, seconds } from "#lib/duration.ts";
import type { SlaView } from "#sla/sla-view.ts";
import { buildTracks } from "#state/build-track.ts";
import {
  boolean,
  lineProtocol,
  script,
  sla,
  stub,
  TrackStory,
  track,
} from "#test/unit/track/story.ts";

const wall = Date.UTC(2026, 10, 24, 12, 0, 0) as WallClock;

function shown(story: TrackStory, followers: ReadonlyMap<string, readonly string[]> = new Map()) {
  return buildTracks({
    now: story.now,
    wallAt: (instant) => (wall - (story.now - instant)) as WallClock,
    tracks: story.engine.views(),
    sla: [
      { name: "hub1", code: "ok", rtt: { latest: 21.43219, min: 1, avg: 2, max: 30 } } as SlaView,
    ],
    followers,
  });
}

test("an object shows its state, why, since when, what it looks at and who follows it", () => {
  const story = TrackStory.of(
    lineProtocol("wan", "wan0", { up: seconds(5) }),
    boolean("list", "not wan"),
  );
  story.pass(seconds(10));
  story.link("wan0", true);
  story.pass(seconds(65));

  expect(shown(story, new Map([["wan", ["hq", "backup"]]]))["wan"]).toEqual({
    state: "up",
    since: "2026-11-24T11:59:00.000Z",
    age: 60,
    changes: 1,
    reason: "wan0 is up",
    type: "interface",
    instance: "wan0",
    parameter: "line-protocol",
    delay: { up: 5, down: 0 },
    "last-cause": "interface:wan0",
    "tracked-by": ["client hq", "client backup", "track list"],
  });
});

test("a list shows its members as they are, each once, with its thresholds", () => {
  const story = TrackStory.of(
    stub("a", "up"),
    stub("b"),
    boolean("both", "a and (b or not a)"),
    track("sum", {
      kind: "weight",
      members: [
        { object: "a", weight: 10 },
        { object: "b", weight: 20 },
      ],
      up: 20,
      down: 5,
    }),
  );
  const { both, sum } = shown(story);
  expect(both).toMatchObject({
    expression: "a and (b or not a)",
    members: [
      { object: "a", state: "up" },
      { object: "b", state: "down" },
    ],
  });
  expect(sum).toMatchObject({
    threshold: { up: 20, down: 5 },
    members: [
      { object: "a", state: "up", weight: 10 },
      { object: "b", state: "down", weight: 20 },
    ],
  });
});

test("a change that waits shows when it would be reported, to the next whole second", () => {
  const story = TrackStory.of(stub("a", "down", { up: seconds(5) }));
  story.set("a", "up");
  story.pass(milliseconds(3_100));
  expect(shown(story)["a"]).toMatchObject({
    state: "down",
    pending: {
      state: "up",
      at: "2026-11-24T12:00:01.900Z",
      in: 2,
      reason: "set up by command line",
    },
  });
});

test("a probe shows its latest result", () => {
  const story = TrackStory.of(sla("reach", "hub1"), sla("other", "hub2"));
  story.result("hub1", "ok");
  expect(shown(story)["reach"]).toMatchObject({ "return-code": "ok", "latest-rtt": 21.432 });
  expect(shown(story)["other"]).not.toHaveProperty("return-code");
});

test("a script shows its program and none of its arguments, which could be secrets", () => {
  const story = TrackStory.of(script("line"));
  expect(shown(story)["line"]).toMatchObject({ type: "script", instance: "/bin/check" });
  expect(JSON.stringify(shown(story))).not.toContain('"it"');
});
