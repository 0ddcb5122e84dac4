/** A system test: the whole lab fresh, one story told in it, nothing left over. */
import { existsSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, inject, test } from "vitest";
import { Lab, machineAt } from "./lab.ts";
import { type Machine, until } from "./machine.ts";

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

/**
 * Declares tests that play one after the other in the same lab, for all that have the same hubs; each has a branch of its
 * own that has never run. To be called once in a file.
 * @param prepare starts what all of them use.
 * @returns what declares one of them.
 */
export function scenariosWith(prepare: (lab: Lab) => Promise<unknown>): typeof scenario {
  let machine: Machine;
  let lab: Lab;
  beforeAll(async () => {
    machine = await machineAt(inject("lab"));
    lab = await Lab.open(machine);
    await prepare(lab);
  });
  afterAll(async () => {
    await lab.close();
    await machine.close();
  });
  return (name, play) => {
    test(name, async () => {
      try {
        await play(lab);
      } catch (error) {
        console.error(`\n${name}\n${await lab.story()}`);
        throw error;
      } finally {
        await hold(name);
        await lab.faults.drop();
        await lab.branch.stop("SIGTERM");
        await lab.branch.forget();
      }
    });
  };
}

/** `make lab` wants to look around before it ends: it waits for this file, and removes it when it is done. */
async function hold(name: string): Promise<void> {
  const { FLEXSPOKE_LAB_HOLD: file } = process.env;
  if (!file) return;
  writeFileSync(file, name);
  await until("the shell is left", () => Promise.resolve(!existsSync(file)), 24 * 3600 * 1000);
}
