/** Days of simulated time over bad networks, with rekeys every few minutes from both ends. */
import { expect, test } from "vitest";
import type { IkeConnection } from "#ike/connection.ts";
import { hours, milliseconds, minutes, seconds } from "#lib/duration.ts";
import { assertOneTunnel } from "#test/support/assertions.ts";
import type { Branch } from "#test/support/branch.ts";
import { connection, defaultChild } from "#test/support/connection.ts";
import type { LinkQuality } from "#test/support/link.ts";
import type { VirtualHub } from "#test/support/virtual-hub/virtual-hub.ts";
import { World } from "#test/support/world.ts";

const busy: Partial<IkeConnection> = {
  child: { ...defaultChild, lifetime: { time: minutes(7) } },
  lifetime: minutes(23),
  dpd: { mode: "periodic", interval: seconds(30), retry: seconds(2) },
  retransmit: { initial: milliseconds(500), factor: 1.8, limit: 8, jitter: 0.1 },
};
const busyHub = { childRekey: minutes(6), ikeRekey: minutes(19), dpdInterval: minutes(1) };

/** Keeps the branch connected as the client would: a session that ended is started again after a second. */
function keepConnected(world: World, branch: Branch, hub: VirtualHub): void {
  const check = () => {
    if (world.isClosed) return;
    if (branch.session === undefined) branch.connect(connection(busy), hub.address);
    world.clock.after(1_000, check);
  };
  check();
}

/** What a day looked like, sampled every ten seconds. */
interface Day {
  /** Share of samples with a session up. */
  readonly up: number;
  readonly mostSas: number;
  /** Longest unbroken time with more than two pairs of SAs. */
  readonly longestCrowd: number;
  readonly sessions: number;
}

function live(world: World, branch: Branch, length: ReturnType<typeof hours>): Day {
  let [up, samples, mostSas, crowd, longestCrowd] = [0, 0, 0, 0, 0];
  const end = world.clock.now + length;
  while (world.clock.now < end) {
    world.runFor(seconds(10));
    samples++;
    if (branch.isUp) up++;
    const count = branch.dataplane.sas.length;
    mostSas = Math.max(mostSas, count);
    crowd = count > 4 ? crowd + 10 : 0;
    longestCrowd = Math.max(longestCrowd, crowd);
  }
  return { up: up / samples, mostSas, longestCrowd, sessions: branch.outcomes.length };
}

function comesToRest(world: World, branch: Branch, hub: VirtualHub): void {
  world.link.quality = {};
  world.runFor(minutes(2));
  world.runUntil(
    () => branch.isUp && hub.children.length === 1 && branch.dataplane.sas.length === 2,
    {
      within: minutes(10),
    },
  );
  assertOneTunnel(branch, hub);
  expect(branch.dataplane.faults).toEqual([]);
}

const roads: readonly (readonly [string, LinkQuality, { up: number; sessions: number }])[] = [
  ["a good network", { delay: milliseconds(20) }, { up: 0.999, sessions: 1 }],
  [
    "reordering and duplication",
    { delay: milliseconds(30), jitter: milliseconds(400), duplication: 0.3 },
    { up: 0.999, sessions: 1 },
  ],
  ["10 % loss", { loss: 0.1, delay: milliseconds(50) }, { up: 0.99, sessions: 2 }],
  [
    "30 % loss, reordering and duplication",
    { loss: 0.3, delay: milliseconds(50), jitter: milliseconds(300), duplication: 0.1 },
    { up: 0.95, sessions: 12 },
  ],
];

for (const [name, quality, wanted] of roads) {
  for (const seed of [1, 2]) {
    test(`a day over ${name}, both ends rekeying (seed ${seed}): up, no crowd of SAs, one tunnel at the end`, () => {
      const world = new World({ seed, link: quality });
      const hub = world.hub("hub1", busyHub);
      const branch = world.branch();
      keepConnected(world, branch, hub);
      world.runUntil(() => branch.isUp, { within: minutes(5) });
      const day = live(world, branch, hours(24));
      expect(day.up).toBeGreaterThanOrEqual(wanted.up);
      expect(day.sessions).toBeLessThanOrEqual(wanted.sessions);
      expect(day.mostSas).toBeLessThanOrEqual(8);
      expect(day.longestCrowd, "seconds with three pairs of SAs or more").toBeLessThanOrEqual(120);
      comesToRest(world, branch, hub);
    }, 30_000);
  }
}

test("a day behind a NAT that rebinds every hour", () => {
  const world = new World({ seed: 11, link: { delay: milliseconds(20) } });
  const nat = world.link.natFor("192.0.2.10" as never, "198.51.100.7" as never);
  const hub = world.hub("hub1", busyHub);
  const branch = world.branch();
  keepConnected(world, branch, hub);
  world.runUntil(() => branch.isUp);
  for (let hour = 0; hour < 24; hour++) {
    world.runFor(hours(1));
    nat.rebind();
  }
  comesToRest(world, branch, hub);
}, 30_000);

test("a hub that reboots every hour is found again within the time of dead peer detection", () => {
  const world = new World({ seed: 12, link: { delay: milliseconds(20) } });
  const hub = world.hub("hub1", busyHub);
  const branch = world.branch();
  keepConnected(world, branch, hub);
  world.runUntil(() => branch.isUp);
  for (let hour = 1; hour <= 12; hour++) {
    world.runFor(hours(1));
    hub.unplug();
    world.runFor(seconds(10));
    hub.plugIn();
    world.runUntil(() => branch.outcomes.length > hour, { within: minutes(10) });
  }
  comesToRest(world, branch, hub);
}, 30_000);

test("the network is away now and then, for seconds and for many minutes", () => {
  const world = new World({ seed: 13, link: { delay: milliseconds(20), loss: 0.05 } });
  const hub = world.hub("hub1", busyHub);
  const branch = world.branch();
  keepConnected(world, branch, hub);
  world.runUntil(() => branch.isUp);
  for (let outage = 0; outage < 60; outage++) {
    world.runFor(minutes(world.random.between(1, 15)));
    world.link.cut(hub.address);
    world.runFor(seconds(world.random.between(1, outage % 3 === 0 ? 900 : 20)));
    world.link.uncut(hub.address);
  }
  comesToRest(world, branch, hub);
}, 30_000);
