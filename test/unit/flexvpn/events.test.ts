import { expect, test } from "vitest";
import { minutes } from "#lib/duration.ts";
import type { EventDraft } from "#state/event.ts";
import { clientSubject, daemonSubject, sessionSubject } from "#state/event.ts";
import { mnemonics } from "#state/mnemonics.ts";
import { client, hub1, hubGone, ip, peerAt, peerNamed, prefix, Story } from "./story.ts";

const last = (story: Story): EventDraft => {
  const event = story.events.at(-1);
  if (!event) throw new Error("no event");
  return event;
};

test("a connection from start to loss and back tells its story in order", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.up();
  story.pass(minutes(5));
  story.fail(hubGone);
  story.fail();

  expect(story.mnemonics).toEqual([
    "FLEXSPOKE-6-CONNECTING",
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    "FLEXSPOKE-6-CONNECTING",
    "FLEXSPOKE-5-BACKOFF",
  ]);
});

test("the first attempt follows from the start of the daemon", () => {
  const story = Story.of(client());

  expect(last(story).cause).toBe(daemonSubject);
});

test("an attempt is about its session, so that what IKE tells of the session follows from it", () => {
  const story = Story.of(client());

  expect(last(story).subjects).toEqual([
    clientSubject("hq"),
    sessionSubject(story.session.session),
  ]);
});

test("a failure that IKE has told is not told again; the next attempt follows from the session", () => {
  const story = Story.of(client());
  const failed = story.session.session;
  story.fail();

  expect(story.mnemonics).toEqual(["FLEXSPOKE-6-CONNECTING", "FLEXSPOKE-6-CONNECTING"]);
  expect(last(story).cause).toBe(sessionSubject(failed));
});

test("a failure that IKE never heard of is one event with what to do", () => {
  const story = Story.of(client());
  story.fail({
    code: "socket.no-route",
    message: "no route to 203.0.113.1",
    remedy: "check the default route",
    isTransient: true,
  });

  expect(story.mnemonics).toEqual([
    "FLEXSPOKE-6-CONNECTING",
    "FLEXSPOKE-4-ATTEMPT_FAILED",
    "FLEXSPOKE-6-CONNECTING",
  ]);
  expect(story.events[1]?.message).toBe(
    "hq: 203.0.113.1 can't be reached: no route to 203.0.113.1; check the default route",
  );
});

test("the event of a connection says with whom, from where and with which address", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub1.example.net")] }));
  story.resolve(hub1);
  story.up({ assigned: { ipv4: ip("10.250.1.7"), ipv6: prefix("fd00:250::7/128") } });

  const event = last(story);
  expect(event.message).toBe(
    "FlexVPN(hq) is up with hub1.example.net (203.0.113.1), assigned 10.250.1.7 and fd00:250::7",
  );
  expect(event.peer).toBe("hub1.example.net");
  expect(event.data).toMatchObject({
    address: hub1,
    "assigned-ipv4": "10.250.1.7",
    "client-public-address": "198.51.100.7",
    "server-public-address": hub1,
  });
});

test("a connection that goes down names the session as the cause and does not repeat the remedy", () => {
  const story = Story.of(client());
  const { session } = story.session;
  story.up();
  story.fail({ ...hubGone, remedy: "check the path" });

  const down = story.events.find((event) => event.mnemonic.endsWith("CONNECTION_DOWN"));
  expect(down?.cause).toBe(sessionSubject(session));
  expect(down?.message).toBe("FlexVPN(hq) is down, was up with 203.0.113.1: no longer answers");
});

test("a default route that must be left out is an event, for a tunnel without it looks up and is not", () => {
  const story = Story.of(client());
  story.up({ subnets: [], remoteSelectors: [prefix("0.0.0.0/0")] });

  expect(last(story).mnemonic).toBe("FLEXSPOKE-4-ROUTE_LEFT_OUT");
  expect(last(story).data).toEqual({ destinations: ["0.0.0.0/0"] });
});

test("events are JSON, carry the severity of their mnemonic and no key", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub.example.net"), peerAt(20, hub1)] }));
  story.resolve();
  story.up();
  story.operator("clear");

  for (const event of story.events) {
    expect(JSON.parse(JSON.stringify(event.data))).toEqual(event.data);
    expect(mnemonics[event.mnemonic]?.severity).toBe(event.severity);
    expect(JSON.stringify(event)).not.toContain("secret");
  }
});
