import { expect, test } from "vitest";
import { type MonotonicMs, minutes, seconds, type WallClock } from "#lib/duration.ts";
import { dialerStates } from "#state/build-dialer-state.ts";
import { dialer, refused, Story } from "#test/unit/dial/story.ts";

const wallAt = (instant: MonotonicMs) => (Date.UTC(2026, 0, 2, 12) + instant) as WallClock;
const shown = (story: Story, traffic = {}) =>
  dialerStates(story.engine.views(story.now), new Map(Object.entries(traffic)), wallAt)["lte"];

test("a line that is up shows since when, for whom and what it carried", () => {
  const story = Story.of(dialer());
  story.demand();
  story.pass(seconds(3));
  story.up();
  story.pass(minutes(2));
  story.demand(false);

  expect(shown(story, { "ppp-lte": { received: 7, sent: 9 } })).toEqual({
    state: "connected",
    since: "2026-01-02T12:00:03.000Z",
    kind: "pppd",
    interface: "ppp-lte",
    reason: "the line is up",
    "demanded-by": [],
    addresses: ["100.64.3.9"],
    dns: [],
    "connected-since": "2026-01-02T12:00:03.000Z",
    "hang-up-at": "2026-01-02T12:07:03.000Z",
    attempts: 1,
    failures: 0,
    "failures-in-a-row": 0,
    connections: 1,
    resets: 0,
    "seconds-connected": 120,
    traffic: { received: 7, sent: 9 },
  });
});

test("a line that failed shows why, what to do, and when it is dialled again", () => {
  const story = Story.of(dialer());
  story.demand();
  story.end(refused);

  expect(shown(story)).toMatchObject({
    state: "backoff",
    reason: "authentication failed (correct user name and password)",
    "reason-code": "dial.authentication-failed",
    "next-attempt": expect.stringMatching(/^2026-01-02T12:00:0[5-6]/),
    "last-failure": { code: "dial.authentication-failed", time: "2026-01-02T12:00:00.000Z" },
  });
});
