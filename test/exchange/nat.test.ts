/** NAT detection, the move to port 4500, keepalives, mappings that change. RFC 7296 §2.23, RFC 3948 */
import { expect, test } from "vitest";
import { milliseconds, minutes, seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { actionsOf, assertOneTunnel } from "#test/support/assertions.ts";
import { connection } from "#test/support/connection.ts";
import { BRANCH_ADDRESS, World } from "#test/support/world.ts";

const OUTSIDE = "198.51.100.77" as IpAddress;

function behindNat(seed: number, overrides: Parameters<typeof connection>[0] = {}) {
  const world = new World({ seed });
  const nat = world.link.natFor(BRANCH_ADDRESS, OUTSIDE);
  const { hub, branch } = world.connected({ connection: overrides });
  return { world, nat, hub, branch };
}

test("without NAT everything stays on port 500 and ESP is not encapsulated", () => {
  const world = new World({ seed: 1 });
  const ports = new Set<number>();
  world.link.tap(({ from, to }) => ports.add(from.port).add(to.port));
  const { hub, branch } = world.connected();
  expect([...ports]).toEqual([500]);
  expect(branch.dataplane.sas.some(({ udpEncapsulation }) => udpEncapsulation)).toBe(false);
  expect(branch.outcome?.natDetected).toEqual({ local: false, remote: false });
  assertOneTunnel(branch, hub);
});

test("behind a NAT IKE_AUTH goes to port 4500 and ESP is carried in UDP", () => {
  const { hub, branch } = behindNat(2);
  expect(branch.outcome?.natDetected).toEqual({ local: true, remote: false });
  expect(branch.outcome?.path).toMatchObject({ local: { port: 4500 }, remote: { port: 4500 } });
  for (const sa of branch.dataplane.sas) {
    expect(sa.udpEncapsulation).toBe(true);
    expect([sa.source.port, sa.destination.port]).toEqual([4500, 4500]);
  }
  expect(hub.sa.remote.address).toBe(OUTSIDE);
  assertOneTunnel(branch, hub);
});

test("a session begun on port 4500 stays there", () => {
  const world = new World({ seed: 3 });
  world.link.natFor(BRANCH_ADDRESS, OUTSIDE);
  const hub = world.hub();
  const branch = world.branch();
  branch.connect(connection(), hub.address, 4500);
  world.runUntil(() => branch.isUp);
  expect(branch.outcome?.path.remote.port).toBe(4500);
  assertOneTunnel(branch, hub);
});

test("traffic passes both ways through the NAT", () => {
  const { world, hub, branch } = behindNat(4);
  branch.sendEsp();
  world.runFor(seconds(1));
  hub.sendEsp(hub.child);
  world.runFor(seconds(1));
  expect(hub.counters).toMatchObject({ espReceived: 1, espRefused: 0 });
  expect(branch.dataplane).toMatchObject({ espAccepted: 1, espRefused: 0 });
});

test("keepalives go out when nothing else was sent, and only then", () => {
  const { world, hub, branch } = behindNat(5);
  world.runFor(seconds(110));
  expect(branch.keepalivesSent).toBe(5);
  expect(hub.counters.natKeepalives).toBe(5);
  for (let count = 0; count < 12; count++) {
    branch.sendEsp();
    world.runFor(seconds(5));
  }
  expect(branch.keepalivesSent).toBeLessThanOrEqual(6);
});

test("keepalives come in time on a clock with fractions of milliseconds, and never spin", () => {
  for (let seed = 100; seed < 140; seed++) {
    const world = new World({ seed, link: { jitter: milliseconds(3) } });
    world.link.natFor(BRANCH_ADDRESS, OUTSIDE);
    // sums of times lose a bit where they cross a power of two
    world.runFor(milliseconds(2 ** 25 - 30_000));
    const { branch } = world.connected();
    world.runFor(minutes(5));
    expect(branch.keepalivesSent).toBeGreaterThanOrEqual(14);
    world.close();
  }
});

test("without NAT no keepalive is sent", () => {
  const world = new World({ seed: 6 });
  const { branch } = world.connected();
  world.runFor(minutes(10));
  expect(branch.keepalivesSent).toBe(0);
});

test("when the NAT gives us a new mapping, the hub follows and the session stays", () => {
  const { world, nat, hub, branch } = behindNat(7);
  const before = hub.sa.remote;
  nat.rebind();
  branch.checkLiveness();
  world.runFor(seconds(5));
  expect(hub.sa.remote.port).not.toBe(before.port);
  hub.checkLiveness();
  world.runFor(seconds(5));
  expect(hub.sa.outstanding).toBeUndefined();
  hub.rekeyChild();
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("a NAT in front of the hub is noticed", () => {
  const world = new World({ seed: 8 });
  const hub = world.hub("hub1", { address: "10.99.0.1" as IpAddress });
  const outside = "203.0.113.50" as IpAddress;
  // a static translation of the hub's address, as cloud hubs have
  const branch = world.branch();
  world.link.attach({
    addresses: [outside],
    receive: (datagram) =>
      hub.receive({ ...datagram, to: { ...datagram.to, address: hub.address } }),
  });
  const answers = { from: hub.address, to: outside };
  const { send } = world.link;
  world.link.send = (datagram) =>
    send.call(
      world.link,
      datagram.from.address === answers.from
        ? { ...datagram, from: { ...datagram.from, address: answers.to } }
        : datagram,
    );
  branch.connect(connection(), outside);
  world.runUntil(() => branch.isUp);
  expect(branch.outcome?.natDetected).toEqual({ local: false, remote: true });
  assertOneTunnel(branch, hub);
});

test("a changed mapping of the peer, seen by the kernel, moves the SAs", () => {
  const { hub, branch } = behindNat(9);
  const spi = branch.dataplane.sas.find(({ direction }) => direction === "in")?.spi ?? 0;
  const remote = { address: hub.address, port: 4501 };
  branch.input({ kind: "mapping-changed", spi, remote });
  const moves = actionsOf(branch, "move-sas");
  expect(moves.length).toBeLessThanOrEqual(1);
  expect(branch.dataplane.faults).toEqual([]);
});

test("IPv6 underlay works as IPv4 does", () => {
  const world = new World({ seed: 10 });
  const hub = world.hub("hub1", { address: "2001:db8::1" as IpAddress });
  const branch = world.branch("2001:db8:9::2" as IpAddress);
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.isUp);
  expect(branch.outcome?.natDetected).toEqual({ local: false, remote: false });
  assertOneTunnel(branch, hub);
});
