import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, hubGone, peerAt, Story } from "./story.ts";

const oneHub = client({ peers: [peerAt(10, hub1)] });

test("a manual client waits for connect and says so", () => {
  const story = Story.of(client({ connect: "manual" }));

  expect(story.status).toBe("idle");
  expect(story.view.reason).toBe("connect is manual; `connect` starts it");
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("a manual client connects when asked to", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.operator("connect");

  expect(story.dialled).toEqual([hub1]);
});

test("a manual client that lost its session stays down until asked again", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.operator("connect");
  story.up();
  story.pass(minutes(5));
  story.fail(hubGone);
  expect(story.status).toBe("idle");
  expect(story.view.reason).toBe("no longer answers; `connect` starts it again");

  story.pass(minutes(60));

  expect(story.dialled).toEqual([hub1]);
});

test("a manual client gives up after one round of its peers, until asked again", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.operator("connect");
  story.fail();
  story.fail();
  expect(story.status).toBe("failed");
  expect(story.engine.nextTimeout()).toBeUndefined();
  expect(story.mnemonics.at(-1)).toBe("FLEXSPOKE-4-GAVE_UP");

  story.operator("connect");

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("an interface that comes up does not wake a manual client that gave up", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.operator("connect");
  story.fail();
  story.fail();
  story.link("wan0", true, "198.51.100.7/24");

  expect(story.status).toBe("failed");
});

test("disconnect closes the session and the client stays down, automatic or not", () => {
  const story = Story.of(oneHub);
  story.up();
  story.operator("disconnect");
  expect(story.status).toBe("idle");
  expect(story.newest("close-session").expectAnswer).toBe(true);

  story.fail();
  story.link("wan0", true, "198.51.100.7/24");
  story.pass(minutes(60));

  expect(story.dialled).toEqual([hub1]);
  expect(story.view.reason).toBe("disconnected by command line; `connect` starts it again");
});

test("disconnect during an attempt abandons it", () => {
  const story = Story.of(oneHub);
  story.operator("disconnect");

  expect(story.open.size).toBe(0);
  expect(story.status).toBe("idle");
});

test("connect after disconnect starts again", () => {
  const story = Story.of(oneHub);
  story.operator("disconnect");
  story.operator("connect");

  expect(story.status).toBe("connecting");
});

test("connect during a back-off tries at once", () => {
  const story = Story.of(oneHub);
  story.fail();
  story.operator("connect");

  expect(story.status).toBe("connecting");
});

test("connect while up changes nothing but is answered by an event", () => {
  const story = Story.of(oneHub);
  story.up();
  const actions = story.operator("connect");

  expect(actions.map((action) => action.kind)).toEqual(["event"]);
  expect(story.events.at(-1)?.message).toBe(
    "hq: connect asked for by command line; it is up already",
  );
});

test("clear waits for the hub to confirm the end of the old session before it opens the new one", () => {
  const story = Story.of(oneHub);
  story.up();
  story.operator("clear");
  expect(story.dialled).toHaveLength(1);

  story.give({ kind: "session-down", session: story.session.session, reason: hubGone });

  expect(story.dialled).toHaveLength(2);
  expect(story.status).toBe("connecting");
});

test("clear does not wait long for a hub that says nothing", () => {
  const story = Story.of(oneHub);
  story.up();
  const old = story.session.session;
  story.operator("clear");
  story.pass(seconds(2));
  expect(story.status).toBe("connecting");

  story.give({ kind: "session-down", session: old, reason: hubGone });

  expect(story.status).toBe("connecting");
  expect(story.dialled).toHaveLength(2);
});

test("clear selects from the top of the list", () => {
  const story = Story.of(client());
  story.fail();
  story.up();
  story.operator("clear");
  story.fail();

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("clear of a manual client leaves it waiting for connect", () => {
  const story = Story.of(client({ connect: "manual" }));
  story.operator("connect");
  story.up();
  story.operator("clear");

  expect(story.status).toBe("idle");
  expect(story.open.size).toBe(0);
});

test("clear takes back a disconnect", () => {
  const story = Story.of(oneHub);
  story.operator("disconnect");
  story.operator("clear");

  expect(story.status).toBe("connecting");
});

test("every request is an event that comes before what it leads to", () => {
  for (const kind of ["connect", "disconnect", "clear"] as const) {
    const story = Story.of(oneHub);
    story.up();
    const [first] = story.operator(kind);
    expect(first).toMatchObject({
      kind: "event",
      event: { mnemonic: "FLEXSPOKE-5-CLIENT_REQUEST", data: { request: kind } },
    });
  }
});

test("a request for a client that does not exist changes nothing", () => {
  const story = Story.of(oneHub);

  expect(story.give({ kind: "connect", client: "nobody", by: "command line" })).toEqual([]);
});

test("shut-down closes the session, and the engine is quiet when the hub has answered", () => {
  const story = Story.of(oneHub);
  story.up();
  story.give({ kind: "shut-down", reason: "the daemon stops" });
  expect(story.status).toBe("idle");
  expect(story.engine.isQuiet).toBe(false);

  story.fail();

  expect(story.engine.isQuiet).toBe(true);
  expect(story.engine.nextTimeout()).toBeUndefined();
});
