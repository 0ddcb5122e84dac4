/** A system test: the whole lab fresh, one story told in it, nothing left over. */
import { existsSync, writeFileSync } from "node:fs";
import { inject, test } from "vitest";
import { Lab, machineAt } from "./lab.ts";
import { until } from "./machine.ts";

/**
 * Declares a test that plays on a machine whose kernel can do ESP.
 * @param name a sentence about what the customer sees.
 */
export function scenario(name: string, play: (lab: Lab) => Promise<void>): void {
  test(name, async () => {
    const machine = await machineAt(inject("lab"));
    const lab = await Lab.open(machine);
    try {
      await play(lab);
    } catch (error) {
      console.error(`\n${name}\n${await lab.story()}`);
      throw error;
    } finally {
      await hold(name);
      await lab.close();
      await machine.close();
    }
  });
}

/** `make lab` wants to look around before it ends: it waits for this file, and removes it when it is done. */
async function hold(name: string): Promise<void> {
  const { FLEXSPOKE_LAB_HOLD: file } = process.env;
  if (!file) return;
  writeFileSync(file, name);
  await until("the shell is left", () => Promise.resolve(!existsSync(file)), 24 * 3600 * 1000);
}
