/** Sessions by certificates while the clock can't be trusted, and what becomes of them when it can. RFC 5280 §6.1.3 */
import { expect, test } from "vitest";
import type { WallClock } from "#lib/duration.ts";
import {
  assertFailedOnce,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
} from "#test/support/assertions.ts";
import { type Branch, WORLD_BEGAN } from "#test/support/branch.ts";
import { certified, type Ends } from "#test/support/certified.ts";
import { connection } from "#test/support/connection.ts";
import { makePki } from "#test/support/pki.ts";
import { World } from "#test/support/world.ts";

const pki = makePki({ key: "ecdsa-256" });
const year = (number: number) => Date.UTC(number, 6, 1) as WallClock;
const isProvisional = (branch: Branch) =>
  branch.engine.sessions(0 as never).map(({ provisional = false }) => provisional);
const said = (branch: Branch) =>
  branch.events.map(({ mnemonic }) => mnemonic).filter((each) => each.includes("SESSION"));

/** A branch that only knows that it is not before 2030. */
function untrusting(seed: number, ends: Ends) {
  const world = new World({ seed });
  const hub = world.hub("hub1", ends.hub);
  const branch = world.branch();
  branch.input({ kind: "wall-clock", time: WORLD_BEGAN, isEarliest: true });
  branch.connect(connection(ends.connection), hub.address);
  return { world, hub, branch };
}

function provisional(seed: number, hub = pki.notYetValid) {
  const given = untrusting(seed, certified("ecdsa-256", { hub }));
  given.world.runUntil(() => given.branch.isUp);
  return given;
}

test("a certificate that begins later than the clock says is taken provisionally", () => {
  const { hub, branch } = provisional(1);
  assertOneTunnel(branch, hub);
  expect(isProvisional(branch)).toEqual([true]);
  expect(said(branch)).toEqual(["FLEXSPOKE-4-SESSION_PROVISIONAL"]);
});

test("a session whose certificate proves valid stays when the time is known, and is told of", () => {
  const { world, hub, branch } = provisional(2);
  branch.input({ kind: "wall-clock", time: year(2048) });
  world.runFor(1_000 as never);
  assertOneTunnel(branch, hub);
  expect(isProvisional(branch)).toEqual([false]);
  expect(said(branch)).toEqual([
    "FLEXSPOKE-4-SESSION_PROVISIONAL",
    "FLEXSPOKE-6-SESSION_CONFIRMED",
  ]);
});

test("a session whose certificate is not valid when the time is known ends at once, and the hub is told", () => {
  const { world, hub, branch } = provisional(3);
  branch.input({ kind: "wall-clock", time: year(2031) });
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.auth.certificate-expired"]);
  expect(branch.dataplane.sas).toEqual([]);
  world.runFor(1_000 as never);
  assertPayloads(lastFromBranch(hub, "INFORMATIONAL", "request"), ["D"]);
});

test("a certificate that has run out before the time that the clock can be is refused", () => {
  const { world, branch } = untrusting(4, certified("ecdsa-256", { hub: pki.expired }));
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.auth.certificate-expired");
});

test("a certificate that runs out between what the clock can be and what it is ends its session", () => {
  const { branch } = provisional(5, pki.hub);
  branch.input({ kind: "wall-clock", time: year(2050) });
  expect(branch.down?.code).toBe("ike.auth.certificate-expired");
});

test("while the clock can't be trusted nothing is judged again, however it moves", () => {
  const { branch } = provisional(6);
  branch.input({ kind: "wall-clock", time: year(2049), isEarliest: true });
  expect(branch.isUp).toBe(true);
  expect(isProvisional(branch)).toEqual([true]);
});

test("a session by pre-shared key needs no clock and is never provisional", () => {
  const { world, branch } = untrusting(7, { hub: {}, connection: {} });
  world.runUntil(() => branch.isUp);
  expect(isProvisional(branch)).toEqual([false]);
});
