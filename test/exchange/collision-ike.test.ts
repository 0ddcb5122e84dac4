/** Both ends do something to the same IKE SA at once, in every order of arrival, with losses. RFC 7296 §2.8.2, §2.25 */
import { expect, test, vi } from "vitest";
import { minutes } from "#lib/duration.ts";
import {
  assertNotify,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
} from "#test/support/assertions.ts";
import type { Branch } from "#test/support/branch.ts";
import { byHand, deliverAnyWay, everyWay } from "#test/support/by-hand.ts";
import type { VirtualHub } from "#test/support/virtual-hub/virtual-hub.ts";
import { World } from "#test/support/world.ts";

// Each test here plays dozens of whole sessions.
vi.setConfig({ testTimeout: 30_000 });

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

function oneIkeSa(hub: VirtualHub, branch: Branch): void {
  assertOneTunnel(branch, hub);
  expect(hub.sas.size).toBe(1);
}

test("both rekey the IKE SA: one new one is left and owns the Child SA, whatever the order and the nonces", () => {
  const makers = new Set<boolean>();
  for (let seed = 1; seed <= 3; seed++) {
    const ways = inEveryOrder(
      seed,
      (hub, branch) => {
        branch.rekeyIke();
        hub.rekeyIke();
      },
      (hub, branch) => {
        oneIkeSa(hub, branch);
        makers.add(hub.sa.isInitiator);
      },
    );
    expect(ways).toBeGreaterThan(10);
  }
  expect(makers.size, "both ends win now and then").toBe(2);
});

test("two losses anywhere in a simultaneous IKE rekey are survived", () => {
  const ways = inEveryOrder(
    20,
    (hub, branch) => {
      branch.rekeyIke();
      hub.rekeyIke();
    },
    oneIkeSa,
    { losses: 2, steps: 5 },
  );
  expect(ways).toBeGreaterThan(20);
});

