/** What every fault must look like from outside: one event, the same reason wherever it is shown, nothing left behind. */
import { expect } from "vitest";
import type { ClientState, StoredEvent } from "#state/document.ts";
import type { Branch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";

const asksForAction = ["error", "warning"];

/** Events with something for an operator to do, oldest first. */
export async function complaints(branch: Branch): Promise<StoredEvent[]> {
  return (await branch.events()).filter(({ severity }) => asksForAction.includes(severity));
}

/**
 * Waits until the client's reason has this code, and holds the state, the table for people and the events to it: one
 * event since `after` carries the code.
 * @param after id of the last event that belongs to an earlier story.
 * @param words what the sentence must say, the remedy too.
 */
export async function expectFault(
  branch: Branch,
  code: RegExp,
  words: RegExp,
  after = 0,
): Promise<ClientState> {
  const client = await until(
    `the client's reason is ${code}`,
    async () => {
      const found = await branch.client();
      return code.test(found["reason-code"] ?? "") && found;
    },
    30_000,
    async () => JSON.stringify([await branch.client(), await branch.events()], undefined, 1),
  );
  expect(client.reason).toMatch(words);
  const table = (await branch.cli("show", "client")).stdout.replaceAll(/\s+/g, " ");
  expect(table).toContain(client.reason);
  const [event, ...others] = (await complaints(branch)).filter(({ id }) => id > after);
  expect(others).toEqual([]);
  expect(event?.message).toMatch(words);
  expect(event?.data["reason-code"]).toBe(client["reason-code"]);
  return client;
}

/** Ends the daemon; nothing of ours may be in the kernel. */
export async function expectCleanEnd(branch: Branch): Promise<void> {
  expect(await branch.stop("SIGTERM")).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
}
