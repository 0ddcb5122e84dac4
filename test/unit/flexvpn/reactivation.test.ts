import fc from "fast-check";
import { expect, test } from "vitest";
import { hours, minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, hubGone, noAnswer, outcome, peerAt, Story } from "./story.ts";

const tracked = client({
  peers: [{ ...peerAt(10, hub1), track: { object: "hub1", state: "up" } }, peerAt(20, hub2)],
});

/** A client on hub2 because the track object of hub1 was down. */
function onBackup(config = tracked): Story {
  const story = new Story();
  story.configure(config);
  story.track("hub1", "down");
  story.give({ kind: "start" });
  story.up();
  return story;
}

test("a better peer must have been good for the hold-down before the client goes back", () => {
  const story = onBackup();
  story.track("hub1", "up");
  story.pass(seconds(29));
  expect(story.dialled).toEqual([hub2]);
  story.pass(seconds(1));

  expect(story.dialled).toEqual([hub2, hub1]);
});

test("the better peer is authenticated before the old session ends: the traffic is never without a path", () => {
  const story = onBackup();
  story.track("hub1", "up");
  story.pass(seconds(30));
  expect(story.status).toBe("up");
  expect(story.view.peer?.host).toBe(hub2);
  const actions = story.up();

  expect(story.view.peer?.host).toBe(hub1);
  const plan = actions.find((action) => action.kind === "plan");
  expect(plan?.intent.carrier?.outcome.path.remote.address).toBe(hub1);
  expect(actions.filter(({ kind }) => kind === "close-session")).toHaveLength(1);
  expect(story.mnemonics.slice(-3)).toEqual([
    "FLEXSPOKE-5-RETURN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  ]);
});

test("a better peer that comes and goes within the hold-down starts it anew", () => {
  const story = onBackup();
  for (let flap = 0; flap < 5; flap++) {
    story.track("hub1", "up");
    story.pass(seconds(20));
    story.track("hub1", "down");
    story.pass(seconds(5));
  }

  expect(story.dialled).toEqual([hub2]);
});

test("a better peer that can't be connected leaves the session in use alone and doubles its hold-down", () => {
  const story = onBackup();
  story.track("hub1", "up");
  story.pass(seconds(30));
  story.fail();
  expect(story.status).toBe("up");
  story.pass(seconds(59));
  expect(story.dialled).toEqual([hub2, hub1]);
  story.pass(seconds(1));

  expect(story.dialled).toEqual([hub2, hub1, hub1]);
  expect(story.mnemonics).toContain("FLEXSPOKE-5-RETURN_FAILED");
});

test("a primary that is lost soon after the return is less welcome the next time", () => {
  const story = onBackup();
  story.track("hub1", "up");
  story.pass(seconds(30));
  story.up();
  story.pass(seconds(10));
  story.fail(hubGone);
  story.up();
  expect(story.view.peer?.host).toBe(hub2);
  story.pass(seconds(59));
  expect(story.dialled.filter((hub) => hub === hub1)).toHaveLength(1);
  story.pass(seconds(1));

  expect(story.dialled.filter((hub) => hub === hub1)).toHaveLength(2);
});

test("the hold-down of a peer that stays dead is doubled up to an hour", () => {
  const story = onBackup();
  story.track("hub1", "up");
  for (let failure = 0; failure < 12; failure++) {
    story.pass(hours(1));
    story.fail();
  }
  const before = story.dialled.length;
  story.pass(hours(1));

  expect(story.dialled.length).toBe(before + 1);
});

test("a peer without a track object is tried too, beside the session in use", () => {
  const story = Story.of(client());
  story.fail();
  story.up();
  story.pass(seconds(30));
  expect(story.dialled).toEqual([hub1, hub2, hub1]);
  story.up();

  expect(story.view.peer?.host).toBe(hub1);
});

test("without peer-reactivate the client stays where it is", () => {
  const story = onBackup({ ...tracked, peerReactivate: false });
  story.track("hub1", "up");
  story.pass(hours(2));

  expect(story.dialled).toEqual([hub2]);
});

test("a better source is gone back to even without peer-reactivate, with the same peer", () => {
  const story = new Story();
  story.configure(
    client({
      peerReactivate: false,
      sources: [
        { seq: 10, interface: "wan0" },
        { seq: 20, interface: "wwan0" },
      ],
    }),
  );
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  story.fail();
  story.up();
  story.link("wan0", true, "198.51.100.7/24");
  story.pass(seconds(30));

  expect(story.session).toMatchObject({ source: "wan0", remote: { address: hub2 } });
  expect(story.status).toBe("up");
});

test("a standby by the better way is moved to without another handshake", () => {
  const story = onBackup({ ...tracked, standby: "hot" });
  story.track("hub1", "up");
  expect(story.dialled).toEqual([hub2, hub1]);
  story.up();
  expect(story.view.standby?.isReady).toBe(true);
  story.pass(seconds(30));

  expect(story.view.peer?.host).toBe(hub1);
  expect(story.dialled.slice(0, 3)).toEqual([hub2, hub1, hub2]);
});

test("whatever the track object does, the client never goes back sooner than the hold-down after it came up", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          state: fc.constantFrom("up" as const, "down" as const),
          seconds: fc.nat(60),
          answers: fc.boolean(),
        }),
        { maxLength: 40, size: "max" },
      ),
      (steps) => {
        const story = onBackup();
        let upSince = story.view.since;
        let peer = story.view.peer?.address;
        const answered = new Set<number>();
        for (const step of steps) {
          story.track("hub1", step.state);
          for (let second = 0; second < step.seconds; second++) {
            story.pass(seconds(1));
            const open = story.session;
            if (!answered.has(open.session) && story.open.has(open.session)) {
              answered.add(open.session);
              const { session, remote } = open;
              const path = { ...outcome().path, remote };
              if (step.answers)
                story.give({ kind: "session-up", session, outcome: outcome({ path }) });
              else story.give({ kind: "session-down", session, reason: noAnswer });
            }
            const { view } = story;
            if (view.status !== "up") continue;
            const wentBack = peer === hub2 && view.peer?.address === hub1;
            const returns = story.mnemonics.filter((each) => each === "FLEXSPOKE-5-RETURN").length;
            if (wentBack && returns > 0 && view.since > upSince)
              expect(view.since - upSince).toBeGreaterThanOrEqual(seconds(30));
            peer = view.peer?.address;
            upSince = view.since;
          }
        }
      },
    ),
    { seed: 25, numRuns: 100 },
  );
});

test("a client that never lost its primary has nothing to go back to", () => {
  const story = Story.of(client());
  story.up();
  story.pass(minutes(30));

  expect(story.dialled).toEqual([hub1]);
});

test("a standby that is still being made by the way the client goes back to is given up", () => {
  const story = onBackup({ ...tracked, standby: "hot" });
  story.track("hub1", "up");
  const [, standby] = story.all("open-session");
  story.pass(seconds(30));
  const [, , back] = story.all("open-session");
  expect([standby?.remote.address, back?.remote.address]).toEqual([hub1, hub1]);
  story.up();

  expect(story.view.session).toBe(back?.session);
  expect(story.open.has(standby?.session ?? 0)).toBe(false);
  expect(story.dialled.at(-1)).toBe(hub2);
});

test("clear forgets that a peer flapped", () => {
  const story = onBackup();
  story.track("hub1", "up");
  for (let failure = 0; failure < 5; failure++) {
    story.pass(hours(1));
    story.fail();
  }
  story.track("hub1", "down");
  story.operator("clear");
  story.pass(seconds(2));
  story.up();
  story.track("hub1", "up");
  const before = story.dialled.length;
  story.pass(seconds(30));

  expect(story.dialled.length).toBe(before + 1);
});
