import { expect, test } from "vitest";
import type { ResolvedClient } from "#config/resolved.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, peerAt, Story, trackEvent } from "./story.ts";

const up = (object: string) => ({ object, state: "up" as const });
const down = (object: string) => ({ object, state: "down" as const });
const tracked = client({
  peers: [{ ...peerAt(10, hub1), track: up("hub1") }, peerAt(20, hub2)],
});

function started(config: ResolvedClient, tracks: Readonly<Record<string, "up" | "down">>): Story {
  const story = new Story();
  story.configure(config);
  for (const [object, state] of Object.entries(tracks)) story.track(object, state);
  story.link("wan0", true, "198.51.100.7/24");
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  return story;
}

test("a peer whose track object is down is passed over", () => {
  expect(started(tracked, { hub1: "down" }).dialled).toEqual([hub2]);
});

test("a peer may want its track object down", () => {
  const config = client({
    peers: [{ ...peerAt(10, hub1), track: down("maintenance") }, peerAt(20, hub2)],
  });

  expect(started(config, { maintenance: "down" }).dialled).toEqual([hub1]);
});

test("just after the start the client waits a moment for the first result of a better peer's track object", () => {
  const story = started(tracked, {});
  expect(story.status).toBe("tracking");
  expect(story.dialled).toEqual([]);

  story.track("hub1", "up");

  expect(story.dialled).toEqual([hub1]);
});

test("a track object without result holds a client up for no longer than a moment", () => {
  const story = started(tracked, {});
  story.pass(seconds(3));

  expect(story.dialled).toEqual([hub2]);
});

test("when the track object of the peer in use goes down the next peer is selected, and the event names the track as its cause", () => {
  const story = started(tracked, { hub1: "up" });
  story.up();
  const actions = story.track("hub1", "down");

  expect(actions).toContainEqual(expect.objectContaining({ kind: "close-session" }));
  expect(story.dialled).toEqual([hub1, hub2]);
  const down = story.events.find(({ mnemonic }) => mnemonic.endsWith("CONNECTION_DOWN"));
  expect(down?.message).toContain("track hub1 is down");
  expect(down?.cause).toBe(trackEvent("hub1"));
});

test("when no peer may be used the client waits, says which track object holds which peer, and goes on by its event", () => {
  const config = client({ peers: [{ ...peerAt(10, hub1), track: up("hub1") }] });
  const story = started(config, { hub1: "down" });
  expect(story.status).toBe("tracking");
  expect(story.view.reason).toBe(`no peer may be used: ${hub1}: track hub1 is down`);
  expect(story.mnemonics).toContain("FLEXSPOKE-4-NO_PEER");

  story.track("hub1", "up");

  expect(story.dialled).toEqual([hub1]);
});

test("a client in back-off tries at once when a track object allows another peer", () => {
  const story = started(tracked, { hub1: "down" });
  story.fail();
  expect(story.status).toBe("backoff");

  story.track("hub1", "up");

  expect(story.dialled).toEqual([hub2, hub1]);
});

test("a source whose track object is down is passed over, and the event says so", () => {
  const config = client({
    sources: [
      { seq: 10, interface: "wan0", track: up("wan0-path") },
      { seq: 20, interface: "wwan0" },
    ],
  });
  const story = started(config, { "wan0-path": "down" });

  expect(story.session.source).toBe("wwan0");
  const told = story.events.find((each) => each.mnemonic === "FLEXSPOKE-4-SOURCE_UNUSABLE");
  expect(told?.message).toMatch(/^hq: wan0 is held back: track wan0-path is down; uses wwan0/);
});

test("when the track object of the source in use goes down the session is rebuilt from the next source", () => {
  const config = client({
    sources: [
      { seq: 10, interface: "wan0", track: up("wan0-path") },
      { seq: 20, interface: "wwan0" },
    ],
  });
  const story = started(config, { "wan0-path": "up" });
  story.up();
  story.track("wan0-path", "down");

  expect(story.session.source).toBe("wwan0");
  expect(story.newest("close-session").expectAnswer).toBe(false);
});

test("every source is tried with every peer before the client backs off", () => {
  const config = client({
    sources: [
      { seq: 10, interface: "wan0" },
      { seq: 20, interface: "wwan0" },
    ],
  });
  const story = started(config, {});
  for (let way = 0; way < 4; way++) story.fail();

  const tried = story.all("open-session").map(({ source, remote }) => [source, remote.address]);
  expect(tried).toEqual([
    ["wan0", hub1],
    ["wan0", hub2],
    ["wwan0", hub1],
    ["wwan0", hub2],
  ]);
  expect(story.status).toBe("backoff");
});

test("a client that connects by a track object is down until the object is as wanted", () => {
  const config = client({ connect: down("primary") });
  const story = started(config, { primary: "up" });
  expect(story.status).toBe("tracking");
  expect(story.view.reason).toBe("track primary is up; connects when it is down");
  expect(story.dialled).toEqual([]);

  story.track("primary", "down");

  expect(story.dialled).toEqual([hub1]);
  const gate = story.events.find((each) => each.mnemonic === "FLEXSPOKE-5-TRACK_GATE");
  expect(gate?.cause).toBe(trackEvent("primary"));
});

test("when its track object recovers such a client ends its session and stands by", () => {
  const config = client({ connect: down("primary") });
  const story = started(config, { primary: "down" });
  story.up();
  story.track("primary", "up");

  expect(story.status).toBe("tracking");
  expect(story.intent.carrier).toBeUndefined();
  expect(story.open.size).toBe(0);
});

test("while its track object is as wanted such a client retries for ever", () => {
  const config = client({ connect: down("primary"), peers: [peerAt(10, hub1)] });
  const story = started(config, { primary: "down" });
  for (let round = 0; round < 5; round++) {
    story.fail();
    story.pass(minutes(2));
  }

  expect(story.dialled).toHaveLength(6);
});

test("an operator's connect overrides the track object until clear", () => {
  const story = started(client({ connect: down("primary") }), { primary: "up" });
  story.operator("connect");
  story.up();
  expect(story.status).toBe("up");

  story.operator("clear");

  expect(story.status).toBe("tracking");
});
