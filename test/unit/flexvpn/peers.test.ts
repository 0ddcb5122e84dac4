import { expect, test } from "vitest";
import { staticPeers } from "#flexvpn/peer-list.ts";
import { afterFailure, nextRound, nextWay, roundFromTop } from "#flexvpn/rounds.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, hubGone, ip, peerAt, peerNamed, Story } from "./story.ts";

test("peers are tried by sequence, whatever their order in the configuration", () => {
  const story = Story.of(client({ peers: [peerAt(20, hub2), peerAt(10, hub1)] }));

  expect(story.dialled).toEqual([hub1]);
  expect(story.session.remote.port).toBe(500);
});

test("when a peer fails the next one is tried at once", () => {
  const story = Story.of(client());
  story.fail();

  expect(story.dialled).toEqual([hub1, hub2]);
  expect(story.status).toBe("connecting");
});

test("after the last peer failed the client backs off and the next round wraps to the top", () => {
  const story = Story.of(client());
  story.fail();
  story.fail();
  expect(story.status).toBe("backoff");

  story.pass(seconds(5));

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("after an established session was lost selection starts from the top", () => {
  const story = Story.of(client({ peerReactivate: false }));
  story.fail();
  story.up();
  story.pass(minutes(5));
  story.fail(hubGone);

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("a peer that fell silent is tried after all others, so that moving on costs no second time-out", () => {
  const story = Story.of(client());
  story.up();
  story.pass(minutes(5));
  story.fail({ ...hubGone, code: "ike.liveness-lost" });
  expect(story.dialled).toEqual([hub1, hub2]);

  story.fail();

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("a session that keeps being lost soon after it came up is paced by the back-off", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  story.up();
  story.pass(seconds(1));
  story.fail(hubGone);
  expect(story.status).toBe("connecting");

  story.up();
  story.pass(seconds(1));
  story.fail(hubGone);

  expect(story.status).toBe("backoff");
});

test("a session that lasted is followed at once by the next attempt, however many were lost before", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  for (let loss = 0; loss < 3; loss++) {
    story.up();
    story.pass(minutes(2));
    story.fail(hubGone);
    expect(story.status).toBe("connecting");
  }
});

test("the back-off starts anew after a session came up", () => {
  const story = Story.of(client({ peers: [peerAt(10, hub1)] }));
  for (let round = 0; round < 4; round++) {
    story.fail();
    story.pass(seconds(60));
  }
  story.up();
  story.pass(minutes(2));
  story.fail(hubGone);
  story.fail();

  const wait = (story.view.retryAt ?? 0) - story.now;
  expect(wait).toBeLessThanOrEqual(seconds(5));
});

test("a name is looked up anew at every attempt", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub1.example.net")] }));
  expect(story.status).toBe("resolving");
  story.resolve(hub1);
  story.fail();
  story.pass(seconds(5));
  story.resolve("203.0.113.9");

  expect(story.all("resolve").map((action) => action.name)).toEqual([
    "hub1.example.net",
    "hub1.example.net",
  ]);
  expect(story.dialled).toEqual([hub1, "203.0.113.9"]);
});

test("all addresses of a name are tried before the next peer", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub.example.net"), peerAt(20, hub2)] }));
  story.resolve(hub1, "2001:db8::1", hub1);
  story.fail();
  story.fail();

  expect(story.dialled).toEqual([hub1, "2001:db8::1", hub2]);
});

test("a peer of family ipv6 uses only the IPv6 addresses of its name", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub.example.net", "ipv6")] }));
  story.resolve(hub1, "2001:db8::1");

  expect(story.dialled).toEqual(["2001:db8::1"]);
});

test("addresses of a family that the source does not have are passed over", () => {
  const story = new Story();
  story.configure(
    client({
      peers: [peerNamed(10, "hub.example.net")],
      sources: [{ seq: 10, interface: "wan0" }],
    }),
  );
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  story.resolve("2001:db8::1", hub1);

  expect(story.dialled).toEqual([hub1]);
});

test("a name without a usable address is one event that says what to do, and the next peer follows", () => {
  const story = Story.of(
    client({ peers: [peerNamed(10, "hub.example.net", "ipv6"), peerAt(20, hub2)] }),
  );
  story.resolve(hub1);

  const told = story.events.filter((event) => event.severity === "warning");
  expect(told.map((event) => event.message)).toEqual([
    "hq: none of the addresses of hub.example.net (203.0.113.1) can be used; check `family` of the peer, and which of IPv4 and IPv6 the source interface has",
  ]);
  expect(told[0]?.data["reason-code"]).toBe("dns.no-usable-address");
  expect(story.dialled).toEqual([hub2]);
});

test("a name that can't be resolved is shown as the reason while the client backs off", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub.example.net")] }));
  const { id } = story.newest("resolve");
  story.give({ kind: "resolution-failed", id, message: "no such name" });

  expect(story.status).toBe("backoff");
  expect(story.view.reasonCode).toBe("dns.failed");
  expect(story.view.reason).toBe(
    "hub.example.net: no such name; check the DNS servers of this branch and the name under `peers`",
  );
});

test("a resolver that never answers does not hold the client for ever", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "hub.example.net"), peerAt(20, hub2)] }));
  const { id } = story.newest("resolve");
  story.pass(seconds(12));
  expect(story.dialled).toEqual([hub2]);

  story.give({ kind: "resolved", id, addresses: [ip(hub1)] });

  expect(story.dialled).toEqual([hub2]);
});

test("what went wrong with each peer is shown until one comes up", () => {
  const story = Story.of(client());
  story.fail();
  expect(story.view.peers).toEqual([
    { seq: 10, host: hub1, origin: "static", lastFailure: "no answer; check the hub" },
    { seq: 20, host: hub2, origin: "static" },
  ]);

  story.fail();
  story.pass(seconds(5));
  story.up();

  expect(story.view.peers[0]).toEqual({ seq: 10, host: hub1, origin: "static" });
});

test("attempts are counted until the client is up", () => {
  const story = Story.of(client());
  story.fail();
  expect(story.view.attempts).toBe(2);

  story.up();

  expect(story.view.attempts).toBe(0);
});

test("the search goes on below the way that failed and past the end to the top", () => {
  const list = staticPeers([peerAt(10, hub1), peerAt(20, hub2), peerAt(30, "203.0.113.3")]).map(
    (peer) => ({ peer }),
  );
  const [first, second, third] = list;
  const round = nextRound(afterFailure(roundFromTop, second!));
  expect(nextWay(list, round)).toBe(third);

  const wrapped = afterFailure(round, third!);

  expect(nextWay(list, wrapped)).toBe(first);
  expect(nextWay(list.slice(1), roundFromTop)).toBe(second);
});