test("the hub's rekey is over before it hears of ours (RFC 7296 §2.8.2, last picture)", () => {
  const world = new World({ seed: 21 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // req2 of ours --> held back
  branch.rekeyIke();
  // <-- req1: CREATE_CHILD_SA { SA, Ni, KE }
  hub.rekeyIke();
  hands.toBranch();
  // resp1 -->
  hands.toHub(1);
  // <-- req3: D() on the old SA
  hands.toBranch();
  // resp3: () -->
  hands.toHub(1);
  world.settle();
  oneIkeSa(hub, branch);
  expect(hub.sa.isInitiator).toBe(true);
});

test("our rekey is over before we hear of the hub's: it gets TEMPORARY_FAILURE", () => {
  const world = new World({ seed: 22 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.rekeyIke();
  hub.rekeyIke();
  // req1 --> ; <-- resp1 before the hub's own req2
  hands.toHub();
  hands.toBranch(1);
  // <-- req2
  hands.toBranch();
  // D() and the answer to req2 -->
  const [toHub] = hands.underWay();
  expect(toHub).toBeGreaterThanOrEqual(1);
  while (hands.underWay()[0] > 0) hands.toHub();
  world.settle();
  oneIkeSa(hub, branch);
});

test.each(["rekey", "create"] as const)(
  "asked to %s a Child SA while we rekey the IKE SA, we answer TEMPORARY_FAILURE",
  (what) => {
    const world = new World({ seed: 23 });
    const { hub, branch } = world.connected();
    const hands = byHand(world, hub, branch);
    // CREATE_CHILD_SA { SA, Ni, KE } --> held back
    branch.rekeyIke();
    // <-- CREATE_CHILD_SA { [N(REKEY_SA),] SA, Ni, TSi, TSr }
    if (what === "rekey") hub.rekeyChild();
    else hub.createChild();
    hands.toBranch();
    hands.toHub(1);
    assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
    world.settle(minutes(5));
    expect(branch.isUp).toBe(true);
    for (const child of hub.children) {
      expect(hub.disagreements(child, branch.dataplane.sas)).toEqual([]);
    }
  },
);

test("asked to rekey the IKE SA while we rekey a Child SA, we answer TEMPORARY_FAILURE", () => {
  const world = new World({ seed: 24 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.rekeyChild();
  hub.rekeyIke();
  hands.toBranch();
  hands.toHub(1);
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle(minutes(5));
  oneIkeSa(hub, branch);
});

test("asked to rekey the IKE SA while we delete a Child SA, we answer TEMPORARY_FAILURE", () => {
  const world = new World({ seed: 25 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.rekeyChild();
  hands.toHub();
  hands.toBranch();
  // D(old child) --> held back
  hub.rekeyIke();
  hands.toBranch();
  hands.toHub(1);
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle(minutes(5));
  oneIkeSa(hub, branch);
});

test("the hub deletes a Child SA while we rekey the IKE SA: answered as usual, with our half", () => {
  const world = new World({ seed: 26 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.rekeyIke();
  hub.deleteChild();
  hands.toBranch();
  hands.toHub(1);
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["D"]);
  world.settle(minutes(5));
  expect(branch.dataplane.faults).toEqual([]);
  if (branch.isUp) assertOneTunnel(branch, hub);
});

test("the hub deletes the IKE SA while we rekey it: answered, and our rekey is forgotten", () => {
  const world = new World({ seed: 27 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.rekeyIke();
  hub.deleteIke();
  hands.toBranch();
  // INFORMATIONAL {} -->
  hands.toHub(1);
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["!D"]);
  world.settle(minutes(5));
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.peer-deleted"]);
  expect(branch.dataplane.sas).toEqual([]);
  expect(hub.sas.size).toBe(0);
});

test("asked to rekey the IKE SA that we are deleting, we answer TEMPORARY_FAILURE", () => {
  const world = new World({ seed: 28 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // D() --> held back
  branch.terminate();
  hub.rekeyIke();
  hands.toBranch();
  hands.toHub(1);
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle(minutes(5));
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.terminated"]);
  expect(hub.sas.size).toBe(0);
});

test("both delete the IKE SA at once: both are answered, and it is gone once", () => {
  const ways = inEveryOrder(
    29,
    (hub, branch) => {
      branch.terminate();
      hub.deleteIke();
    },
    (hub, branch) => {
      expect(branch.downs.length).toBe(1);
      expect(branch.dataplane.sas).toEqual([]);
      expect(hub.sas.size).toBe(0);
    },
    { losses: 1, steps: 4 },
  );
  expect(ways).toBeGreaterThan(4);
});

const acts = {
  "we rekey the child": (_: VirtualHub, branch: Branch) => branch.rekeyChild(),
  "we rekey the IKE SA": (_: VirtualHub, branch: Branch) => branch.rekeyIke(),
  "we check liveness": (_: VirtualHub, branch: Branch) => branch.checkLiveness(),
} as const;
const hubActs = {
  "the hub rekeys the child": (hub: VirtualHub) => hub.rekeyChild(),
  "the hub rekeys the IKE SA": (hub: VirtualHub) => hub.rekeyIke(),
  "the hub checks liveness": (hub: VirtualHub) => hub.checkLiveness(),
} as const;

for (const [ours, act] of Object.entries(acts)) {
  for (const [theirs, hubAct] of Object.entries(hubActs)) {
    test(`${ours} while ${theirs}: in every order, with one loss, one tunnel is left`, () => {
      inEveryOrder(
        40,
        (hub, branch) => {
          act(hub, branch);
          hubAct(hub);
        },
        oneIkeSa,
        { losses: 1, steps: 5 },
      );
    });
  }
}

test("everything at once, from both ends, in every order: one tunnel is left", () => {
  const ways = inEveryOrder(
    50,
    (hub, branch) => {
      branch.rekeyChild();
      branch.rekeyIke();
      branch.checkLiveness();
      hub.rekeyIke();
      hub.rekeyChild();
      hub.checkLiveness();
    },
    oneIkeSa,
    { losses: 0, steps: 7 },
  );
  expect(ways).toBeGreaterThan(4);
});
