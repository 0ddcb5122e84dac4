/** IKE fragmentation both ways, with loss, duplicates and lies. RFC 7383 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "#lib/duration.ts";
import type { Prefix } from "#lib/ip.ts";
import { assertOneTunnel, messagesFromBranch } from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { connection } from "#test/support/connection.ts";
import type { Datagram } from "#test/support/link.ts";
import { PAYLOAD } from "#test/support/virtual-hub/wire.ts";
import { defaultHub, World } from "#test/support/world.ts";

/** A hub whose answers are long: many networks. */
const longAnswers = {
  handout: {
    ...defaultHub.handout,
    subnets: Array.from({ length: 120 }, (_, index) => `10.${index}.0.0/16` as Prefix),
  },
  fragmentMtu: 576,
};
const shortDatagrams = { fragmentMtu: 576 };

const isFragment = ({ bytes }: Datagram) => bytes.length > 20 && bytes[16] === PAYLOAD.SKF;

function countFragments(world: World) {
  const count = { toHub: 0, toBranch: 0, largest: 0 };
  world.link.tap((datagram) => {
    if (isFragment(datagram)) count[datagram.to.address === "203.0.113.1" ? "toHub" : "toBranch"]++;
    count.largest = Math.max(count.largest, datagram.bytes.length);
  });
  return count;
}

test("a long answer comes in fragments and is put together", () => {
  const world = new World({ seed: 1 });
  const count = countFragments(world);
  const { hub, branch } = world.connected({ hub: longAnswers });
  expect(count.toBranch).toBeGreaterThan(2);
  expect(branch.outcome?.subnets.length).toBe(120);
  assertOneTunnel(branch, hub);
});

test("fragments of the answer may come in any order and twice", () => {
  const world = new World({ seed: 2 });
  const hub = world.hub("hub1", longAnswers);
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  hands.toBranch();
  while (hands.underWay()[0] > 0) hands.toHub();
  while (hands.underWay()[1] > 0) {
    // last fragment first, each one twice
    const fragment = hands.toBranch(hands.underWay()[1] - 1);
    branch.receive(fragment);
  }
  expect(branch.isUp).toBe(true);
  world.settle(seconds(1));
  assertOneTunnel(branch, hub);
});

test("a request larger than the profile's datagram size goes out in fragments that fit", () => {
  const world = new World({ seed: 3 });
  const count = countFragments(world);
  const local = Array.from({ length: 30 }, (_, index) => ({
    prefix: `10.9.${index}.0/24` as Prefix,
  }));
  const { hub, branch } = world.connected({
    hub: { branchNetworks: ["10.9.0.0/16" as Prefix], fragmentMtu: 576 },
    connection: {
      ...shortDatagrams,
      request: { ipv4: false, ipv6: false },
      child: { ...connection().child, local },
    },
  });
  expect(count.toHub).toBeGreaterThan(1);
  expect(count.largest).toBeLessThanOrEqual(576 - 28);
  assertOneTunnel(branch, hub);
});

test("every single lost fragment, either way, is made good by retransmission", () => {
  const local = Array.from({ length: 30 }, (_, index) => ({
    prefix: `10.9.${index}.0/24` as Prefix,
  }));
  for (let lost = 0; lost < 8; lost++) {
    const world = new World({ seed: 4 });
    let seen = 0;
    world.link.loseWhere((datagram) => isFragment(datagram) && seen++ === lost);
    const { hub, branch } = world.connected({
      hub: { ...longAnswers, branchNetworks: ["10.9.0.0/16" as Prefix] },
      connection: {
        ...shortDatagrams,
        request: { ipv4: false, ipv6: false },
        child: { ...connection().child, local },
      },
    });
    assertOneTunnel(branch, hub);
    expect(messagesFromBranch(hub, "IKE_AUTH", "request").length).toBe(1);
    world.close();
  }
});

test("with a third of all datagrams lost, a fragmented IKE_AUTH still gets through", () => {
  const world = new World({ seed: 5, link: { loss: 0.3, delay: milliseconds(20) } });
  const hub = world.hub("hub1", longAnswers);
  const branch = world.branch();
  const retransmit = { initial: milliseconds(500), factor: 1.2, limit: 40, jitter: 0.1 };
  branch.connect(connection({ retransmit, ...shortDatagrams }), hub.address);
  world.runUntil(() => branch.isUp, { within: seconds(600) });
  world.link.quality = {};
  world.runFor(seconds(5));
  assertOneTunnel(branch, hub);
});

test.each(["endless-total", "number-zero", "number-beyond-total"] as const)(
  "fragments with impossible numbers (%s) are dropped, and the retransmission is answered well",
  (how) => {
    const world = new World({ seed: 6 });
    const hub = world.hub("hub1", longAnswers);
    hub.impair({ kind: "odd-fragments", how, times: 1 });
    const branch = world.branch();
    branch.connect(connection(), hub.address);
    world.runFor(seconds(5));
    expect(branch.isUp, "the stored answer stays odd").toBe(false);
    expect(branch.dataplane.journal).toEqual([]);
  },
);

test("fragmentation switched off in the profile is not announced and not used", () => {
  const world = new World({ seed: 7 });
  const count = countFragments(world);
  const { fragmentMtu: _, ...whole } = connection();
  const hub = world.hub("hub1", longAnswers);
  const branch = world.branch();
  branch.connect(whole, hub.address);
  world.runUntil(() => branch.isUp);
  expect(messagesFromBranch(hub, "IKE_SA_INIT", "request")[0]?.summary).not.toContain(
    "IKEV2_FRAGMENTATION_SUPPORTED",
  );
  expect(count.toBranch).toBe(0);
  assertOneTunnel(branch, hub);
});

test("fragments under a wrong key are never kept", () => {
  const world = new World({ seed: 8 });
  const hub = world.hub("hub1", longAnswers);
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  hands.toBranch();
  while (hands.underWay()[0] > 0) hands.toHub();
  const genuine = hands.toBranch();
  // a stranger: every fragment number of that message, with a check value it can't make
  for (let number = 2; number < 2_000; number++) {
    const bytes = Uint8Array.from(genuine.bytes);
    new DataView(bytes.buffer).setUint16(32, number);
    branch.receive({ ...genuine, bytes });
  }
  while (hands.underWay()[1] > 0) hands.toBranch();
  expect(branch.isUp).toBe(true);
  world.settle(seconds(1));
  assertOneTunnel(branch, hub);
});
