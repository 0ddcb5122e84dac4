/** Message IDs, windows, retransmission and replay on an established SA. RFC 7296 §2.1 to §2.3 */
import { expect, test } from "vitest";
import { equalBytes } from "#lib/bytes.ts";
import { minutes, seconds } from "#lib/duration.ts";
import {
  assertNothingSent,
  assertOneTunnel,
  lastFromBranch,
  messagesFromBranch,
} from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { answering, garbageLike, inject } from "#test/support/stranger.ts";
import { EXCHANGE, NOTIFY, notify } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

test("each of the hub's requests is answered once, and again with the same bytes when it comes again", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  // <-- INFORMATIONAL {}
  hub.checkLiveness();
  const request = hands.toBranch();
  // INFORMATIONAL {} -->  lost
  const first = hands.loseToHub();
  // <-- INFORMATIONAL {} again
  branch.receive(request);
  // INFORMATIONAL {} -->
  const second = hands.toHub();
  expect(equalBytes(first.bytes, second.bytes)).toBe(true);
  expect(hub.sa.outstanding).toBeUndefined();
});

test("a request from behind the window is not answered, one from ahead of it neither", () => {
  const world = new World({ seed: 2 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  hub.checkLiveness();
  const old = hands.toBranch();
  hands.toHub();
  hub.checkLiveness();
  hands.toBranch();
  hands.toHub();
  // <-- the first request once more, though the second is answered
  assertNothingSent(branch, () => branch.receive(old));
  hub.impair({
    kind: "wrong-message-id",
    match: { exchange: EXCHANGE.INFORMATIONAL, isResponse: false },
    offset: 5,
    times: 1,
  });
  hub.checkLiveness();
  // <-- INFORMATIONAL {} with a message ID five too high
  assertNothingSent(branch, () => hands.toBranch());
});

test("a hub that numbers a response wrongly is not believed", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  hub.impair({ kind: "wrong-message-id", match: { isResponse: true }, offset: 1, times: 1 });
  // INFORMATIONAL {} -->
  branch.checkLiveness();
  hands.toHub();
  // <-- INFORMATIONAL {} with the next message ID
  assertNothingSent(branch, () => hands.toBranch());
  // the request is still open: it is sent again
  world.runFor(seconds(3));
  expect(hands.underWay()[0]).toBeGreaterThan(0);
});

test("only one request of ours is under way at a time", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  branch.checkLiveness();
  branch.rekeyChild();
  branch.checkLiveness();
  expect(hands.underWay()).toEqual([1, 0]);
  world.settle(seconds(30));
  assertOneTunnel(branch, hub);
});

test("a request is retransmitted with identical bytes until it is answered", () => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected();
  hub.impair({ kind: "answer-late", retransmissions: 3 });
  branch.rekeyChild();
  world.runFor(seconds(30));
  expect(hub.counters.changedRetransmissions).toBe(0);
  assertOneTunnel(branch, hub);
});

test("message IDs of our requests count up by one", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected();
  for (let count = 0; count < 5; count++) {
    branch.checkLiveness();
    world.runFor(seconds(1));
  }
  const ids = messagesFromBranch(hub, "INFORMATIONAL", "request").map((m) => m.header.messageId);
  expect(ids).toEqual([2, 3, 4, 5, 6]);
});

test("replaying everything the hub ever sent changes nothing and is not answered", () => {
  const world = new World({ seed: 7 });
  const seen: Parameters<typeof inject>[1][] = [];
  world.link.tap((datagram) => seen.push(datagram));
  const { hub, branch } = world.connected();
  branch.rekeyChild();
  world.runFor(seconds(20));
  hub.rekeyChild();
  world.runFor(seconds(20));
  branch.rekeyIke();
  world.runFor(seconds(20));
  hub.checkLiveness();
  world.runFor(seconds(20));
  const journal = branch.dataplane.journal.length;
  const hubsOwn = seen.filter((datagram) => datagram.from.address === hub.address);
  const sent = branch.datagramsSent;
  for (const datagram of hubsOwn) inject(branch, datagram);
  // at most the stored answers to the last requests
  expect(branch.datagramsSent - sent).toBeLessThanOrEqual(2);
  expect(branch.dataplane.journal.length).toBe(journal);
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("a hub that repeats all its old messages all the time does no harm", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected();
  hub.impair({ kind: "replay-old" });
  for (const act of [
    () => branch.rekeyChild(),
    () => hub.rekeyChild(hub.children.at(-1)),
    () => branch.rekeyIke(),
    () => branch.checkLiveness(),
  ]) {
    act();
    world.runFor(minutes(2));
  }
  hub.behave();
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("garbage made from every message changes nothing", () => {
  const world = new World({ seed: 9 });
  const seen: Parameters<typeof inject>[1][] = [];
  world.link.tap((datagram) => seen.push(datagram));
  const { hub, branch } = world.connected();
  branch.rekeyChild();
  world.runFor(minutes(1));
  const journal = branch.dataplane.journal.length;
  const events = branch.events.length;
  for (let count = 0; count < 3_000; count++) {
    const sample = seen[count % seen.length];
    if (!sample) continue;
    const bytes = garbageLike(sample.bytes, world.random);
    inject(branch, { ...answering(seen[0] ?? sample, bytes) });
  }
  expect(branch.dataplane.journal.length).toBe(journal);
  expect(branch.events.length - events, "events per stranger's packet").toBeLessThan(10);
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("SET_WINDOW_SIZE from the hub is accepted, and nothing is wrong if it is not used", () => {
  const world = new World({ seed: 10 });
  const { hub, branch } = world.connected();
  // <-- INFORMATIONAL { N(SET_WINDOW_SIZE, 5) }
  hub.inform([notify(NOTIFY.SET_WINDOW_SIZE, Uint8Array.of(0, 0, 0, 5))]);
  world.runFor(seconds(5));
  expect(lastFromBranch(hub, "INFORMATIONAL", "response").summary).not.toContain("INVALID");
  branch.rekeyChild();
  branch.checkLiveness();
  world.runFor(seconds(30));
  assertOneTunnel(branch, hub);
});

test("a corrupted or truncated copy of a real request is dropped and the real one still answered", () => {
  const world = new World({ seed: 11 });
  const { hub, branch } = world.connected();
  const hands = byHand(world, hub, branch);
  hub.checkLiveness();
  const real = hands.loseToBranch();
  const broken = Uint8Array.from(real.bytes);
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 0x80;
  assertNothingSent(branch, () => {
    branch.receive({ ...real, bytes: broken });
    branch.receive({ ...real, bytes: real.bytes.subarray(0, 40) });
  });
  branch.receive(real);
  expect(hands.underWay()).toEqual([1, 0]);
});
