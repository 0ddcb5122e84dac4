/** Liveness checks and what a dead hub costs. RFC 7296 §2.4 */
import { expect, test } from "vitest";
import type { DpdPolicy } from "#ike/connection.ts";
import { milliseconds, minutes, seconds } from "#lib/duration.ts";
import { assertFailedOnce, assertOneTunnel, messagesFromBranch } from "#test/support/assertions.ts";
import { World } from "#test/support/world.ts";

const dpd = (mode: DpdPolicy["mode"]) => ({
  dpd: { mode, interval: seconds(10), retry: seconds(2) },
});

test("periodic DPD asks when nothing was heard for the interval", () => {
  const world = new World({ seed: 1 });
  const { hub } = world.connected({ connection: dpd("periodic") });
  world.runFor(seconds(65));
  const checks = messagesFromBranch(hub, "INFORMATIONAL", "request");
  expect(checks.length).toBeGreaterThanOrEqual(5);
  expect(checks.length).toBeLessThanOrEqual(7);
  expect(checks.every(({ payloads }) => payloads.length === 0)).toBe(true);
});

test("the state of an SA tells how it is kept alive and which message is next, and an exchange counts once", () => {
  const world = new World({ seed: 1 });
  const { branch } = world.connected({ connection: dpd("periodic") });
  world.runFor(seconds(65));
  const [sa] = branch.engine.sessions(world.clock.now);
  const { INFORMATIONAL: asked } = branch.engine.counters.exchanges;
  expect(sa).toMatchObject({
    dpd: { mode: "periodic", interval: 10, retry: 2 },
    window: { local: 1 },
    "message-ids": { next: 2 + (asked?.sent ?? 0), expected: 0, queued: 0 },
  });
});

test("the first check comes at any time within the interval, later ones an interval apart", () => {
  const firsts: number[] = [];
  for (let seed = 200; seed < 230; seed++) {
    const world = new World({ seed });
    const { hub } = world.connected({ connection: dpd("periodic") });
    const up = world.clock.now - 100;
    world.runFor(seconds(45));
    const checks = messagesFromBranch(hub, "INFORMATIONAL", "request").map(({ at }) => at);
    firsts.push((checks[0] ?? 0) - up);
    const waits = checks.slice(1).map((at, index) => at - (checks[index] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThan(10_100);
    world.close();
  }
  expect(Math.min(...firsts)).toBeLessThan(2_000);
  expect(Math.max(...firsts)).toBeGreaterThan(8_000);
  expect(Math.max(...firsts)).toBeLessThanOrEqual(10_100);
});

test("DPD asks in time on a clock with fractions of milliseconds", () => {
  for (let seed = 100; seed < 140; seed++) {
    const world = new World({ seed, link: { jitter: milliseconds(3) } });
    // sums of times lose a bit where they cross a power of two
    world.runFor(milliseconds(2 ** 25 - 25_000));
    const { hub } = world.connected({ connection: dpd("periodic") });
    world.runFor(minutes(5));
    const checks = messagesFromBranch(hub, "INFORMATIONAL", "request");
    const waits = checks.slice(1).map(({ at }, index) => at - (checks[index]?.at ?? 0));
    expect(Math.max(...waits)).toBeLessThan(11_000);
    world.close();
  }
});

test("DPD switched off asks never", () => {
  const world = new World({ seed: 2 });
  const { hub } = world.connected({ connection: dpd("off") });
  world.runFor(minutes(30));
  expect(messagesFromBranch(hub, "INFORMATIONAL", "request")).toEqual([]);
});

test("DPD on demand asks when we send and hear nothing, and not while nothing is sent", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected({ connection: dpd("on-demand") });
  world.runFor(minutes(5));
  expect(messagesFromBranch(hub, "INFORMATIONAL", "request")).toEqual([]);
  branch.sendEsp();
  world.runFor(seconds(15));
  branch.sendEsp();
  world.runFor(seconds(30));
  expect(messagesFromBranch(hub, "INFORMATIONAL", "request").length).toBeGreaterThan(0);
});

test("ESP from the hub counts as a sign of life", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected({ connection: dpd("periodic") });
  for (let count = 0; count < 60; count++) {
    hub.sendEsp(hub.child);
    world.runFor(seconds(1));
  }
  expect(branch.dataplane.espAccepted).toBe(60);
  expect(messagesFromBranch(hub, "INFORMATIONAL", "request")).toEqual([]);
});

test("the hub's own liveness checks are answered with an empty message and count as life", () => {
  const world = new World({ seed: 5 });
  const { hub } = world.connected({
    hub: { dpdInterval: seconds(5) },
    connection: { dpd: { ...dpd("periodic").dpd, interval: seconds(20) } },
  });
  world.runFor(minutes(1));
  const answers = messagesFromBranch(hub, "INFORMATIONAL", "response");
  expect(answers.length).toBeGreaterThanOrEqual(5);
  expect(answers.every(({ payloads }) => payloads.length === 0)).toBe(true);
  expect(messagesFromBranch(hub, "INFORMATIONAL", "request")).toEqual([]);
});

test("a hub that dies is noticed, everything is removed, and one event says so", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected({ connection: dpd("periodic") });
  hub.unplug();
  world.runUntil(() => branch.down !== undefined, { within: minutes(3) });
  assertFailedOnce(branch, "ike.liveness-lost");
  expect(branch.down?.isTransient).toBe(true);
});

test("a liveness check on request finds a dead hub with DPD off", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected();
  hub.unplug();
  world.runFor(minutes(10));
  expect(branch.isUp).toBe(true);
  branch.checkLiveness();
  world.runUntil(() => branch.down !== undefined, { within: minutes(3) });
  assertFailedOnce(branch, "ike.liveness-lost");
});

test("a hub that was away for less than the retransmissions last is still the same session", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected({ connection: dpd("periodic") });
  hub.unplug();
  world.runFor(seconds(13));
  hub.plugIn({ keepsState: true });
  world.runFor(minutes(1));
  assertOneTunnel(branch, hub);
});

test("a rebooted hub's INVALID_IKE_SPI in clear leads to a check, not to the end at once", () => {
  const world = new World({ seed: 9 });
  const { hub, branch } = world.connected();
  hub.plugIn();
  hub.answersUnknownSpi = true;
  branch.checkLiveness();
  world.runFor(seconds(1));
  expect(branch.isUp).toBe(true);
  world.runUntil(() => branch.down !== undefined, { within: minutes(3) });
  assertFailedOnce(branch, "ike.liveness-lost");
});
