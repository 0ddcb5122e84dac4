/** IKE_SA_INIT message by message: cookies, groups, forged answers, retransmission. RFC 7296 §1.2, §2.6, §2.7, §2.21.1 */
import { expect, test } from "vitest";
import { concatBytes, equalBytes, toHex } from "#lib/bytes.ts";
import { milliseconds, minutes, seconds } from "#lib/duration.ts";
import { assertFailedOnce, assertOneTunnel, messagesFromBranch } from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { connection, gcmProposal } from "#test/support/connection.ts";
import { forgedInitAnswer, forgedRefusal, inject } from "#test/support/stranger.ts";
import { ALGORITHM, acceptAll } from "#test/support/virtual-hub/suite.ts";
import {
  EXCHANGE,
  FLAG,
  find,
  ke,
  NOTIFY,
  nonce,
  notify,
  PAYLOAD,
  readHeader,
  readKe,
  readPayloads,
  sa,
  writeClear,
} from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const { X25519, ECP_256, ECP_384, MODP_2048 } = ALGORITHM;
const twoGroups = { proposals: [gcmProposal([X25519, ECP_256])] };
const wantsEcp256 = { acceptable: { ...acceptAll, groups: [ECP_256] } };

function payloadsOf(bytes: Uint8Array) {
  return readPayloads(bytes[16] ?? 0, bytes.subarray(28));
}

test("a first exchange brings IKE and Child SA up with the same keys at both ends", () => {
  const world = new World({ seed: 1 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);

  // IKE_SA_INIT { SA, KE, Ni, N(NAT_DETECTION…) } -->
  branch.connect(connection(), hub.address);
  hands.toHub();
  // <-- { SA, KE, Nr, N(NAT_DETECTION…) }
  hands.toBranch();
  // IKE_AUTH { IDi, AUTH, CP, SA, TSi, TSr } -->
  expect(branch.isUp).toBe(false);
  hands.toHub();
  // <-- { IDr, AUTH, CP, SA, TSi, TSr }
  hands.toBranch();

  expect(hands.underWay()).toEqual([0, 0]);
  assertOneTunnel(branch, hub);
});

test("every suite that both ends have gives the same keys at both ends", () => {
  for (const group of [X25519, ECP_256, ECP_384, MODP_2048]) {
    for (const prf of [ALGORITHM.PRF_SHA256, ALGORITHM.PRF_SHA384]) {
      const world = new World({ seed: 2 });
      const { hub, branch } = world.connected({
        connection: { proposals: [{ ...gcmProposal([group]), prf: [prf] }] },
      });
      expect(hub.sa.suite).toMatchObject({ group, prf });
      assertOneTunnel(branch, hub);
      world.close();
    }
  }
});

test("a cookie is sent back in front of the otherwise identical request", () => {
  const world = new World({ seed: 3 });
  const hub = world.hub("hub1", { cookies: true });
  const branch = world.branch();
  const hands = byHand(world, hub, branch);

  // IKE_SA_INIT { SA, KE, Ni } -->
  branch.connect(connection(), hub.address);
  const first = hands.toHub().bytes;
  // <-- { N(COOKIE) }
  const cookie = payloadsOf(hands.toBranch().bytes)[0];
  // IKE_SA_INIT { N(COOKIE), SA, KE, Ni } -->
  const second = hands.toHub().bytes;
  expect(toHex(payloadsOf(second)[0]?.body ?? first)).toBe(toHex(cookie?.body ?? second));
  const [before, after] = [payloadsOf(first), payloadsOf(second).slice(1)];
  expect(after.map(({ body }) => toHex(body))).toEqual(before.map(({ body }) => toHex(body)));
  expect(readHeader(second)).toMatchObject({
    messageId: 0,
    spiResponder: 0n,
    spiInitiator: readHeader(first)?.spiInitiator,
  });

  world.settle(seconds(5));
  assertOneTunnel(branch, hub);
});

test("INVALID_KE_PAYLOAD is answered with the wanted group and the same offer", () => {
  const world = new World({ seed: 4 });
  const hub = world.hub("hub1", wantsEcp256);
  const branch = world.branch();
  const hands = byHand(world, hub, branch);

  // IKE_SA_INIT { SA, KE(x25519), Ni } -->
  branch.connect(connection(twoGroups), hub.address);
  const first = payloadsOf(hands.toHub().bytes);
  // <-- { N(INVALID_KE_PAYLOAD, 19) }
  hands.toBranch();
  // IKE_SA_INIT { SA, KE(ecp256), Ni } -->
  const second = payloadsOf(hands.toHub().bytes);
  expect(readKe(find(second, PAYLOAD.KE)?.body ?? new Uint8Array(4)).method).toBe(ECP_256);
  expect(find(second, PAYLOAD.SA)?.body).toEqual(find(first, PAYLOAD.SA)?.body);

  world.settle(seconds(5));
  expect(hub.sa.suite.group).toBe(ECP_256);
  assertOneTunnel(branch, hub);
});

test("a cookie is kept when the hub wants another group after it", () => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected({
    hub: { ...wantsEcp256, cookies: true },
    connection: twoGroups,
  });
  const requests = messagesFromBranch(hub, "IKE_SA_INIT", "request");
  expect(requests.map(({ summary }) => summary.includes("N(COOKIE)"))).toEqual([false, true, true]);
  expect(hub.counters.cookiesAsked).toBe(1);
  assertOneTunnel(branch, hub);
});

