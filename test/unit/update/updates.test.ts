import { afterEach, beforeEach, expect, test } from "vitest";
import type { UpdateWish } from "#api/update-backend.ts";
import { minutes } from "#lib/duration.ts";
import { exampleBundle, strangeKey } from "#test/support/update/example-bundle.ts";
import {
  inPieces,
  type Life,
  SimulatedAppliance,
} from "#test/support/update/simulated-appliance.ts";

let appliance: SimulatedAppliance;
beforeEach(() => {
  appliance = new SimulatedAppliance();
});
afterEach(() => appliance.remove());

const wish: UpdateWish = { by: "command line", restart: true, within: minutes(5) };

/** The first life with its tunnel up, over wan0. */
async function firstLife(): Promise<Life> {
  const life = await appliance.start();
  life.link("wan0", true);
  life.client("hq", "up");
  return life;
}

/** A life that has taken 0.5.1 in and is about to restart. */
async function updated(life: Life, options = wish): Promise<void> {
  const { bytes } = appliance.bundle("0.5.1", 0x41);
  expect(await life.updates.install(inPieces(bytes), options)).toMatchObject({ kind: "accepted" });
}

const install = (life: Life, bytes: Uint8Array, options = wish) =>
  life.updates.install(inPieces(bytes), options);

test("a good update is written to the idle slot, tried, and kept when the tunnel is up again", async () => {
  await updated(await firstLife());
  expect(appliance.versionIn("A")).toBe("0.5.0");
  expect(appliance.versionIn("B")).toBe("0.5.1");

  const second = await appliance.start();
  expect(second).toMatchObject({ slot: "B", trial: true, version: "0.5.1" });
  expect(second.state()).toMatchObject({
    phase: "trial",
    trial: { from: "0.5.0", lacking: ["hq"] },
  });
  second.link("wan0", true);
  second.client("hq", "up");
  await second.pass(10);
  expect(second.state()).toMatchObject({
    phase: "idle",
    other: { version: "0.5.0" },
    last: { version: "0.5.1", outcome: "kept" },
  });

  expect(await appliance.start()).toMatchObject({ slot: "B", trial: false });
  const told = appliance.events.filter((event) => !event.startsWith("UPDATE_PROGRESS"));
  expect(told).toEqual([
    "UPDATE_BEGUN version 0.5.1 is being installed by command line",
    "UPDATE_READY version 0.5.1 is in slot B, whole: the device restarts to try it (command line)",
    "UPDATE_ON_TRIAL version 0.5.1 is on trial: it stays when hq is up again within 5m, else 0.5.0 comes back",
    "UPDATE_KEPT version 0.5.1 stays: hq came up again",
  ]);
});

test("a system whose tunnel does not come up gives up in time, and the old one says why", async () => {
  await updated(await firstLife());
  const second = await appliance.start();
  second.link("wan0", true);
  second.client("hq", "backoff", "the hub does not answer");
  await second.pass(299);
  expect(second.isRestarting()).toBe(false);
  await second.pass(1);
  expect(second.isRestarting()).toBe(true);

  const third = await appliance.start();
  expect(third).toMatchObject({ slot: "A", trial: false, version: "0.5.0" });
  const why = "hq was up before and did not come up within 5m (the hub does not answer)";
  expect(appliance.events.slice(-2)).toEqual([
    `UPDATE_GIVEN_UP version 0.5.1 is given up, the device restarts into 0.5.0: ${why}`,
    `UPDATE_ROLLED_BACK version 0.5.0 runs again instead of 0.5.1: ${why}`,
  ]);
  expect(third.state().last).toMatchObject({ outcome: "rolled-back", reason: why });
});

test("a daemon that crashes on trial is not kept: the next start is the old system", async () => {
  await updated(await firstLife());
  await appliance.start();
  expect(await appliance.start()).toMatchObject({ slot: "A", version: "0.5.0" });
  expect(appliance.events.at(-1)).toBe(
    "UPDATE_ROLLED_BACK version 0.5.0 runs again instead of 0.5.1: the new system ended before it was kept: it crashed, hung or lost its power",
  );
});

