/** Both ends do something to the same Child SA at once, in every order of arrival, with losses. RFC 7296 §2.8.1, §2.25.1 */
import { expect, test, vi } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import {
  assertNothingSent,
  assertNotify,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
  messagesFromBranch,
} from "#test/support/assertions.ts";
import type { Branch } from "#test/support/branch.ts";
import { byHand, deliverAnyWay, everyWay } from "#test/support/by-hand.ts";
import type { VirtualHub } from "#test/support/virtual-hub/virtual-hub.ts";
import { World } from "#test/support/world.ts";

// Each test here plays dozens of whole sessions.
vi.setConfig({ testTimeout: 30_000 });

/** Plays every order of arrival, with every choice of up to `losses` lost messages, and judges the end. */
function inEveryOrder(
  seed: number,
  act: (hub: VirtualHub, branch: Branch) => void,
  judge: (hub: VirtualHub, branch: Branch) => void,
  limits = { losses: 1, steps: 6 },
): number {
  return everyWay((choose) => {
    const world = new World({ seed });
    const { hub, branch } = world.connected();
    const hands = byHand(world, hub, branch);
    act(hub, branch);
    deliverAnyWay(hands, choose, limits);
    world.settle(minutes(5));
    judge(hub, branch);
    world.close();
  });
}

test("both rekey the same Child SA: one new one is left, whatever the order of arrival and the nonces", () => {
  const creators = new Set<boolean>();
  for (let seed = 1; seed <= 3; seed++) {
    const ways = inEveryOrder(
      seed,
      (hub, branch) => {
        branch.rekeyChild();
        hub.rekeyChild();
      },
      (hub, branch) => {
        assertOneTunnel(branch, hub);
        creators.add(messagesFromBranch(hub, "INFORMATIONAL", "request").length > 0);
      },
    );
    expect(ways).toBeGreaterThan(10);
  }
});

test("simultaneous rekey, all messages in the order of the RFC's first picture", () => {
  const winners = new Set<string>();
  for (let seed = 10; seed < 18; seed++) {
    const world = new World({ seed });
    const { hub, branch } = world.connected();
    const hands = byHand(world, hub, branch);
    const old = hub.child;
    // req1: CREATE_CHILD_SA { N(REKEY_SA, SPIa1), … } -->
    branch.rekeyChild();
    // <-- req2: CREATE_CHILD_SA { N(REKEY_SA, SPIb1), … }
    hub.rekeyChild();
    hands.toBranch();
    // resp2 -->
    hands.toHub();
    // <-- resp1
    hands.toBranch();
    hands.toHub();
    assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), ["SA", "Nonce"]);
    expect(hub.children.filter((child) => child !== old).length).toBe(2);
    world.settle();
    assertOneTunnel(branch, hub);
    winners.add(hub.child.owner.nextOwnRequest > 1 ? "someone" : "other");
    world.close();
  }
  expect(winners.size).toBeGreaterThan(0);
});

