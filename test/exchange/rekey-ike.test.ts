/** IKE SA rekeys by either side, step by step. RFC 7296 §1.3.2, §2.8, §2.18 */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import {
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
  messagesFromBranch,
} from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { gcmProposal } from "#test/support/connection.ts";
import { ALGORITHM, acceptAll } from "#test/support/virtual-hub/suite.ts";
import {
  EXCHANGE,
  find,
  NOTIFY,
  PAYLOAD,
  readDelete,
  readKe,
  readSa,
} from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const { X25519, ECP_256 } = ALGORITHM;

test("a rekey of ours makes a new IKE SA, moves the Child SA, then deletes the old one last", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const [oldSa, child] = [hub.sa, hub.child];
  const journal = branch.dataplane.journal.length;

  // CREATE_CHILD_SA { SA, Ni, KE } -->
  branch.rekeyIke();
  hands.toHub();
  const request = lastFromBranch(hub, "CREATE_CHILD_SA", "request");
  assertPayloads(request, ["SA", "Nonce", "KE", "!TSi", "!TSr", "!N(REKEY_SA)"]);
  const proposal = readSa(find(request.payloads, PAYLOAD.SA)?.body ?? new Uint8Array())[0];
  expect(proposal).toMatchObject({ protocol: 1 });
  expect(proposal?.spi.length).toBe(8);
  // <-- { SA, Nr, KE }
  hands.toBranch();
  // INFORMATIONAL { D } --> on the old SA
  hands.toHub();
  const removal = lastFromBranch(hub, "INFORMATIONAL", "request");
  expect(removal.header.spiInitiator).toBe(oldSa.spiInitiator);
  expect(readDelete(find(removal.payloads, PAYLOAD.D)?.body ?? new Uint8Array(4))).toEqual({
    protocol: 1,
    spis: [],
  });
  // <-- {}
  hands.toBranch();
  expect(hands.underWay()).toEqual([0, 0]);

  expect(hub.sa).not.toBe(oldSa);
  expect(hub.child).toBe(child);
  expect(hub.child.owner).toBe(hub.sa);
  expect(branch.dataplane.journal.length, "the data plane does not notice").toBe(journal);
  world.settle(seconds(10));
  assertOneTunnel(branch, hub);
});

test("after our rekey message IDs begin at 0 in both directions", () => {
  const world = new World({ seed: 2 });
  const { hub, branch } = world.connected();
  branch.rekeyIke();
  world.runFor(seconds(10));
  expect([hub.sa.nextPeerRequest, hub.sa.nextOwnRequest]).toEqual([0, 0]);
  branch.checkLiveness();
  hub.checkLiveness();
  world.runFor(seconds(10));
  expect([hub.sa.nextPeerRequest, hub.sa.nextOwnRequest]).toEqual([1, 1]);
  assertOneTunnel(branch, hub);
});

test("after the hub's rekey the hub is the initiator: flags, keys and message IDs follow", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const oldSa = hub.sa;
  // <-- CREATE_CHILD_SA { SA, Ni, KE }
  hub.rekeyIke();
  hands.toBranch();
  // CREATE_CHILD_SA { SA, Nr, KE } -->
  hands.toHub();
  assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), ["SA", "Nonce", "KE"]);
  // <-- INFORMATIONAL { D } on the old SA
  hands.toBranch();
  // INFORMATIONAL {} -->
  hands.toHub();
  expect([...hub.sas]).not.toContain(oldSa);
  expect(hub.sa.isInitiator).toBe(true);
  // INFORMATIONAL {} --> on the new SA, without the I flag
  branch.checkLiveness();
  hands.toHub();
  const { header } = lastFromBranch(hub, "INFORMATIONAL", "request");
  expect(header).toMatchObject({ messageId: 0, flags: 0, spiInitiator: hub.sa.spiInitiator });
  world.settle(seconds(10));
  assertOneTunnel(branch, hub);
});

test("Child SAs made after IKE rekeys of both sides have the same keys at both ends", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  for (let round = 0; round < 3; round++) {
    branch.rekeyIke();
    world.runFor(minutes(2));
    branch.rekeyChild();
    world.runFor(minutes(2));
    assertOneTunnel(branch, hub);
    hub.rekeyIke();
    world.runFor(minutes(2));
    hub.rekeyChild();
    world.runFor(minutes(2));
    assertOneTunnel(branch, hub);
    branch.rekeyChild();
    world.runFor(minutes(2));
    assertOneTunnel(branch, hub);
  }
});

test("a rekey uses the preferred PRF of the new SA and the old one's for its seed", () => {
  const world = new World({ seed: 5 });
  const { PRF_SHA384 } = ALGORITHM;
  const { hub, branch } = world.connected({
    connection: { proposals: [{ ...gcmProposal(), prf: [PRF_SHA384] }] },
  });
  branch.rekeyIke();
  world.runFor(minutes(1));
  hub.rekeyIke();
  world.runFor(minutes(1));
  hub.rekeyChild();
  world.runFor(minutes(1));
  expect(hub.sa.suite.prf).toBe(PRF_SHA384);
  assertOneTunnel(branch, hub);
});

