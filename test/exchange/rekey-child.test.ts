/** Child SA rekeys by either side, step by step. RFC 7296 §1.3.1, §1.3.3, §2.8 */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import {
  assertAgreement,
  assertNotify,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
  messagesFromBranch,
} from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { defaultChild, gcmEsp } from "#test/support/connection.ts";
import { ALGORITHM, acceptAll } from "#test/support/virtual-hub/suite.ts";
import {
  EXCHANGE,
  find,
  NOTIFY,
  notifies,
  PAYLOAD,
  readDelete,
  readKe,
} from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const { X25519, ECP_256 } = ALGORITHM;
const pfs = (...keyExchange: number[]) => ({
  child: { ...defaultChild, proposals: [{ ...gcmEsp, keyExchange }] },
});

test("a rekey of ours makes the new Child SA before it deletes the old one", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;

  // CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, TSi, TSr } -->
  branch.rekeyChild();
  hands.toHub();
  const request = lastFromBranch(hub, "CREATE_CHILD_SA", "request");
  assertPayloads(request, ["N(REKEY_SA)", "SA", "Nonce", "TSi", "TSr", "!KE"]);
  const rekeyed = notifies(request.payloads).find(({ type }) => type === NOTIFY.REKEY_SA);
  expect(rekeyed?.protocol).toBe(3);
  expect(Buffer.from(rekeyed?.spi ?? []).readUInt32BE()).toBe(old.spiOut);
  // <-- { SA, Nr, TSi, TSr }
  hands.toBranch();
  const fresh = hub.children.find((child) => child !== old);
  expect(branch.dataplane.outbound?.spi).toBe(fresh?.spiIn);
  expect(branch.dataplane.sas.some(({ spi }) => spi === old.spiOut)).toBe(true);
  // INFORMATIONAL { D(old inbound SPI) } -->
  hands.toHub();
  const removal = find(lastFromBranch(hub, "INFORMATIONAL", "request").payloads, PAYLOAD.D);
  expect(readDelete(removal?.body ?? new Uint8Array(4))).toEqual({
    protocol: 3,
    spis: [old.spiOut],
  });
  // <-- { D }
  hands.toBranch();
  world.settle(seconds(60));
  expect(branch.dataplane.journal.map(({ direction, change }) => `${direction} ${change}`)).toEqual(
    ["in installed", "out installed", "in installed", "out installed", "out removed", "in removed"],
  );
  assertOneTunnel(branch, hub);
});

test("a rekey of the hub installs inbound before it answers and switches outbound by the Delete at the latest", () => {
  const world = new World({ seed: 2 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;
  const journal = branch.dataplane.journal.length;

  // <-- CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, TSi, TSr }
  hub.rekeyChild();
  hands.toBranch();
  expect(branch.dataplane.journal[journal]).toMatchObject({ direction: "in", change: "installed" });
  // CREATE_CHILD_SA { SA, Nr, TSi, TSr } -->
  hands.toHub();
  const fresh = hub.children.find((child) => child !== old);
  assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), ["SA", "Nonce", "TSi", "TSr"]);
  // <-- INFORMATIONAL { D(old) }
  hands.toBranch();
  expect(branch.dataplane.outbound?.spi).toBe(fresh?.spiIn);
  // INFORMATIONAL { D(old inbound SPI of ours) } -->
  hands.toHub();
  const answer = find(lastFromBranch(hub, "INFORMATIONAL", "response").payloads, PAYLOAD.D);
  expect(readDelete(answer?.body ?? new Uint8Array(4))).toEqual({
    protocol: 3,
    spis: [old.spiOut],
  });
  world.settle(seconds(60));
  assertOneTunnel(branch, hub);
});

test("after the hub's rekey the branch sends on the old SA until the hub has shown the new one", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  const old = hub.child;
  hub.rekeyChild();
  hands.toBranch();
  // the answer is still under way: the hub can't receive on the new SA yet
  expect(branch.dataplane.outbound?.spi).toBe(old.spiIn);
  world.settle(seconds(60));
  assertOneTunnel(branch, hub);
});

test.each([
  ["ours", 0],
  ["the hub's", 1],
])("the request of a rekey (%s) is lost once", (_, side) => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  if (side === 0) branch.rekeyChild();
  else hub.rekeyChild();
  if (side === 0) hands.loseToHub();
  else hands.loseToBranch();
  world.settle();
  assertOneTunnel(branch, hub);
});

