/** Lifetimes of Child SAs by time and by the kernel's word, and SAs that could not be installed. RFC 7296 §2.8 */
import { expect, test } from "vitest";
import { hours, minutes, seconds } from "#lib/duration.ts";
import { assertAgreement, assertOneTunnel, messagesFromBranch } from "#test/support/assertions.ts";
import { defaultChild } from "#test/support/connection.ts";
import { EXCHANGE, NOTIFY } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const lifetime = (time: ReturnType<typeof minutes>, bytes?: number) => ({
  child: { ...defaultChild, lifetime: bytes === undefined ? { time } : { time, bytes } },
});

test("a Child SA is rekeyed before its lifetime ends, not much before, and again", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected({ connection: lifetime(minutes(10)) });
  const first = hub.child;
  world.runFor(minutes(7));
  expect(hub.child).toBe(first);
  world.runFor(minutes(2.9));
  expect(hub.child).not.toBe(first);
  world.runFor(hours(2));
  expect(messagesFromBranch(hub, "CREATE_CHILD_SA", "request").length).toBeGreaterThan(11);
  assertOneTunnel(branch, hub);
});

test("installed SAs tell the kernel soft limits below the hard ones", () => {
  const world = new World({ seed: 2 });
  const { branch } = world.connected({ connection: lifetime(minutes(10), 1_000_000) });
  for (const { lifetime: limits } of branch.dataplane.sas) {
    const { softSeconds, hardSeconds, softBytes, hardBytes } = limits;
    if (hardSeconds !== undefined) expect(hardSeconds).toBeLessThanOrEqual(600);
    if (softSeconds !== undefined) expect(softSeconds).toBeLessThan(hardSeconds ?? 601);
    if (hardBytes !== undefined) expect(hardBytes).toBeLessThanOrEqual(1_000_000);
    expect(softBytes).toBeLessThan(hardBytes ?? 1_000_001);
  }
});

test.each(["in", "out"] as const)(
  "the kernel's soft expiry of the %s SA starts one rekey",
  (direction) => {
    const world = new World({ seed: 3 });
    const { hub, branch } = world.connected();
    const old = hub.child;
    const spi = branch.dataplane.sas.find((sa) => sa.direction === direction)?.spi ?? 0;
    branch.input({ kind: "sa-expired", spi, hard: false });
    branch.input({ kind: "sa-expired", spi, hard: false });
    world.runFor(minutes(2));
    expect(messagesFromBranch(hub, "CREATE_CHILD_SA", "request").length).toBe(1);
    expect(hub.child).not.toBe(old);
    assertOneTunnel(branch, hub);
  },
);

test("the kernel's hard expiry leads to a fresh Child SA, and the hub's half is deleted", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  const old = hub.child;
  const spi = branch.dataplane.sas.find(({ direction }) => direction === "in")?.spi ?? 0;
  branch.input({ kind: "sa-expired", spi, hard: true });
  world.runFor(minutes(5));
  if (branch.isUp) {
    expect(hub.children).not.toContain(old);
    assertOneTunnel(branch, hub);
  } else expect(branch.downs.length).toBe(1);
});

test("an expiry of an SPI that nobody knows is ignored", () => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected();
  branch.input({ kind: "sa-expired", spi: 0x4242_4242, hard: true });
  branch.input({ kind: "sa-expired", spi: 0x4242_4242, hard: false });
  world.runFor(minutes(1));
  assertOneTunnel(branch, hub);
});

test("an SA that the kernel refuses ends the session with the kernel's reason", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected();
  const spi = branch.dataplane.sas[0]?.spi ?? 0;
  branch.input({
    kind: "sa-install-failed",
    spi,
    code: "kernel.module-missing",
    message: "no esp4",
  });
  world.runFor(minutes(1));
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.child.install-failed"]);
  expect(branch.down?.message).toContain("no esp4");
  expect(hub.sas.size).toBe(0);
});

test("a hub that refuses every rekey keeps the Child SA until its hard end; then a fresh one or a clean end", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected({ connection: lifetime(minutes(10)) });
  const notify = NOTIFY.NO_PROPOSAL_CHOSEN;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  world.runFor(minutes(9.9));
  expect(branch.isUp).toBe(true);
  assertAgreement(branch, hub);
  world.runFor(minutes(20));
  expect(branch.isUp).toBe(false);
  expect(branch.downs.length).toBe(1);
  expect(branch.dataplane.sas).toEqual([]);
});

test("both ends rekey on their own clocks for a day, and there is always one tunnel", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected({
    hub: { childRekey: minutes(9), ikeRekey: minutes(31), dpdInterval: seconds(60) },
    connection: { ...lifetime(minutes(10)), lifetime: minutes(40) },
  });
  for (let hour = 0; hour < 24; hour++) {
    world.runFor(hours(1));
    expect(branch.isUp).toBe(true);
    expect(hub.children.length).toBeLessThanOrEqual(3);
  }
  world.runUntil(() => hub.children.length === 1 && hub.sas.size === 1, { within: minutes(5) });
  world.runFor(seconds(20));
  expect(branch.downs).toEqual([]);
});