test.each([
  ["our request", "branch", "request"],
  ["the hub's answer", "branch", "answer"],
  ["the hub's request", "hub", "request"],
  ["our answer", "hub", "answer"],
] as const)("%s of an IKE rekey is lost once", (_, side, what) => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  if (side === "branch") {
    branch.rekeyIke();
    if (what === "request") hands.loseToHub();
    else {
      hands.toHub();
      hands.loseToBranch();
    }
  } else {
    hub.rekeyIke();
    if (what === "request") hands.loseToBranch();
    else {
      hands.toBranch();
      hands.loseToHub();
    }
  }
  world.settle();
  assertOneTunnel(branch, hub);
});

test.each([
  ["our Delete", "branch", "request"],
  ["its answer", "branch", "answer"],
  ["the hub's Delete", "hub", "request"],
  ["our answer to it", "hub", "answer"],
] as const)("%s of the old IKE SA is lost once", (_, side, what) => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  if (side === "branch") {
    branch.rekeyIke();
    hands.toHub();
    hands.toBranch();
    if (what === "request") hands.loseToHub();
    else {
      hands.toHub();
      hands.loseToBranch();
    }
  } else {
    hub.rekeyIke();
    hands.toBranch();
    hands.toHub();
    if (what === "request") hands.loseToBranch();
    else {
      hands.toBranch();
      hands.loseToHub();
    }
  }
  world.settle();
  assertOneTunnel(branch, hub);
  expect(hub.sas.size).toBe(1);
});

test("INVALID_KE_PAYLOAD in an IKE rekey is answered with the wanted group", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected({
    connection: { proposals: [gcmProposal([X25519, ECP_256])] },
  });
  const data = Uint8Array.of(0, ECP_256);
  const notify = NOTIFY.INVALID_KE_PAYLOAD;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify, data, times: 1 });
  branch.rekeyIke();
  world.runFor(minutes(1));
  const groups = messagesFromBranch(hub, "CREATE_CHILD_SA", "request").map(
    ({ payloads }) => readKe(find(payloads, PAYLOAD.KE)?.body ?? new Uint8Array(4)).method,
  );
  expect(groups[1]).toBe(ECP_256);
  expect(branch.isUp).toBe(true);
});

test("a hub that prefers another group for its own rekey is served or told which one to take", () => {
  const world = new World({ seed: 9 });
  const { hub, branch } = world.connected({
    hub: { acceptable: { ...acceptAll, groups: [X25519] } },
    connection: { proposals: [gcmProposal([X25519, ECP_256])] },
  });
  hub.rekeyIke();
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("TEMPORARY_FAILURE to an IKE rekey is tried again, but not at once", () => {
  const world = new World({ seed: 10 });
  const { hub, branch } = world.connected();
  const oldSa = hub.sa;
  const notify = NOTIFY.TEMPORARY_FAILURE;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify, times: 2 });
  branch.rekeyIke();
  world.runFor(minutes(3));
  const requests = messagesFromBranch(hub, "CREATE_CHILD_SA", "request");
  expect(requests.length).toBe(3);
  expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(hub.sa).not.toBe(oldSa);
  assertOneTunnel(branch, hub);
});

test("a hub that refuses IKE rekeys for ever costs the session only at the end of its lifetime", () => {
  const world = new World({ seed: 11 });
  const { hub, branch } = world.connected({ connection: { lifetime: minutes(60) } });
  const notify = NOTIFY.NO_PROPOSAL_CHOSEN;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  world.runFor(minutes(45));
  expect(branch.isUp).toBe(true);
  world.runUntil(() => branch.down !== undefined, { within: minutes(16) });
  expect(branch.down?.isTransient).toBe(true);
});

test("the IKE lifetime makes the branch rekey by itself, again and again", () => {
  const world = new World({ seed: 12 });
  const { hub, branch } = world.connected({ connection: { lifetime: minutes(10) } });
  world.runFor(minutes(100));
  const rekeys = messagesFromBranch(hub, "CREATE_CHILD_SA", "request").length;
  expect(rekeys).toBeGreaterThanOrEqual(10);
  expect(rekeys).toBeLessThanOrEqual(14);
  assertOneTunnel(branch, hub);
});

test("a Child rekey asked for during our IKE rekey follows on the new SA", () => {
  const world = new World({ seed: 13 });
  const { hub, branch } = world.connected();
  const old = hub.child;
  branch.rekeyIke();
  branch.rekeyChild();
  world.runFor(minutes(2));
  expect(hub.child).not.toBe(old);
  assertOneTunnel(branch, hub);
});
