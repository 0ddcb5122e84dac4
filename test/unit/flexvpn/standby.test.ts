import { expect, test } from "vitest";
import type { ResolvedClient } from "#config/resolved.ts";
import { tunnelPlan } from "#flexvpn/tunnel-plan.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, hubGone, ip, peerAt, prefix, Story, trackEvent } from "./story.ts";

const hot = client({ standby: "hot", peerReactivate: false });

/** A client that is up with hub1, with hub2 standing by. */
function standing(config: ResolvedClient = hot): Story {
  const story = Story.of(config);
  story.up();
  story.up({ assigned: { ipv4: ip("10.250.2.7") } });
  return story;
}

test("once the client is up the next peer is authenticated beforehand, and carries nothing", () => {
  const story = standing();

  expect(story.dialled).toEqual([hub1, hub2]);
  expect(story.view.standby).toMatchObject({ host: hub2, isReady: true });
  expect(story.view.peer?.host).toBe(hub1);
  const [first, second] = story.all("open-session");
  expect(story.intent.carrier?.session).toBe(first?.session);
  expect(story.intent.standby).toBe(second?.session);
});

test("the session of a standby does not tell the hub that it is the only one", () => {
  const [first, second] = standing().all("open-session");

  expect(first?.connection.initialContact).toBe(true);
  expect(second?.connection.initialContact).toBe(false);
});

test("when the session in use is lost the standby carries the traffic in the same step", () => {
  const story = standing();
  const [first, second] = story.all("open-session");
  story.pass(minutes(2));
  const actions = story.give({
    kind: "session-down",
    session: first?.session ?? (0 as never),
    reason: hubGone,
  });

  const plan = actions.find((action) => action.kind === "plan");
  expect(plan?.intent.carrier).toMatchObject({
    session: second?.session,
    outcome: { assigned: { ipv4: "10.250.2.7" } },
  });
  expect(story.status).toBe("up");
  expect(story.mnemonics.slice(-2)).toEqual([
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  ]);
});

test("a track object that goes down switches to the standby at once, and names itself as the cause", () => {
  const story = new Story();
  story.configure({
    ...hot,
    peers: [{ ...peerAt(10, hub1), track: { object: "hub1", state: "up" } }, peerAt(20, hub2)],
  });
  story.track("hub1", "up");
  story.give({ kind: "start" });
  story.up();
  story.up();
  const actions = story.track("hub1", "down");

  expect(story.status).toBe("up");
  expect(story.view.peer?.host).toBe(hub2);
  expect(actions.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["close-session", "plan"]),
  );
  const down = story.events.find(({ mnemonic }) => mnemonic.endsWith("CONNECTION_DOWN"));
  expect(down?.cause).toBe(trackEvent("hub1"));
});

test("after a switch another standby is looked for", () => {
  const story = standing({ ...hot, peers: [...hot.peers, peerAt(30, "203.0.113.3")] });
  story.pass(minutes(2));
  const [first] = story.all("open-session");
  story.give({ kind: "session-down", session: first?.session ?? (0 as never), reason: hubGone });

  expect(story.dialled).toEqual([hub1, hub2, hub1]);
});

test("a standby that is lost is an event, and is made again", () => {
  const story = standing();
  const [, second] = story.all("open-session");
  story.give({ kind: "session-down", session: second?.session ?? (0 as never), reason: hubGone });
  expect(story.mnemonics).toContain("FLEXSPOKE-4-STANDBY_LOST");
  expect(story.view.standby).toBeUndefined();
  story.pass(seconds(10));

  expect(story.dialled).toEqual([hub1, hub2, hub2]);
  expect(story.status).toBe("up");
});

test("a standby that can't be had is tried again with back-off, and never disturbs the session in use", () => {
  const story = Story.of(hot);
  story.up();
  for (let round = 0; round < 4; round++) {
    story.fail();
    expect(story.status).toBe("up");
    story.pass(minutes(2));
  }

  expect(story.dialled).toEqual([hub1, hub2, hub2, hub2, hub2, hub2]);
  expect(story.view.peers[1]?.lastFailure).toMatch(/no answer/);
});

