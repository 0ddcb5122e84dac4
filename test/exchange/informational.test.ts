/** The hub's INFORMATIONAL requests and odd requests of any kind. RFC 7296 §1.4, §2.5, §2.21.3, §3.15 */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { assertNotify, assertOneTunnel, lastFromBranch } from "#test/support/assertions.ts";
import { ATTRIBUTE, CFG } from "#test/support/virtual-hub/configuration.ts";
import { informational } from "#test/support/virtual-hub/own-exchanges.ts";
import {
  cp,
  EXCHANGE,
  find,
  NOTIFY,
  notify,
  PAYLOAD,
  readCp,
} from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

test("CFG_SET is answered with CFG_ACK, attributes without values", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  // <-- INFORMATIONAL { CP(CFG_SET) }
  hub.inform([
    cp(CFG.SET, [
      { type: ATTRIBUTE.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 0, 0, 99) },
      { type: ATTRIBUTE.BANNER, value: new TextEncoder().encode("maintenance at 22:00") },
    ]),
  ]);
  world.runFor(seconds(2));
  // INFORMATIONAL { CP(CFG_ACK) } -->
  const answer = find(lastFromBranch(hub, "INFORMATIONAL", "response").payloads, PAYLOAD.CP);
  const { cfgType, attributes } = readCp(answer?.body ?? new Uint8Array(4));
  expect(cfgType).toBe(CFG.ACK);
  expect(attributes.every(({ value }) => value.length === 0)).toBe(true);
  assertOneTunnel(branch, hub);
});

test("an unknown critical payload in a request is refused by its type, and nothing else happens", () => {
  const world = new World({ seed: 2 });
  const { hub, branch } = world.connected();
  const match = { exchange: EXCHANGE.INFORMATIONAL, isResponse: false };
  hub.impair({ kind: "unknown-payload", match, isCritical: true, times: 1 });
  hub.checkLiveness();
  world.runFor(seconds(2));
  const data = assertNotify(
    lastFromBranch(hub, "INFORMATIONAL", "response"),
    "UNSUPPORTED_CRITICAL_PAYLOAD",
  );
  expect([...data]).toEqual([200]);
  assertOneTunnel(branch, hub);
});

test("an unknown critical payload in a rekey request is refused, and the next rekey works", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected();
  const match = { exchange: EXCHANGE.CREATE_CHILD_SA, isResponse: false };
  hub.impair({ kind: "unknown-payload", match, isCritical: true, times: 1 });
  hub.rekeyChild();
  world.runFor(seconds(2));
  assertNotify(lastFromBranch(hub, "CREATE_CHILD_SA", "response"), "UNSUPPORTED_CRITICAL_PAYLOAD");
  hub.rekeyChild();
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test("an unknown payload that is not critical is skipped", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected();
  hub.impair({ kind: "unknown-payload", match: { isResponse: false }, isCritical: false });
  hub.checkLiveness();
  world.runFor(seconds(2));
  expect(lastFromBranch(hub, "INFORMATIONAL", "response").payloads).toEqual([]);
  hub.rekeyChild();
  world.runFor(minutes(2));
  assertOneTunnel(branch, hub);
});

test.each([
  ["an unknown status notify", 45_000],
  ["an unknown error notify in a request", 8_500],
  ["INITIAL_CONTACT at a wrong time", NOTIFY.INITIAL_CONTACT],
  ["ADDITIONAL_TS_POSSIBLE", NOTIFY.ADDITIONAL_TS_POSSIBLE],
] as const)("%s is answered and ignored", (_, type) => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected();
  hub.inform([notify(type, Uint8Array.of(1, 2, 3))]);
  world.runFor(seconds(2));
  expect(hub.sa.outstanding).toBeUndefined();
  assertOneTunnel(branch, hub);
});

test("a Delete payload cut short is answered INVALID_SYNTAX or dropped, and never throws", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected();
  hub.inform([{ type: PAYLOAD.D, body: Uint8Array.of(3, 4, 0, 9, 1) }]);
  world.runFor(minutes(1));
  expect(branch.dataplane.faults).toEqual([]);
});

test("an exchange that nobody knows is not acted on", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected();
  hub.sa.start({ ...informational([]), exchange: 43 });
  world.runFor(seconds(2));
  expect(branch.isUp).toBe(true);
  expect(branch.dataplane.faults).toEqual([]);
});

test("IKE_AUTH on an established SA is not acted on", () => {
  const world = new World({ seed: 8 });
  const { hub, branch } = world.connected();
  hub.sa.start({ ...informational([]), exchange: EXCHANGE.IKE_AUTH });
  world.runFor(seconds(2));
  expect(branch.isUp).toBe(true);
});

test("AUTHENTICATION_FAILED from the hub on an established SA ends it", () => {
  const world = new World({ seed: 9 });
  const { hub, branch } = world.connected();
  hub.inform([notify(NOTIFY.AUTHENTICATION_FAILED)]);
  world.runFor(minutes(3));
  if (branch.isUp) assertOneTunnel(branch, hub);
  else expect(branch.downs.length).toBe(1);
});

test("AUTH_LIFETIME makes the branch authenticate anew in time", () => {
  const world = new World({ seed: 10 });
  const { hub, branch } = world.connected();
  // <-- INFORMATIONAL { N(AUTH_LIFETIME, 600 s) }
  hub.inform([notify(NOTIFY.AUTH_LIFETIME, Uint8Array.of(0, 0, 2, 0x58))]);
  world.runFor(minutes(11));
  // the session ends with a reason that lets the client start anew at once
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.reauthentication"]);
  expect(branch.down?.isTransient).toBe(true);
});