test.each([
  ["ours", 0],
  ["the hub's", 1],
])("the answer of a rekey (%s) is lost once, and no second Child SA comes of it", (_, side) => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  if (side === 0) {
    branch.rekeyChild();
    hands.toHub();
    hands.loseToBranch();
  } else {
    hub.rekeyChild();
    hands.toBranch();
    hands.loseToHub();
  }
  world.settle();
  assertOneTunnel(branch, hub);
});

test("with PFS a rekey of either side carries a key exchange of its own", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected({
    hub: { childRekeyGroup: X25519 },
    connection: pfs(X25519),
  });
  branch.rekeyChild();
  world.runFor(minutes(1));
  assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "request"), ["KE"]);
  assertOneTunnel(branch, hub);
  hub.rekeyChild();
  world.runFor(minutes(1));
  assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), ["KE"]);
  assertOneTunnel(branch, hub);
});

test("INVALID_KE_PAYLOAD in a rekey is answered with the wanted group in a new exchange", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected({
    hub: { acceptable: { ...acceptAll, childGroups: [ECP_256] } },
    connection: pfs(X25519, ECP_256),
  });
  // CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, KE(x25519), TSi, TSr } -->
  // <-- { N(INVALID_KE_PAYLOAD, 19) }
  // CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, KE(ecp256), TSi, TSr } -->
  branch.rekeyChild();
  world.runFor(minutes(1));
  const requests = messagesFromBranch(hub, "CREATE_CHILD_SA", "request");
  const groups = requests.map(
    ({ payloads }) => readKe(find(payloads, PAYLOAD.KE)?.body ?? new Uint8Array(4)).method,
  );
  expect(groups).toEqual([X25519, ECP_256]);
  expect(requests.map(({ header }) => header.messageId)).toEqual([2, 3]);
  assertOneTunnel(branch, hub);
});

test("a hub that rekeys with a group we do not want is told which one we want", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected({
    hub: { childRekeyGroup: ECP_256 },
    connection: pfs(X25519),
  });
  hub.rekeyChild();
  world.runFor(minutes(1));
  const answers = messagesFromBranch(hub, "CREATE_CHILD_SA", "response");
  expect(["N(INVALID_KE_PAYLOAD)", "N(NO_PROPOSAL_CHOSEN)"]).toContain(answers[0]?.summary);
  assertAgreement(branch, hub);
  expect(branch.isUp).toBe(true);
});

test("NO_PROPOSAL_CHOSEN to a rekey keeps the old Child SA in use", () => {
  const world = new World({ seed: 9 });
  const { hub, branch } = world.connected();
  const notify = NOTIFY.NO_PROPOSAL_CHOSEN;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify, times: 1 });
  branch.rekeyChild();
  world.runFor(seconds(5));
  assertOneTunnel(branch, hub);
});

test("TEMPORARY_FAILURE to a rekey is tried again, but not at once", () => {
  const world = new World({ seed: 10 });
  const { hub, branch } = world.connected();
  const old = hub.child;
  const notify = NOTIFY.TEMPORARY_FAILURE;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify, times: 3 });
  branch.rekeyChild();
  world.runFor(minutes(3));
  const requests = messagesFromBranch(hub, "CREATE_CHILD_SA", "request");
  expect(requests.length).toBe(4);
  const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(hub.child).not.toBe(old);
  assertOneTunnel(branch, hub);
});

test("TEMPORARY_FAILURE for several minutes closes the IKE SA", () => {
  const world = new World({ seed: 11 });
  const { hub, branch } = world.connected();
  const notify = NOTIFY.TEMPORARY_FAILURE;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  branch.rekeyChild();
  world.runUntil(() => branch.down !== undefined, { within: minutes(15) });
  expect(branch.down?.isTransient).toBe(true);
  expect(world.clock.now).toBeGreaterThan(minutes(1));
});

