import { expect, test } from "vitest";
import type { ResolvedClient } from "#config/resolved.ts";
import { nextRehearsal } from "#flexvpn/rehearsal-schedule.ts";
import { hours, type MonotonicMs, minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, noAnswer, peerAt, Story, seededRandom } from "./story.ts";

const hub3 = "203.0.113.3";
const config: ResolvedClient = client({
  peers: [peerAt(10, hub1), peerAt(20, hub2), peerAt(30, hub3)],
});

function up(which = config): Story {
  const story = Story.of(which);
  story.up();
  return story;
}

const ask = (story: Story) => story.give({ kind: "rehearse", client: "hq", by: "test" });

test("a rehearsal tries every peer but the one in use, one after the other, and moves no traffic", () => {
  const story = up();
  const carrier = story.intent.carrier?.session;
  ask(story);
  expect(story.dialled).toEqual([hub1, hub2]);
  story.up();
  expect(story.dialled).toEqual([hub1, hub2, hub3]);
  story.fail();

  expect(story.intent.carrier?.session).toBe(carrier);
  expect(story.open.size).toBe(1);
  expect(
    story.view.rehearsal.results.map(({ host, isWorking, why }) => [host, isWorking, why]),
  ).toEqual([
    [hub1, true, "in use"],
    [hub2, true, undefined],
    [hub3, false, "no answer; check the hub"],
  ]);
});

test("every usable source is tried with every peer", () => {
  const story = new Story();
  story.configure({
    ...config,
    peers: [peerAt(10, hub1)],
    sources: [
      { seq: 10, interface: "wan0" },
      { seq: 20, interface: "wwan0" },
      { seq: 30, interface: "wan9" },
    ],
  });
  story.link("wan0", true, "198.51.100.7/24");
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  story.up();
  ask(story);

  expect(story.session).toMatchObject({ source: "wwan0", remote: { address: hub1 } });
});

test("a backup that does not work is an event, once, and another when it works again", () => {
  const story = up({ ...config, peers: [peerAt(10, hub1), peerAt(20, hub2)] });
  const tellings = () =>
    story.mnemonics.filter(
      (each) => each.includes("BACKUP_BROKEN") || each.includes("BACKUP_WORKS"),
    );
  for (const works of [true, false, false, true]) {
    ask(story);
    if (works) story.up();
    else story.fail();
  }

  expect(tellings()).toEqual(["FLEXSPOKE-3-BACKUP_BROKEN", "FLEXSPOKE-5-BACKUP_WORKS"]);
});

test("the end of a rehearsal is an event with its matrix", () => {
  const story = up({ ...config, peers: [peerAt(10, hub1), peerAt(20, hub2)] });
  ask(story);
  story.up();
  const done = story.events.findLast(({ mnemonic }) => mnemonic === "FLEXSPOKE-6-REHEARSED");

  expect(done?.message).toBe("hq: rehearsal: 2 of 2 ways work");
  expect(done?.data["ways"]).toMatchObject([
    { peer: hub1, working: true },
    { peer: hub2, working: true },
  ]);
});

test("a peer that its track object holds back is rehearsed all the same", () => {
  const story = up({
    ...config,
    peers: [peerAt(10, hub1), { ...peerAt(20, hub2), track: { object: "t", state: "up" } }],
  });
  ask(story);

  expect(story.session.remote.address).toBe(hub2);
});

test("a rehearsal waits while the client itself is connecting", () => {
  const story = Story.of(config);
  ask(story);
  expect(story.dialled).toEqual([hub1]);
  story.up();

  expect(story.dialled).toEqual([hub1, hub2]);
});

test("the end of the client ends its rehearsal", () => {
  const story = up();
  ask(story);
  story.give({ kind: "shut-down", reason: "stop" });

  expect(story.open.size).toBe(0);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("on a schedule it runs by itself, soon after the start and then at each interval", () => {
  const story = up({
    ...config,
    peers: [peerAt(10, hub1), peerAt(20, hub2)],
    rehearsal: { every: hours(24) },
  });
  story.pass(minutes(10));
  expect(story.dialled).toEqual([hub1, hub2]);
  story.up();
  story.pass(hours(20));
  expect(story.dialled).toHaveLength(2);
  story.pass(hours(4));

  expect(story.dialled).toHaveLength(3);
});

test("a window of the day is kept, over midnight too", () => {
  const at = 0 as MonotonicMs;
  const random = seededRandom(3);
  const within = (from: number, to: number, minuteOfDay: number) => {
    const next = nextRehearsal(
      at,
      { every: hours(24), window: { from, to } },
      { at, minuteOfDay },
      random,
    );
    return (minuteOfDay + next / minutes(1)) % (24 * 60);
  };
  for (let count = 0; count < 100; count++) {
    const early = within(120, 240, 600);
    expect(early).toBeGreaterThanOrEqual(120);
    expect(early).toBeLessThan(240);
    const late = within(23 * 60, 60, 600);
    expect(late >= 23 * 60 || late < 60).toBe(true);
  }
  expect(within(120, 240, 130)).toBe(130);
});

test("while nobody knows the time of day the window does not hold it up", () => {
  const at = 5_000 as MonotonicMs;
  const window = { from: 120, to: 240 };

  expect(nextRehearsal(at, { every: hours(24), window }, undefined, seededRandom(1))).toBe(at);
});

test("a rehearsed session that never answers is given up and the next way tried", () => {
  const story = up();
  ask(story);
  story.pass(minutes(2));

  expect(story.dialled).toEqual([hub1, hub2, hub3]);
  expect(story.view.rehearsal.results[1]?.why).toMatch(/took too long/);
});

test("a rehearsal under way is not begun again", () => {
  const story = up();
  ask(story);
  ask(story);
  story.give({ kind: "session-down", session: story.session.session, reason: noAnswer });
  story.pass(seconds(1));

  expect(story.dialled).toEqual([hub1, hub2, hub3]);
});