test("with one peer and two sources the standby is the same peer from the other source", () => {
  const story = new Story();
  story.configure({
    ...hot,
    peers: [peerAt(10, hub1)],
    sources: [
      { seq: 10, interface: "wan0" },
      { seq: 20, interface: "wwan0" },
    ],
  });
  story.link("wan0", true, "198.51.100.7/24");
  story.link("wwan0", true, "192.0.2.7/24");
  story.give({ kind: "start" });
  story.up();
  expect(story.session).toMatchObject({ source: "wwan0", remote: { address: hub1 } });
  story.up();
  story.link("wan0", false);

  expect(story.status).toBe("up");
  expect(story.view.source).toBe("wwan0");
});

test("a standby over the source that went down does not take over", () => {
  const story = new Story();
  story.configure({ ...hot, sources: [{ seq: 10, interface: "wan0" }] });
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  story.up();
  story.up();
  story.link("wan0", false);

  expect(story.status).toBe("tracking");
  expect(story.open.size).toBe(0);
});

test("with nobody else there is no standby, and nothing is tried", () => {
  const story = Story.of({ ...hot, peers: [peerAt(10, hub1)] });
  story.up();
  story.pass(minutes(10));

  expect(story.dialled).toEqual([hub1]);
  expect(story.view.standby).toBeUndefined();
});

test("when the client is disconnected its standby goes too", () => {
  const story = standing();
  story.operator("disconnect");

  expect(story.open.size).toBe(0);
});

test("a client of a backup group gives its standby up for another that needs the peer", () => {
  const group = { backupGroup: "main", peerReactivate: false };
  const story = Story.ofMany(
    { ...hot, ...group },
    client({ name: "spare", tunnel: "Tunnel1", connect: "manual", ...group }),
  );
  story.give({ kind: "start" });
  story.up();
  story.up();
  expect(story.viewOf("hq").standby?.isReady).toBe(true);
  story.give({ kind: "connect", client: "spare", by: "test" });

  expect(story.viewOf("spare").peer?.address).toBe(hub2);
  expect(story.viewOf("hq").standby).toBeUndefined();
});

test("with everything routed into the tunnel the hub that stands by is reached outside it", () => {
  const story = Story.of(hot);
  const underlay = { device: "wan0", gateway: ip("198.51.100.1") };
  const everything = { subnets: [], remoteSelectors: [prefix("0.0.0.0/0")] };
  story.up(everything, underlay);
  story.up(everything, { device: "Tunnel0" });
  const { routes } = tunnelPlan(story.intent, { mtu: 1_400, mssIpv4: 1_360, mssIpv6: 1_340 });
  expect(routes).toContainEqual(
    expect.objectContaining({ destination: `${hub2}/32`, device: "wan0", gateway: "198.51.100.1" }),
  );
  const [first] = story.all("open-session");
  story.give({ kind: "session-down", session: first?.session ?? (0 as never), reason: hubGone });

  expect(story.intent.carrier?.underlay).toEqual(underlay);
});

test("a switch to a hub with other networks changes nothing in the firewall: they were guarded before", () => {
  const story = Story.of(hot);
  story.up({ subnets: [prefix("10.1.0.0/16")] });
  story.up({ subnets: [prefix("10.2.0.0/16")] });
  const sizes = { mtu: 1_400, mssIpv4: 1_360, mssIpv6: 1_340 };
  const before = tunnelPlan(story.intent, sizes).firewall;
  const [first] = story.all("open-session");
  story.give({ kind: "session-down", session: first?.session ?? (0 as never), reason: hubGone });

  expect(tunnelPlan(story.intent, sizes).firewall).toEqual(before);
  expect(before.killSwitch[0]?.networks).toEqual(["10.1.0.0/16", "10.2.0.0/16"]);
});

test("an operator who switches moves the traffic to the standby in one step, and is named as the cause", () => {
  const story = standing();
  const [, second] = story.all("open-session");
  const actions = story.give({ kind: "switch", client: "hq", by: "admin on the page" });

  expect(actions.find((action) => action.kind === "plan")?.intent.carrier).toMatchObject({
    session: second?.session,
  });
  expect(story.view.peer?.host).toBe(hub2);
  expect(story.mnemonics.slice(-3)).toEqual([
    "FLEXSPOKE-5-CLIENT_REQUEST",
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  ]);
});

test("a switch with nothing standing by leaves everything as it is and says so", () => {
  const story = Story.of(client({ standby: "off" }));
  story.up();
  story.give({ kind: "switch", client: "hq", by: "admin on the page" });

  expect(story.status).toBe("up");
  expect(story.view.peer?.host).toBe(hub1);
  expect(story.events.at(-1)?.message).toMatch(/nothing stands by/);
});
