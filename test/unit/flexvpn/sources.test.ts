import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { interfaceSubject } from "#state/event.ts";
import { client, hub1, hub2, ip, outcome, peerAt, Story } from "./story.ts";

const twoSources = client({
  peers: [peerAt(10, hub1), peerAt(20, hub2)],
  sources: [
    { seq: 20, interface: "wwan0" },
    { seq: 10, interface: "wan0" },
  ],
});

function twoWans(): Story {
  const story = new Story();
  story.configure(twoSources);
  story.link("wan0", true, "198.51.100.7/24");
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  return story;
}

test("the first source of the list is used, by sequence", () => {
  const story = twoWans();

  expect(story.session.source).toBe("wan0");
  expect(story.view.source).toBe("wan0");
});

test("without a source list the routing table decides", () => {
  const story = Story.of(client());

  expect(story.session.source).toBeUndefined();
});

test("a missing interface is passed over for the next source, and one event says so", () => {
  const story = new Story();
  story.configure(twoSources);
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });

  expect(story.session.source).toBe("wwan0");
  const told = story.events.filter((each) => each.mnemonic === "FLEXSPOKE-4-SOURCE_UNUSABLE");
  expect(told.map((each) => each.message)).toEqual([
    "hq: wan0 is missing; uses wwan0 instead; check the cable, the modem and the interface names under `source`",
  ]);
});

test("with no usable source the client waits, says which interface is missing, and arms no timer", () => {
  const story = new Story();
  story.configure(twoSources);
  story.link("wwan0", false);
  story.give({ kind: "start" });

  expect(story.status).toBe("tracking");
  expect(story.view.reasonCode).toBe("source.interface-missing");
  expect(story.view.reason).toMatch(/^interface missing: wan0 is missing, wwan0 is down;/);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("an interface that comes up ends the wait at once", () => {
  const story = new Story();
  story.configure(twoSources);
  story.give({ kind: "start" });
  story.link("wan0", true);
  expect(story.status).toBe("tracking");

  story.link("wan0", true, "198.51.100.7/24");

  expect(story.status).toBe("connecting");
  expect(story.session.source).toBe("wan0");
});

test("when the source in use goes down the session is rebuilt from the next source, from the top of the peers", () => {
  const story = twoWans();
  story.fail();
  story.up({}, { device: "wan0", gateway: ip("198.51.100.1") });
  const before = story.session.session;
  const actions = story.link("wan0", false);

  expect(actions.filter((each) => each.kind === "close-session")).toEqual([
    {
      kind: "close-session",
      session: before,
      reason: "interface missing: wan0 went down or lost its address",
      expectAnswer: false,
    },
  ]);
  expect(story.session.source).toBe("wwan0");
  expect(story.session.remote.address).toBe(hub1);
});

test("the events of a source change name the interface as the cause", () => {
  const story = twoWans();
  story.up();
  story.give({
    kind: "interface-changed",
    name: "wan0",
    isUp: false,
    addresses: [],
    cause: interfaceSubject("wan0"),
  });

  const down = story.events.findLast((each) => each.mnemonic.endsWith("CONNECTION_DOWN"));
  expect(down?.cause).toBe(interfaceSubject("wan0"));
});

test("an address that the session uses and that is taken away ends the session, without a source list too", () => {
  const story = new Story();
  story.configure(client());
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  story.up();
  story.link("wan0", true, "198.51.100.99/24");

  expect(story.status).toBe("connecting");
  const down = story.events.findLast((each) => each.mnemonic.endsWith("CONNECTION_DOWN"));
  expect(down?.message).toContain("wan0 no longer has the address 198.51.100.7");
});

test("another address on the interface leaves the session alone", () => {
  const story = twoWans();
  story.up();
  story.link("wan0", true, "198.51.100.7/24", "2001:db8:1::7/64");

  expect(story.status).toBe("up");
});

test("a better source that comes back does not interrupt a session that is up", () => {
  const story = twoWans();
  story.link("wan0", false);
  story.up({ path: { ...outcome().path, local: { address: ip("192.0.2.7"), port: 500 } } });
  story.link("wan0", true, "198.51.100.7/24");

  expect(story.status).toBe("up");
  expect(story.view.source).toBe("wwan0");
});

test("a source that comes up ends a back-off early and starts the pace anew", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  for (let round = 0; round < 5; round++) {
    story.fail();
    story.pass(minutes(1));
  }
  story.fail();
  story.link("wan0", true, "198.51.100.7/24");
  expect(story.status).toBe("connecting");

  story.fail();

  expect((story.view.retryAt ?? 0) - story.now).toBeLessThanOrEqual(seconds(5));
});

test.each(["Tunnel0", "br-lan"])("%s is never taken for a way out", (name) => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.fail();
  story.link(name, true, "10.0.0.1/24");

  expect(story.status).toBe("backoff");
});

test("an interface that says the same again changes nothing", () => {
  const story = twoWans();
  for (let way = 0; way < 4; way++) story.fail();
  story.link("wan0", true, "198.51.100.7/24");

  expect(story.status).toBe("backoff");
});
