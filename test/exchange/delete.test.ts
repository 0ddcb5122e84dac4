/** Deletes from either side, at good and bad moments. RFC 7296 §1.4.1 */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import {
  assertAgreement,
  assertFailedOnce,
  assertNothingSent,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
} from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { connection } from "#test/support/connection.ts";
import { PROTOCOL, remove } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

test("closing from here deletes the IKE SA at the hub and reports once the hub has answered", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // INFORMATIONAL { D(IKE) } -->
  branch.terminate("the operator says so");
  hands.toHub();
  // <-- {}
  hands.toBranch();
  expect(branch.down).toMatchObject({ code: "ike.terminated" });
  expect(branch.down?.message).toContain("the operator says so");
  expect(hub.sas.size).toBe(0);
  expect(branch.dataplane.sas).toEqual([]);
  expect(branch.engine.nextTimeout()).toBeUndefined();
});

test("closing towards a dead hub ends after the retransmissions", () => {
  const world = new World({ seed: 2 });
  const { hub, branch } = world.connected();
  hub.unplug();
  branch.terminate();
  world.runUntil(() => branch.down !== undefined, { within: minutes(2) });
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.terminated"]);
  expect(branch.dataplane.sas).toEqual([]);
});

test("asking twice to close is asking once", () => {
  const world = new World({ seed: 3 });
  const { branch } = world.connected();
  branch.terminate();
  assertNothingSent(branch, () => branch.terminate());
  world.runFor(seconds(5));
  expect(branch.downs.length).toBe(1);
});

test("the hub's Delete of the IKE SA is answered empty, everything is removed, one event says so", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // <-- INFORMATIONAL { D(IKE) }
  hub.deleteIke();
  hands.toBranch();
  // INFORMATIONAL {} -->
  hands.toHub();
  expect(lastFromBranch(hub, "INFORMATIONAL", "response").payloads).toEqual([]);
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.peer-deleted"]);
  expect(branch.dataplane.sas).toEqual([]);
  expect(branch.engine.nextTimeout()).toBeUndefined();
});

test("a hub that deletes right after IKE_AUTH takes the session down cleanly", () => {
  const world = new World({ seed: 5 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  hands.toBranch();
  hands.toHub();
  hub.deleteIke();
  // <-- INFORMATIONAL { D } overtakes the IKE_AUTH answer
  hands.toBranch(1);
  expect(branch.isUp).toBe(false);
  hands.toBranch();
  world.settle(minutes(2));
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.peer-deleted"]);
  expect(branch.dataplane.sas).toEqual([]);
});

test("the hub's Delete of the only Child SA gets our half, and the session recovers or ends", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // <-- INFORMATIONAL { D(ESP) }
  hub.deleteChild();
  hands.toBranch();
  // INFORMATIONAL { D(ESP) } -->
  hands.toHub();
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["D"]);
  world.settle(minutes(5));
  if (branch.isUp) assertOneTunnel(branch, hub);
  else assertFailedOnce(branch, "ike.child.deleted");
});

test("a Delete for SPIs that nobody knows is answered without a Delete", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected();
  // <-- INFORMATIONAL { D(ESP, two unknown SPIs) }
  hub.inform([remove(PROTOCOL.ESP, [0x1111_1111, 0x2222_2222])]);
  world.runFor(seconds(2));
  expect(lastFromBranch(hub, "INFORMATIONAL", "response").payloads).toEqual([]);
  assertOneTunnel(branch, hub);
});

test("our own inbound SPI in the hub's Delete means nothing: it names SPIs that the sender receives with", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected();
  hub.inform([remove(PROTOCOL.ESP, [hub.child.spiOut])]);
  world.runFor(seconds(2));
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "response"), ["!D"]);
  assertOneTunnel(branch, hub);
});

test("an AH Delete is answered empty", () => {
  const world = new World({ seed: 9 });
  const { hub, branch } = world.connected();
  hub.inform([remove(2, [0x3333_3333])]);
  world.runFor(seconds(2));
  expect(lastFromBranch(hub, "INFORMATIONAL", "response").payloads).toEqual([]);
  assertOneTunnel(branch, hub);
});

test("the hub's Delete of an IKE SA whose answer is lost is answered again", () => {
  const world = new World({ seed: 10 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  hub.deleteIke();
  const request = hands.toBranch();
  // INFORMATIONAL {} --> lost
  hands.loseToHub();
  // <-- the same Delete again, to a branch that has forgotten the SA
  branch.receive(request);
  world.settle(minutes(2));
  expect(branch.downs.length).toBe(1);
});

test("after the session is over nothing more comes of it", () => {
  const world = new World({ seed: 11 });
  const { hub, branch } = world.connected();
  hub.deleteIke();
  world.runFor(minutes(2));
  const actions = branch.actions.length;
  world.runFor(minutes(60));
  expect(branch.actions.length).toBe(actions);
});

test("a new session after the old one was deleted is as good as the first", () => {
  const world = new World({ seed: 12 });
  const { hub, branch } = world.connected();
  for (let round = 0; round < 3; round++) {
    hub.deleteIke();
    world.runFor(seconds(30));
    branch.connect(connection(), hub.address);
    world.runUntil(() => branch.isUp);
    world.runFor(seconds(1));
    assertOneTunnel(branch, hub);
  }
  assertAgreement(branch, hub);
});