test("time stands still while every link is down that worked before, but not for ever", async () => {
  await updated(await firstLife());
  const second = await appliance.start();
  second.link("wan0", false);
  second.client("hq", "backoff", "wan0 is down");
  await second.pass(3_599);
  expect(second.isRestarting()).toBe(false);
  await second.pass(1);
  expect(second.isRestarting()).toBe(true);
  expect(appliance.events.at(-1)).toContain("wan0 carried nothing for 1h");
});

test("a system that had nothing to bring back stays once it has run for a minute", async () => {
  const first = await appliance.start();
  await updated(first);
  const second = await appliance.start();
  await second.pass(59);
  expect(second.state().phase).toBe("trial");
  await second.pass(1);
  expect(second.state().phase).toBe("idle");
  expect(await appliance.start()).toMatchObject({ slot: "B" });
});

test("without a restart the update waits, and can be called off until then", async () => {
  const first = await firstLife();
  await updated(first, { ...wish, restart: false });
  expect(first.isRestarting()).toBe(false);
  expect(first.state()).toMatchObject({ phase: "armed", other: { version: "0.5.1" } });
  expect(await first.updates.rollBack("admin on the page")).toMatchObject({ kind: "accepted" });
  expect(await appliance.start()).toMatchObject({ slot: "A", trial: false });
});

test("a rollback after the trial goes back to the system from before, on trial itself", async () => {
  await updated(await firstLife());
  const second = await appliance.start();
  second.client("hq", "up");
  await second.pass(10);
  expect(await second.updates.rollBack("command line")).toMatchObject({ kind: "accepted" });
  expect(second.isRestarting()).toBe(true);
  const third = await appliance.start();
  expect(third).toMatchObject({ slot: "A", trial: true, version: "0.5.0" });
  third.client("hq", "up");
  await third.pass(10);
  expect(await appliance.start()).toMatchObject({ slot: "A", trial: false });
});

test("a rollback during the trial ends it, keep ends it the other way", async () => {
  await updated(await firstLife());
  const second = await appliance.start();
  await second.updates.rollBack("command line");
  expect(second.isRestarting()).toBe(true);
  const third = await appliance.start();
  expect(third.version).toBe("0.5.0");

  await updated(third);
  const fourth = await appliance.start();
  expect(fourth.updates.keep("command line")).toMatchObject({ kind: "accepted" });
  await fourth.updates.settled();
  expect(await appliance.start()).toMatchObject({ version: "0.5.1", trial: false });
});

test("from the factory there is nothing to go back to, and nothing on trial to keep", async () => {
  const life = await appliance.start();
  expect(await life.updates.rollBack("command line")).toMatchObject({
    code: "update.nothing-to-roll-back",
  });
  expect(life.updates.keep("command line")).toMatchObject({ code: "update.not-on-trial" });
});

test.each([
  ["older", () => exampleBundle({ version: "0.4.9" }).bytes, "update.older"],
  [
    "made earlier",
    () => exampleBundle({ version: "0.5.0", built: "2026-11-23T00:00:00Z" }).bytes,
    "update.older",
  ],
  [
    "for another board",
    () => exampleBundle({ board: ["raspberrypi"] }).bytes,
    "update.wrong-board",
  ],
  ["signed by a stranger", () => exampleBundle({ key: strangeKey }).bytes, "update.unsigned"],
  ["cut off in its head", () => exampleBundle().bytes.subarray(0, 300), "update.truncated"],
  ["a bit flipped in its head", () => flipped(exampleBundle().bytes, 50), "update.unsigned"],
])("a bundle that is %s is refused, and not a byte is written", async (_what, bytes, code) => {
  const life = await firstLife();
  const before = appliance.disk.written;
  expect(await install(life, bytes())).toMatchObject({ kind: "refused", code });
  expect(appliance.disk.written).toBe(before);
  expect(appliance.events.at(-1)).toMatch(/^UPDATE_REFUSED /);
  expect(await appliance.start()).toMatchObject({ slot: "A", trial: false });
});

