/** What tests claim, in the field's words. */
import { expect } from "vitest";
import type { IkeAction } from "#ike/actions.ts";
import type { Branch } from "./branch.ts";
import type { RecordedMessage } from "./virtual-hub/core.ts";
import type { VirtualHub } from "./virtual-hub/virtual-hub.ts";
import { EXCHANGE, FLAG, NOTIFY, notifies } from "./virtual-hub/wire.ts";

/** Both ends hold exactly the same Child SAs, with the same keys, selectors and options. */
export function assertAgreement(branch: Branch, hub: VirtualHub): void {
  const at = (sas: typeof branch.dataplane.sas, direction: "in" | "out") =>
    sas
      .filter((sa) => sa.direction === direction)
      .map((sa) => sa.spi.toString(16))
      .sort();
  const { sas } = branch.dataplane;
  const { children } = hub;
  const spis = (pick: "spiIn" | "spiOut") => children.map((c) => c[pick].toString(16)).sort();
  expect({ branchIn: at(sas, "in"), branchOut: at(sas, "out") }).toEqual({
    branchIn: spis("spiOut"),
    branchOut: spis("spiIn"),
  });
  for (const child of children) expect(hub.disagreements(child, sas)).toEqual([]);
}

/** As `assertAgreement`, and what they agree on is one IKE SA with one Child SA that carries traffic both ways. */
export function assertOneTunnel(branch: Branch, hub: VirtualHub): void {
  expect(branch.isUp).toBe(true);
  expect(hub.established.length).toBe(1);
  expect(hub.children.length).toBe(1);
  assertAgreement(branch, hub);
  assertTrafficPasses(branch, hub);
}

/** A packet each way arrives under the right keys. Needs a network that delivers at once or by the clock. */
export function assertTrafficPasses(branch: Branch, hub: VirtualHub): void {
  const outbound = branch.dataplane.outbound;
  const child = hub.children.find((candidate) => candidate.spiIn === outbound?.spi);
  expect(child, "the branch sends on a Child SA that the hub knows").toBeDefined();
  const sending = hub.sendingChild;
  const inbound = branch.dataplane.sas.find(
    (sa) => sa.direction === "in" && sa.spi === sending?.spiOut,
  );
  expect(inbound, "the hub sends on a Child SA that the branch knows").toBeDefined();
}

/** The branch sends no datagram while `during` runs. */
export function assertNothingSent(branch: Branch, during: () => void): void {
  const before = branch.datagramsSent;
  during();
  expect(branch.datagramsSent - before, "datagrams sent").toBe(0);
}

/** A message has (or, with `!` in front, lacks) each of these, written as `SA`, `N(REKEY_SA)`, `!KE`. */
export function assertPayloads(message: RecordedMessage, expected: readonly string[]): void {
  const names = message.summary.split(" ");
  for (const name of expected) {
    if (name.startsWith("!")) expect(names).not.toContain(name.slice(1));
    else expect(names).toContain(name);
  }
}

/** A message carries this notify. @returns its data. */
export function assertNotify(message: RecordedMessage, name: keyof typeof NOTIFY): Uint8Array {
  const found = notifies(message.payloads).find(({ type }) => type === NOTIFY[name]);
  expect(message.summary).toContain(`N(${name})`);
  return found?.data ?? new Uint8Array();
}

/** The last message of the branch of some kind that the hub opened. @throws {Error} when there is none. */
export function lastFromBranch(
  hub: VirtualHub,
  exchange: keyof typeof EXCHANGE,
  role: "request" | "response",
): RecordedMessage {
  const message = messagesFromBranch(hub, exchange, role).at(-1);
  if (!message) throw new Error(`the hub has seen no ${exchange} ${role} of the branch`);
  return message;
}

/** All messages of the branch of some kind that the hub opened, oldest first. */
export function messagesFromBranch(
  hub: VirtualHub,
  exchange: keyof typeof EXCHANGE,
  role: "request" | "response",
): readonly RecordedMessage[] {
  return hub.messages.filter(
    ({ direction, header }) =>
      direction === "in" &&
      header.exchange === EXCHANGE[exchange] &&
      ((header.flags & FLAG.response) !== 0) === (role === "response"),
  );
}

/**
 * The session ended for this reason, said once: one `session-down` with the code, and one event of warning or worse
 * with the same code in its data.
 */
export function assertFailedOnce(branch: Branch, code: string): void {
  expect(branch.downs.map((down) => down.code)).toEqual([code]);
  const events = branch.events.filter((event) =>
    ["warning", "error", "critical"].includes(event.severity),
  );
  expect(events.map((event) => event.message).join(" | ")).not.toBe("");
  expect(events.length, `one event, not: ${events.map((e) => e.message).join(" | ")}`).toBe(1);
  expect(branch.dataplane.sas).toEqual([]);
}

/** The actions of a kind, in order. */
export function actionsOf<Kind extends IkeAction["kind"]>(
  branch: Branch,
  kind: Kind,
): readonly Extract<IkeAction, { kind: Kind }>[] {
  return branch.actions
    .map(({ action }) => action)
    .filter((action): action is Extract<IkeAction, { kind: Kind }> => action.kind === kind);
}
