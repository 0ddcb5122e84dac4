import fc from "fast-check";
import { expect, test } from "vitest";
import type { UpdateWish } from "#api/update-backend.ts";
import { minutes } from "#lib/duration.ts";
import {
  inPieces,
  type Life,
  SimulatedAppliance,
} from "#test/support/update/simulated-appliance.ts";

const wish: UpdateWish = { by: "command line", restart: true, within: minutes(5) };

/** Does what comes next on the way to a kept update. @returns true when it is kept. */
async function goOn(life: Life, bundle: Uint8Array): Promise<boolean> {
  life.client("hq", "up");
  if (life.version === "0.5.1" && !life.trial) return true;
  if (life.trial) await life.pass(10);
  else await life.updates.install(inPieces(bundle), wish);
  return false;
}

/** Starts it, over and over until the power holds. */
async function start(appliance: SimulatedAppliance, seed: number): Promise<Life> {
  try {
    return await appliance.start();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "PowerLost") throw error;
    appliance.disk.powerOn(seed);
    return await appliance.start();
  }
}

/** Bytes that a whole update writes, and how many of them stand before each writing of the slot state. */
async function course(): Promise<{ readonly total: number; readonly states: readonly number[] }> {
  const appliance = new SimulatedAppliance();
  const states: number[] = [];
  appliance.disk.onWrite = (device) => {
    if (device === "/dev/disk") states.push(appliance.disk.written);
  };
  const { bytes } = appliance.bundle("0.5.1", 0x41);
  while (!(await goOn(await appliance.start(), bytes)));
  appliance.remove();
  return { total: appliance.disk.written, states };
}

const { total, states } = await course();

/** Anywhere, and often in the few bytes that decide which system is started. */
const moment = fc.oneof(
  fc.integer({ min: 0, max: total }),
  fc
    .tuple(fc.constantFrom(...states), fc.integer({ min: 0, max: 512 }))
    .map(([at, into]) => at + into),
);

test("whenever the power goes during an update, a whole system starts, and once kept it stays kept", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(moment, { minLength: 1, maxLength: 3 }),
      fc.integer(),
      async (moments, seed) => {
        const appliance = new SimulatedAppliance();
        try {
          const { bytes } = appliance.bundle("0.5.1", 0x41);
          let written = 0;
          let isKept = false;
          for (const [index, cut] of moments.entries()) {
            appliance.disk.cutAfter(Math.max(0, cut - written));
            const life = await start(appliance, seed);
            expect(["0.5.0", "0.5.1"]).toContain(life.version);
            if (isKept) expect(life.version).toBe("0.5.1");
            isKept = await goOn(life, bytes).catch(() => isKept);
            isKept ||= life.state().last?.outcome === "kept";
            written = cut;
            appliance.disk.powerOn(seed + index);
          }
          // With the power back for good it comes to its end.
          for (let lives = 0; !isKept; lives++) {
            expect(lives).toBeLessThan(6);
            isKept = await goOn(await appliance.start(), bytes);
          }
          expect(await appliance.start()).toMatchObject({ version: "0.5.1", trial: false });
        } finally {
          appliance.remove();
        }
      },
    ),
    { seed: 11, numRuns: 50 },
  );
}, 120_000);