test("IKE_SA_INIT is retransmitted with identical bytes, more and more slowly", () => {
  const world = new World({ seed: 6 });
  const hub = world.hub();
  const branch = world.branch();
  const sent: { at: number; bytes: Uint8Array }[] = [];
  world.link.tap(({ bytes }) => sent.push({ at: world.clock.now, bytes }));
  world.link.cut(hub.address);
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.down !== undefined, { within: minutes(2) });

  expect(sent.length).toBe(6);
  expect(sent.every(({ bytes }) => equalBytes(bytes, sent[0]?.bytes ?? new Uint8Array()))).toBe(
    true,
  );
  const waits = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
  expect(waits.every((wait, index) => index === 0 || wait > (waits[index - 1] ?? 0) * 1.2)).toBe(
    true,
  );
  assertFailedOnce(branch, "ike.timeout");
  expect(branch.down?.isTransient).toBe(true);
});

test("the hub's stored answer to a retransmitted IKE_SA_INIT brings the session up", () => {
  const world = new World({ seed: 7 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  // IKE_SA_INIT -->
  branch.connect(connection(), hub.address);
  hands.toHub();
  // <-- lost
  hands.loseToBranch();
  world.settle(seconds(5));
  expect(hub.counters).toMatchObject({ answeredAgain: 1, halfOpened: 1 });
  assertOneTunnel(branch, hub);
});

test.each([
  ["NO_PROPOSAL_CHOSEN", NOTIFY.NO_PROPOSAL_CHOSEN, undefined],
  ["INVALID_KE_PAYLOAD for a group never offered", NOTIFY.INVALID_KE_PAYLOAD, Uint8Array.of(0, 2)],
  ["INVALID_SYNTAX", NOTIFY.INVALID_SYNTAX, undefined],
  ["AUTHENTICATION_FAILED", NOTIFY.AUTHENTICATION_FAILED, undefined],
  ["INVALID_MAJOR_VERSION", NOTIFY.INVALID_MAJOR_VERSION, undefined],
  ["an unknown error", 8_200, undefined],
] as const)(
  "a stranger's %s does not keep the real answer from bringing the session up",
  (_, type, data) => {
    const world = new World({ seed: 8 });
    const hub = world.hub();
    const branch = world.branch();
    const hands = byHand(world, hub, branch);
    branch.connect(connection(), hub.address);
    const request = hands.toHub();
    // stranger: <-- { N(error) }, three times
    for (let count = 0; count < 3; count++) inject(branch, forgedRefusal(request, type, data));
    world.settle(seconds(10));
    assertOneTunnel(branch, hub);
  },
);

test("a stranger's INVALID_KE_PAYLOAD for a group on offer does not keep the session from coming up", () => {
  const world = new World({ seed: 9 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(twoGroups), hub.address);
  const request = hands.toHub();
  inject(branch, forgedRefusal(request, NOTIFY.INVALID_KE_PAYLOAD, Uint8Array.of(0, ECP_256)));
  world.settle(seconds(20));
  assertOneTunnel(branch, hub);
});

test("a stranger's cookie does not keep the session from coming up", () => {
  const world = new World({ seed: 10 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  const request = hands.toHub();
  inject(branch, forgedRefusal(request, NOTIFY.COOKIE, new Uint8Array(20)));
  world.settle(seconds(20));
  assertOneTunnel(branch, hub);
});

test("a stranger's complete answer, sent first, does not win over the hub that can authenticate itself", () => {
  const world = new World({ seed: 11 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  // IKE_SA_INIT -->
  branch.connect(connection(), hub.address);
  const request = hands.toHub();
  const real = hands.loseToBranch();
  // stranger: <-- { SA, KE, Nr } with a key of its own
  const answer = payloadsOf(real.bytes);
  const forged = [
    sa([{ ...readFirstProposal(answer), spi: new Uint8Array() }]),
    ke(X25519, world.random.bytes(32)),
    nonce(world.random.bytes(32)),
  ];
  inject(branch, forgedInitAnswer(request, forged, 0x1234n));
  // <-- { SA, KE, Nr } of the hub
  inject(branch, real);
  world.settle(minutes(1));
  assertOneTunnel(branch, hub);
});

function readFirstProposal(payloads: ReturnType<typeof payloadsOf>) {
  const body = find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array();
  const transforms = [
    { type: 1, id: ALGORITHM.AES_GCM_16, keyLength: 256 },
    { type: 2, id: ALGORITHM.PRF_SHA256 },
    { type: 4, id: X25519 },
  ];
  return { number: body[4] ?? 1, protocol: 1, transforms };
}

test("endless forged retries cost a bounded number of requests", () => {
  const world = new World({ seed: 12 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(twoGroups), hub.address);
  const request = hands.toHub();
  for (let count = 0; count < 1_000; count++) {
    const isCookie = count % 2 === 0;
    const data = isCookie
      ? world.random.bytes(16)
      : Uint8Array.of(0, count % 4 === 1 ? ECP_256 : X25519);
    const type = isCookie ? NOTIFY.COOKIE : NOTIFY.INVALID_KE_PAYLOAD;
    inject(branch, forgedRefusal(request, type, data));
  }
  expect(branch.datagramsSent).toBeLessThan(20);
});

test("a thousand forged complete answers cost bounded work and leave one session", () => {
  const world = new World({ seed: 13 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  const request = hands.toHub();
  const real = hands.loseToBranch();
  const proposal = { ...readFirstProposal(payloadsOf(real.bytes)), spi: new Uint8Array() };
  for (let count = 0; count < 1_000; count++) {
    const forged = [
      sa([proposal]),
      ke(X25519, world.random.bytes(32)),
      nonce(world.random.bytes(32)),
    ];
    inject(branch, forgedInitAnswer(request, forged, BigInt(count + 1)));
  }
  expect(branch.datagramsSent).toBeLessThan(20);
  expect(branch.dataplane.sas).toEqual([]);
});

test("no proposal in common ends the attempt with one event that names it", () => {
  const world = new World({ seed: 14 });
  const hub = world.hub("hub1", { acceptable: { ...acceptAll, groups: [ECP_384] } });
  const branch = world.branch();
  // IKE_SA_INIT -->
  branch.connect(connection(), hub.address);
  // <-- { N(NO_PROPOSAL_CHOSEN) }
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.proposal.no-match");
});

test("a hub that wants a group we do not offer ends the attempt with one event that names it", () => {
  const world = new World({ seed: 15 });
  const hub = world.hub();
  const data = Uint8Array.of(0, ECP_384);
  hub.impair({
    kind: "refuse",
    exchange: EXCHANGE.IKE_SA_INIT,
    notify: NOTIFY.INVALID_KE_PAYLOAD,
    data,
  });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.key-exchange.no-match");
});

test.each(["cipher", "number", "two-proposals"] as const)(
  "an answer with a proposal that was not offered (%s) is never used",
  (how) => {
    const world = new World({ seed: 16 });
    const hub = world.hub();
    hub.impair({ kind: "proposal-not-offered", exchange: EXCHANGE.IKE_SA_INIT, how });
    const branch = world.branch();
    branch.connect(connection(), hub.address);
    world.runUntil(() => branch.down !== undefined);
    expect(messagesFromBranch(hub, "IKE_AUTH", "request")).toEqual([]);
    expect(branch.downs.length).toBe(1);
    expect(branch.dataplane.sas).toEqual([]);
  },
);

test.each([
  ["SA", PAYLOAD.SA],
  ["KE", PAYLOAD.KE],
  ["Nonce", PAYLOAD.Nonce],
] as const)("an answer without %s is not an answer", (_, payload) => {
  const world = new World({ seed: 17 });
  const hub = world.hub();
  hub.impair({ kind: "omit", match: { exchange: EXCHANGE.IKE_SA_INIT }, payload });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runFor(seconds(1));
  expect(messagesFromBranch(hub, "IKE_AUTH", "request")).toEqual([]);
  expect(branch.isUp).toBe(false);
});

test("payloads in an unusual order and unknown notifies and payloads in the answer change nothing", () => {
  const world = new World({ seed: 18 });
  const hub = world.hub();
  const match = { exchange: EXCHANGE.IKE_SA_INIT };
  hub.impair({ kind: "extra-notify", match, notify: 40_999 });
  hub.impair({ kind: "unknown-payload", match, isCritical: false });
  hub.impair({ kind: "reverse-payloads" });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.isUp);
  assertOneTunnel(branch, hub);
});

test("late and repeated answers to IKE_SA_INIT after the session is up cost one liveness check at most", () => {
  const world = new World({ seed: 19 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  const answer = hands.toBranch();
  world.settle(seconds(2));
  const sent = branch.datagramsSent;
  for (let count = 0; count < 10; count++) inject(branch, answer);
  expect(branch.datagramsSent - sent).toBeLessThanOrEqual(1);
  world.runFor(seconds(5));
  assertOneTunnel(branch, hub);
});

test("a request for IKE_SA_INIT that comes to the branch is not answered", () => {
  const world = new World({ seed: 20 });
  const { hub, branch } = world.connected();
  const header = {
    spiInitiator: 5n,
    spiResponder: 0n,
    exchange: EXCHANGE.IKE_SA_INIT,
    flags: FLAG.initiator,
    messageId: 0,
  };
  const bytes = writeClear(header, [nonce(new Uint8Array(32)), notify(NOTIFY.COOKIE)]);
  const sent = branch.datagramsSent;
  inject(branch, {
    protocol: "udp",
    from: { address: hub.address, port: 500 },
    to: { address: branch.address, port: 500 },
    bytes: concatBytes(bytes),
  });
  expect(branch.datagramsSent).toBe(sent);
  assertOneTunnel(branch, hub);
});

test("a hub that answers only the third request gets all its chances", () => {
  const world = new World({ seed: 21 });
  const hub = world.hub();
  hub.impair({ kind: "answer-late", retransmissions: 2 });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.isUp, { within: seconds(20) });
  assertOneTunnel(branch, hub);
  expect(world.clock.now).toBeGreaterThan(milliseconds(1_000));
});