test("CHILD_SA_NOT_FOUND to a rekey drops the Child SA and makes a fresh one", () => {
  const world = new World({ seed: 12 });
  const { hub, branch } = world.connected();
  const old = hub.child;
  const hands = byHand(world, hub, branch);
  // the hub has lost the Child SA without a word
  old.owner.children.delete(old);
  old.state = "gone";
  // CREATE_CHILD_SA { N(REKEY_SA), … } -->
  branch.rekeyChild();
  hands.toHub();
  // <-- { N(CHILD_SA_NOT_FOUND) }
  hands.toBranch();
  // CREATE_CHILD_SA { SA, Ni, TSi, TSr } -->
  hands.toHub();
  assertPayloads(lastFromBranch(hub, "CREATE_CHILD_SA", "request"), ["SA", "!N(REKEY_SA)"]);
  world.settle();
  assertOneTunnel(branch, hub);
});

test("NO_ADDITIONAL_SAS to a rekey starts the session anew", () => {
  const world = new World({ seed: 13 });
  const { hub, branch } = world.connected();
  const notify = NOTIFY.NO_ADDITIONAL_SAS;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  branch.rekeyChild();
  world.runUntil(() => branch.down !== undefined, { within: minutes(5) });
  expect(branch.down?.isTransient).toBe(true);
});

test("the hub's rekey of a Child SA that does not exist gets CHILD_SA_NOT_FOUND with its SPI", () => {
  const world = new World({ seed: 14 });
  const { hub, branch } = world.connected();
  const ghost = { ...hub.child, spiIn: 0x0bad_5b15 };
  hub.rekeyChild(ghost);
  world.runFor(seconds(1));
  const answer = messagesFromBranch(hub, "CREATE_CHILD_SA", "response")[0];
  const found = notifies(answer?.payloads ?? [])[0];
  expect(found).toMatchObject({ type: NOTIFY.CHILD_SA_NOT_FOUND, protocol: 3 });
  expect(Buffer.from(found?.spi ?? []).readUInt32BE()).toBe(0x0bad_5b15);
  world.runFor(minutes(3));
  assertAgreement(branch, hub);
});

test("a new Child SA that the hub asks for beside the first is answered in good form", () => {
  const world = new World({ seed: 15 });
  const { hub, branch } = world.connected();
  hub.createChild();
  world.runFor(minutes(3));
  const answer = lastFromBranch(hub, "CREATE_CHILD_SA", "response").summary;
  expect(["SA", "N(NO_ADDITIONAL_SAS)"].some((one) => answer.includes(one))).toBe(true);
  assertAgreement(branch, hub);
  expect(branch.isUp).toBe(true);
});

test.each(["cipher", "number", "spi-size"] as const)(
  "a rekey answered with a proposal that was not offered (%s) does not replace anything",
  (how) => {
    const world = new World({ seed: 16 });
    const { hub, branch } = world.connected();
    const old = branch.dataplane.sas.map(({ spi }) => spi);
    hub.impair({ kind: "proposal-not-offered", exchange: EXCHANGE.CREATE_CHILD_SA, how, times: 1 });
    branch.rekeyChild();
    world.runFor(seconds(3));
    const installed = branch.dataplane.sas.map(({ spi }) => spi);
    expect(branch.isUp ? installed : []).toEqual(branch.isUp ? old : []);
  },
);

test("packets sent all through rekeys of both sides all arrive", () => {
  const world = new World({ seed: 17, link: { delay: 20 as never } });
  const { hub, branch } = world.connected();
  let sent = 0;
  const pump = () => {
    branch.sendEsp();
    const child = hub.sendingChild;
    if (child) hub.sendEsp(child);
    if (++sent < 3_000) world.clock.after(10, pump);
  };
  pump();
  for (let round = 0; round < 5; round++) {
    branch.rekeyChild();
    world.runFor(seconds(3));
    hub.rekeyChild(hub.children.at(-1));
    world.runFor(seconds(3));
  }
  world.runFor(minutes(1));
  expect(branch.espUnsendable).toBe(0);
  expect(hub.counters).toMatchObject({ espReceived: 3_000, espRefused: 0 });
  expect(branch.dataplane).toMatchObject({ espAccepted: 3_000, espRefused: 0 });
  assertOneTunnel(branch, hub);
});

test("TEMPORARY_FAILURE answers name nothing but the failure", () => {
  const world = new World({ seed: 18 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // our IKE rekey is under way -->
  branch.rekeyIke();
  // <-- CREATE_CHILD_SA { N(REKEY_SA), … }
  hub.rekeyChild();
  hands.toBranch();
  hands.toHub(1);
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "TEMPORARY_FAILURE");
  world.settle();
  assertOneTunnel(branch, hub);
});
