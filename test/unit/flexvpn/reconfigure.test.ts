import { expect, test } from "vitest";
import type { ResolvedClient } from "#config/resolved.ts";
import { seconds } from "#lib/duration.ts";
import { client, connection, hub1, hub2, peerAt, prefix, Story, tunnel } from "./story.ts";

function upWith(config: ResolvedClient = client()): Story {
  const story = Story.of(config);
  story.up();
  return story;
}

test("the same configuration read again changes nothing and tells nothing", () => {
  const story = upWith();

  expect(story.configure(client())).toEqual([]);
});

test.each<[string, Partial<ResolvedClient>]>([
  ["inside", { inside: ["br-lan", "br-guest"] }],
  ["nat", { nat: "off" }],
  ["routes", { routes: { accept: true, distance: 7 } }],
  ["killSwitch", { killSwitch: false }],
])("a change of %s replaces the plan and leaves the session alone", (key, change) => {
  const story = upWith();
  const actions = story.configure(client(change));

  expect(actions.map((action) => action.kind)).toEqual(["event", "plan"]);
  expect(story.status).toBe("up");
  expect(story.events.at(-1)?.message).toBe(
    `hq: configuration changed (${key}); no session is interrupted`,
  );
});

test("a peer list that still has the peer in use leaves the session alone", () => {
  const story = upWith();
  story.configure(client({ peers: [peerAt(5, "203.0.113.5"), peerAt(30, hub1)] }));

  expect(story.status).toBe("up");
});

test("a peer list without the peer in use starts the session anew with the new list", () => {
  const story = upWith();
  story.configure(client({ peers: [peerAt(20, hub2)] }));
  story.fail();

  expect(story.dialled).toEqual([hub1, hub2]);
});

test("another pre-shared key starts the session anew with the new profile", () => {
  const story = upWith();
  const connectionWithNewKey = connection("another secret");
  story.configure(client({ connection: connectionWithNewKey }));
  expect(story.open.size).toBe(0);

  story.fail();

  expect(story.dialled).toEqual([hub1, hub1]);
  expect(story.session.connection).toBe(connectionWithNewKey);
});

test("a source list without the source in use starts the session anew", () => {
  const story = new Story();
  story.configure(client({ sources: [{ seq: 10, interface: "wan0" }] }));
  story.link("wan0", true, "198.51.100.7/24");
  story.link("wan1", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  story.up();
  story.configure(client({ sources: [{ seq: 10, interface: "wan1" }] }));
  story.fail();

  expect(story.session.source).toBe("wan1");
});

test("another tunnel number starts the session anew, for its SAs belong to the old one", () => {
  const story = upWith();
  story.configure(client(), tunnel({ number: 2 }));

  expect(story.open.size).toBe(0);
  expect(story.status).toBe("backoff");
});

test("another MTU only changes the plan", () => {
  const story = upWith();
  story.configure(client(), tunnel({ mtu: 1_300 }));

  expect(story.status).toBe("up");
  expect(story.intent.tunnel.mtu).toBe(1_300);
});

test("a client that backs off tries a changed configuration at once", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.fail();
  story.configure(client({ peers: [peerAt(10, hub2)] }));

  expect(story.dialled).toEqual([hub1, hub2]);
});

test("a client that becomes automatic connects, one that becomes manual closes its session", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.configure(client({ connect: "auto" }));
  expect(story.status).toBe("connecting");

  story.up();
  story.configure(client({ connect: "manual" }));

  expect(story.status).toBe("idle");
  expect(story.open.size).toBe(0);
});

test("a reload does not wake a client that an operator disconnected", () => {
  const story = upWith();
  story.operator("disconnect");
  story.configure(client({ backoff: { initial: seconds(1), max: seconds(2) } }));

  expect(story.status).toBe("idle");
});

test("a client that is removed closes its session and wants nothing in the kernel any more", () => {
  const story = upWith();
  const { session } = story.session;
  const actions = story.give({ kind: "configure", clients: {}, tunnels: {} });

  const kinds = actions.map((action) => action.kind);
  expect(kinds).toEqual(["event", "event", "close-session", "status-changed", "drop-plan"]);
  expect(story.engine.views()).toEqual([]);
  expect(story.engine.isQuiet).toBe(false);

  story.give({
    kind: "session-down",
    session,
    reason: { code: "ike.terminated", message: "closed", isTransient: false },
  });

  expect(story.engine.isQuiet).toBe(true);
});

test("a client that is added after the start connects at once", () => {
  const story = new Story();
  story.give({ kind: "start" });
  story.configure(client());

  expect(story.status).toBe("connecting");
});

test("networks of an earlier life are guarded before the first connection", () => {
  const story = new Story();
  story.give({ kind: "remembered", client: "hq", networks: [prefix("10.1.0.0/16")] });
  story.configure(client());

  expect(story.intent.learnt).toEqual(["10.1.0.0/16"]);
});

test("networks that a hub names are given out to be remembered, once", () => {
  const story = upWith();
  expect(story.newest("remember").networks).toEqual(["10.1.0.0/16"]);

  story.operator("clear");
  story.fail();
  story.up();

  expect(story.all("remember")).toHaveLength(1);
});

test("networks behind one hub stay guarded while another hub is in use, until clear", () => {
  const story = Story.of(client({ peerReactivate: false }));
  const behind = (network: string) => ({ subnets: [prefix(network)] });
  story.up(behind("10.1.0.0/16"));
  story.fail();
  story.up(behind("10.2.0.0/16"));
  expect(story.intent.learnt).toEqual(["10.1.0.0/16", "10.2.0.0/16"]);
  expect(story.newest("remember").networks).toEqual(["10.1.0.0/16", "10.2.0.0/16"]);

  story.operator("clear");
  story.pass(seconds(2));
  story.up(behind("10.1.0.0/16"));

  expect(story.intent.learnt).toEqual(["10.1.0.0/16"]);
});