test.each([
  ["cut off in its payload", (bytes: Uint8Array) => bytes.subarray(0, -1), "update.truncated"],
  [
    "damaged in its last chunk",
    (bytes: Uint8Array) => flipped(bytes, bytes.length - 5),
    "update.damaged",
  ],
])(
  "a bundle %s leaves the running slot as it was and is never started",
  async (_what, damage, code) => {
    const life = await firstLife();
    const { bytes } = appliance.bundle("0.5.1", 0x41);
    expect(await install(life, damage(bytes))).toMatchObject({ kind: "refused", code });
    expect(appliance.versionIn("A")).toBe("0.5.0");
    expect(await life.updates.rollBack("command line")).toMatchObject({
      code: "update.nothing-to-roll-back",
    });
    expect(await appliance.start()).toMatchObject({ slot: "A", trial: false });
  },
);

test("force takes an older version, but never an unsigned one", async () => {
  const life = await firstLife();
  const old = appliance.bundle("0.4.9", 0x22);
  expect(await install(life, old.bytes, { ...wish, force: true })).toMatchObject({
    kind: "accepted",
  });
  expect(await appliance.start()).toMatchObject({ version: "0.4.9", trial: true });
  const next = await appliance.start();
  const strange = exampleBundle({ key: strangeKey }).bytes;
  expect(await install(next, strange, { ...wish, force: true })).toMatchObject({
    code: "update.unsigned",
  });
});

test("a disk that does not hold what was written to it is found out before the slot is started", async () => {
  const life = await firstLife();
  const { bytes } = appliance.bundle("0.5.1", 0x41);
  appliance.disk.forgetWritesTo("/dev/disk6");
  expect(await install(life, bytes)).toMatchObject({ kind: "refused", code: "update.disk" });
  expect(await appliance.start()).toMatchObject({ slot: "A", trial: false });
});

test("power that goes while a second update takes the place of one that waits starts neither half", async () => {
  const life = await firstLife();
  await updated(life, { ...wish, restart: false });
  const { bytes } = appliance.bundle("0.5.2", 0x51);
  appliance.disk.cutAfter(2_000_000);
  expect(await install(life, bytes)).toMatchObject({ code: "update.disk" });
  appliance.disk.powerOn(1);
  expect(await appliance.start()).toMatchObject({ slot: "A", trial: false, version: "0.5.0" });
});

test("a copy of the slot state that power left behind is mended at the next start", async () => {
  await updated(await firstLife());
  const second = await appliance.start();
  second.client("hq", "up");
  appliance.disk.cutAfter(512);
  await second.pass(10);
  appliance.disk.powerOn(1);
  expect(appliance.slotStateCopies()).toEqual([
    { slot: "B", tries: 0 },
    { slot: "A", trial: "B", tries: 0 },
  ]);
  await appliance.start();
  expect(appliance.slotStateCopies()).toEqual([
    { slot: "B", tries: 0 },
    { slot: "B", tries: 0 },
  ]);
});

test("one update at a time, and none on top of a trial", async () => {
  const life = await firstLife();
  const { bytes } = appliance.bundle("0.5.1", 0x41);
  const both = await Promise.all([install(life, bytes), install(life, bytes)]);
  expect(both).toMatchObject([{ kind: "accepted" }, { kind: "refused", code: "update.busy" }]);
  const second = await appliance.start();
  expect(await install(second, bytes)).toMatchObject({ code: "update.on-trial" });
});

test("an update tells a few times how far it is, for those who follow events", async () => {
  await updated(await firstLife());
  const told = appliance.events.filter((event) => event.startsWith("UPDATE_PROGRESS"));
  expect(told.length).toBeLessThanOrEqual(10);
  expect(told.at(-1)).toBe("UPDATE_PROGRESS 100 % of version 0.5.1 is read back");
});

test("progress is seen while it is written and while it is read back", async () => {
  const life = await firstLife();
  const { bytes } = appliance.bundle("0.5.1", 0x41);
  const seen = new Set<string>();
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(bytes)) {
      const { incoming, phase } = life.state();
      seen.add(`${phase} ${incoming?.step} ${incoming?.version}`);
      if (incoming) expect(incoming.done).toBeLessThanOrEqual(incoming.total);
      yield piece;
    }
  }
  await life.updates.install(watched(), wish);
  expect([...seen]).toContain("writing writing 0.5.1");
  expect(life.state().incoming).toBeUndefined();
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
}
