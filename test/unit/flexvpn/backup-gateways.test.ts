import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { client, hub1, hub2, hubGone, peerAt, peerNamed, Story } from "./story.ts";

const hub3 = "203.0.113.3";
const hub4 = "203.0.113.4";
const onePeer = client({ peers: [peerAt(10, hub1)] });
const hosts = (story: Story) => story.view.peers.map(({ host }) => host);

test("gateways that the hub pushes stand behind the configured peers and are tried", () => {
  const story = Story.of(onePeer);
  story.up({ backupServers: [hub3, "hub4.example.net"] });
  expect(hosts(story)).toEqual([hub1, hub3, "hub4.example.net"]);
  story.pass(minutes(2));
  story.fail(hubGone);

  expect(story.dialled).toEqual([hub1, hub3]);
});

test("a hub that is not of the downloaded list replaces it", () => {
  const story = Story.of(client());
  story.up({ backupServers: [hub3] });
  story.pass(minutes(2));
  story.fail(hubGone);
  expect(story.session.remote.address).toBe(hub2);
  story.up({ backupServers: [hub4] });

  expect(hosts(story)).toEqual([hub1, hub2, hub4]);
});

test("a hub of the downloaded list leaves it as it is", () => {
  const story = Story.of(onePeer);
  story.up({ backupServers: [hub3] });
  story.pass(minutes(2));
  story.fail(hubGone);
  story.up({ backupServers: [hub4] });

  expect(hosts(story)).toEqual([hub1, hub3]);
});

test("a hub that pushes nothing replaces nothing", () => {
  const story = Story.of(client());
  story.up({ backupServers: [hub3] });
  story.pass(minutes(2));
  story.fail(hubGone);
  story.up();

  expect(hosts(story)).toEqual([hub1, hub2, hub3]);
});

test("a gateway that is configured already is listed once", () => {
  const story = Story.of(client());
  story.up({ backupServers: [hub2, hub3, hub3] });

  expect(hosts(story)).toEqual([hub1, hub2, hub3]);
});

test("downloaded-backups: ignore takes none", () => {
  const story = Story.of({ ...onePeer, downloadedBackups: "ignore" });
  story.up({ backupServers: [hub3] });

  expect(hosts(story)).toEqual([hub1]);
});

test("a change of the list is an event that names the hub", () => {
  const story = Story.of(onePeer);
  story.up({ backupServers: [hub3] });
  const told = story.events.filter((each) => each.mnemonic === "FLEXSPOKE-6-BACKUP_GATEWAYS");

  expect(told.map(({ message }) => message)).toEqual([
    `hq: ${hub1} names as backup gateways ${hub3}`,
  ]);
});

test("a redirect is followed at once, and the configured peers come back when the gateway fails", () => {
  const story = Story.of(onePeer);
  const { session } = story.session;
  const actions = story.give({ kind: "redirected", session, gateway: hub3 });
  expect(actions).toContainEqual(expect.objectContaining({ kind: "close-session", session }));
  expect(story.dialled).toEqual([hub1, hub3]);

  story.fail();

  expect(story.dialled).toEqual([hub1, hub3, hub1]);
  expect(hosts(story)).toEqual([hub1]);
});

test("the gateway of a redirect is forgotten when its session is lost", () => {
  const story = Story.of(onePeer);
  story.give({ kind: "redirected", session: story.session.session, gateway: hub3 });
  story.up();
  story.pass(minutes(2));
  story.fail(hubGone);

  expect(story.dialled).toEqual([hub1, hub3, hub1]);
});

test("redirects in a loop end in a back-off that says so", () => {
  const story = Story.of(onePeer);
  for (let count = 0; count < 6; count++)
    story.give({
      kind: "redirected",
      session: story.session.session,
      gateway: count % 2 ? hub1 : hub3,
    });

  expect(story.status).toBe("backoff");
  expect(story.view.reasonCode).toBe("peer.redirect-loop");
  story.pass(seconds(5));
  expect(story.session.remote.address).toBe(hub1);
});

test("downloaded gateways are known again after a restart: they may be the only ones alive", () => {
  const before = Story.of(onePeer);
  before.up({ backupServers: [hub3] });
  const { networks, gateways } = before.newest("remember");
  const story = new Story();
  story.give({ kind: "remembered", client: "hq", networks, gateways });
  story.configure(onePeer);
  story.give({ kind: "start" });
  story.fail();

  expect(story.dialled).toEqual([hub1, hub3]);
});

test("a change of the configuration that is about something else leaves a downloaded gateway in use", () => {
  const story = Story.of(onePeer);
  story.up({ backupServers: [hub3] });
  story.pass(minutes(2));
  story.fail(hubGone);
  story.up();
  expect(story.view.peer?.host).toBe(hub3);
  const actions = story.configure({ ...onePeer, inside: ["br-lan", "br-guest"] });

  expect(actions.map(({ kind }) => kind)).not.toContain("close-session");
  expect(story.configure({ ...onePeer, downloadedBackups: "ignore" })).toContainEqual(
    expect.objectContaining({ kind: "close-session" }),
  );
});

test("names are the same in any case", () => {
  const story = Story.of(client({ peers: [peerNamed(10, "Hub1.example.net")] }));
  story.resolve(hub1);
  story.up({ backupServers: ["hub1.example.net", hub3] });

  expect(hosts(story)).toEqual(["Hub1.example.net", hub3]);
});