test("simultaneous rekey of which the hub never heard (the RFC's second picture)", () => {
  const world = new World({ seed: 30 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // req1 --> lost
  branch.rekeyChild();
  hands.loseToHub();
  // <-- req2
  hub.rekeyChild();
  hands.toBranch();
  // resp2 -->
  hands.toHub();
  // <-- req3: D(SPIb1)
  hands.toBranch();
  // resp3: D(SPIa1) -->
  hands.toHub();
  expect(hub.children.length).toBe(1);
  // resend req1 -->, <-- resp1: N(CHILD_SA_NOT_FOUND)
  world.settle();
  expect(messagesFromBranch(hub, "CREATE_CHILD_SA", "request").length).toBe(1);
  assertOneTunnel(branch, hub);
});

test("asked to rekey the Child SA that the lost answer to our own rekey made, we ask for patience", () => {
  const world = new World({ seed: 29 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;
  // CREATE_CHILD_SA { N(REKEY_SA), … } -->
  branch.rekeyChild();
  hands.toHub();
  // <-- { SA, Nr, … } lost: we do not know the new Child SA yet
  hands.loseToBranch();
  // <-- CREATE_CHILD_SA { N(REKEY_SA, the new one) }
  hub.rekeyChild(hub.children.find((child) => child !== old));
  hands.toBranch();
  hands.toHub();
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle();
  assertOneTunnel(branch, hub);
});

test("we do not rekey a Child SA of the hub's making before the hub shows that it has it", () => {
  const world = new World({ seed: 28 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // <-- CREATE_CHILD_SA { N(REKEY_SA), … }
  hub.rekeyChild();
  hands.toBranch();
  // { SA, Nr, … } --> lost: the hub does not know the new Child SA yet
  hands.loseToHub();
  assertNothingSent(branch, () => branch.rekeyChild());
  world.settle();
  assertOneTunnel(branch, hub);
  expect(messagesFromBranch(hub, "CREATE_CHILD_SA", "request").length).toBe(1);
});

test("asked to rekey a Child SA that we are deleting, we answer TEMPORARY_FAILURE", () => {
  const world = new World({ seed: 31 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;
  // our rekey runs through, and D(old) is under way
  branch.rekeyChild();
  hands.toHub();
  hands.toBranch();
  // <-- CREATE_CHILD_SA { N(REKEY_SA, old) }
  old.state = "up";
  hub.rekeyChild(old);
  hands.toBranch();
  hands.toHub(1);
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle();
  assertOneTunnel(branch, hub);
});

test("both delete the same Child SA: the answers carry no Delete", () => {
  const world = new World({ seed: 32 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;
  branch.rekeyChild();
  hands.toHub();
  // <-- resp; D(old) -->; <-- D(old)
  hands.toBranch();
  hub.deleteChild(old);
  hands.toBranch();
  // answer to the hub's Delete -->
  hands.toHub(1);
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["!D"]);
  world.settle();
  assertOneTunnel(branch, hub);
});

test("the old Child SA is deleted by both at once after a rekey, in every order", () => {
  inEveryOrder(
    33,
    (hub, branch) => {
      const old = hub.child;
      branch.rekeyChild();
      hub.deleteChild(old);
    },
    (hub, branch) => {
      expect(branch.dataplane.faults).toEqual([]);
      if (branch.isUp) assertOneTunnel(branch, hub);
    },
  );
});

test("the hub deletes the Child SA that we are rekeying: we answer with our half", () => {
  const world = new World({ seed: 34 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // CREATE_CHILD_SA { N(REKEY_SA) } --> held
  branch.rekeyChild();
  // <-- INFORMATIONAL { D(X) }
  hub.deleteChild();
  hands.toBranch();
  // INFORMATIONAL { D(X) } -->
  hands.toHub(1);
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["D"]);
  // CREATE_CHILD_SA arrives --> ; <-- N(CHILD_SA_NOT_FOUND)
  world.settle();
  expect(branch.dataplane.faults).toEqual([]);
  if (branch.isUp) assertOneTunnel(branch, hub);
});

test("the hub deletes a Child SA that it has rekeyed already, and once more: the answer is empty", () => {
  const world = new World({ seed: 35 });
  const { hub, branch } = world.connected();
  const old = hub.child;
  hub.rekeyChild();
  world.runFor(minutes(1));
  old.state = "up";
  old.owner.children.add(old);
  hub.deleteChild(old);
  world.runFor(seconds(5));
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["!D"]);
  assertOneTunnel(branch, hub);
});

test("we rekey while the hub creates another Child SA, in every order", () => {
  inEveryOrder(
    36,
    (hub, branch) => {
      branch.rekeyChild();
      hub.createChild();
    },
    (hub, branch) => {
      expect(branch.isUp).toBe(true);
      expect(hub.children.length).toBeGreaterThan(0);
      for (const child of hub.children) {
        expect(hub.disagreements(child, branch.dataplane.sas)).toEqual([]);
      }
    },
  );
});

test("both rekey, and rekey again at once, over and over: one Child SA is left each time", () => {
  const world = new World({ seed: 37 });
  const { hub, branch } = world.connected();
  for (let round = 0; round < 20; round++) {
    branch.rekeyChild();
    hub.rekeyChild(hub.children.find(({ state }) => state === "up"));
    world.runFor(minutes(3));
    assertOneTunnel(branch, hub);
  }
});

test("two losses anywhere in a simultaneous rekey are survived", () => {
  const ways = inEveryOrder(
    38,
    (hub, branch) => {
      branch.rekeyChild();
      hub.rekeyChild();
    },
    (hub, branch) => assertOneTunnel(branch, hub),
    { losses: 2, steps: 5 },
  );
  expect(ways).toBeGreaterThan(20);
});
