/** IKE_AUTH with pre-shared keys: what comes of it, and each way it can fail. RFC 7296 §1.2, §2.15, §2.21.2 */
import { expect, test } from "vitest";
import type { IkeConnection } from "#ike/connection.ts";
import { seconds } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import {
  assertFailedOnce,
  assertNotify,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
  messagesFromBranch,
} from "#test/support/assertions.ts";
import { byHand } from "#test/support/by-hand.ts";
import { BRANCH_NAME, connection, HUB_NAME, utf8 } from "#test/support/connection.ts";
import { acceptAll } from "#test/support/virtual-hub/suite.ts";
import { EXCHANGE, NOTIFY, PAYLOAD } from "#test/support/virtual-hub/wire.ts";
import { ASSIGNED, World } from "#test/support/world.ts";

const wrongSecret = new SecretBytes(utf8("another secret"));

function failing(
  seed: number,
  set: (hub: ReturnType<World["hub"]>) => void,
  overrides: Partial<IkeConnection> = {},
) {
  const world = new World({ seed });
  const hub = world.hub();
  set(hub);
  const branch = world.branch();
  branch.connect(connection(overrides), hub.address);
  world.runUntil(() => branch.down !== undefined);
  return { world, hub, branch };
}

test("IKE_AUTH carries identity, AUTH, wish for an address, Child SA and INITIAL_CONTACT", () => {
  const world = new World({ seed: 1 });
  const { hub } = world.connected();
  const request = lastFromBranch(hub, "IKE_AUTH", "request");
  assertPayloads(request, [
    "IDi",
    "AUTH",
    "CP",
    "SA",
    "TSi",
    "TSr",
    "N(INITIAL_CONTACT)",
    "!KE",
    "!Nonce",
  ]);
  expect(request.header.messageId).toBe(1);
});

test("the outcome names the hub's identity, the address, DNS, networks and selectors", () => {
  const world = new World({ seed: 2 });
  const { branch } = world.connected({
    hub: {
      handout: {
        ipv4: ASSIGNED,
        dns: ["10.0.0.53" as IpAddress, "10.0.0.54" as IpAddress],
        domains: ["corp.example.net"],
        subnets: ["10.0.0.0/8" as Prefix, "172.16.0.0/12" as Prefix],
        banner: "welcome",
      },
    },
  });
  expect(branch.outcome).toMatchObject({
    peerIdentity: HUB_NAME,
    assigned: { ipv4: ASSIGNED },
    dns: ["10.0.0.53", "10.0.0.54"],
    domains: ["corp.example.net"],
    subnets: ["10.0.0.0/8", "172.16.0.0/12"],
    localSelectors: [`${ASSIGNED}/32`],
    remoteSelectors: ["10.0.0.0/8"],
    banner: "welcome",
    natDetected: { local: false, remote: false },
  });
});

test("a lost IKE_AUTH answer is asked for again with identical bytes and answered from store", () => {
  const world = new World({ seed: 3 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  hands.toBranch();
  // IKE_AUTH -->
  hands.toHub();
  // <-- lost
  hands.loseToBranch();
  world.settle(seconds(10));
  expect(hub.counters).toMatchObject({ answeredAgain: 1, changedRetransmissions: 0 });
  expect(messagesFromBranch(hub, "IKE_AUTH", "request").length).toBe(1);
  assertOneTunnel(branch, hub);
});

test("a hub that refuses our pre-shared key ends the session once, with what to compare", () => {
  const { branch } = failing(4, () => {}, {
    local: {
      identity: { kind: "fqdn", value: BRANCH_NAME },
      authentication: { method: "psk", secret: wrongSecret },
    },
  });
  assertFailedOnce(branch, "ike.auth.psk-mismatch");
  expect(branch.down?.remedy).toContain("pre-shared key");
});

test("a hub that proves itself with another pre-shared key is told AUTHENTICATION_FAILED", () => {
  const { hub, world, branch } = failing(5, (hub) => hub.impair({ kind: "wrong-psk" }));
  assertFailedOnce(branch, "ike.auth.peer-psk-mismatch");
  world.runFor(seconds(5));
  // INFORMATIONAL { N(AUTHENTICATION_FAILED) } -->
  assertNotify(lastFromBranch(hub, "INFORMATIONAL", "request"), "AUTHENTICATION_FAILED");
  expect([...hub.sas]).toEqual([]);
});

test("a hub whose AUTH is off by one bit is refused", () => {
  const { branch } = failing(6, (hub) => hub.impair({ kind: "wrong-auth" }));
  assertFailedOnce(branch, "ike.auth.peer-psk-mismatch");
});

test("a hub with an identity that the profile does not accept is refused, though its secret is right", () => {
  const { branch } = failing(7, (hub) =>
    hub.impair({ kind: "wrong-identity", fqdn: "other.example.org" }),
  );
  assertFailedOnce(branch, "ike.auth.identity-mismatch");
  expect(branch.down?.message).toContain("other.example.org");
});

test("identity patterns accept what they describe", () => {
  const patterns = [
    { kind: "any" },
    { kind: "fqdn", pattern: "*.example.net" },
    { kind: "fqdn", pattern: "HUB.example.NET" },
  ] as const;
  for (const pattern of patterns) {
    const world = new World({ seed: 8 });
    const remote = { ...connection().remote, identities: [pattern] };
    const { hub, branch } = world.connected({ connection: { remote } });
    assertOneTunnel(branch, hub);
    world.close();
  }
});

test("a hub that refuses the Child SA's proposals ends the session with that reason", () => {
  const { branch } = failing(9, (hub) =>
    hub.impair({ kind: "refuse-child", notify: NOTIFY.NO_PROPOSAL_CHOSEN }),
  );
  assertFailedOnce(branch, "ike.child.no-proposal");
});

test("a hub that refuses the traffic selectors ends the session with that reason", () => {
  const { branch } = failing(10, (hub) =>
    hub.impair({ kind: "refuse-child", notify: NOTIFY.TS_UNACCEPTABLE }),
  );
  assertFailedOnce(branch, "ike.child.ts-unacceptable");
});

test.each([
  ["INTERNAL_ADDRESS_FAILURE", NOTIFY.INTERNAL_ADDRESS_FAILURE],
  ["FAILED_CP_REQUIRED", NOTIFY.FAILED_CP_REQUIRED],
])("a hub without an address to give (%s) ends the session with that reason", (_, notify) => {
  const { branch } = failing(11, (hub) => hub.impair({ kind: "refuse-child", notify }));
  assertFailedOnce(branch, "ike.child.no-address");
  expect(branch.down?.isTransient).toBe(true);
});

test("an IKE SA whose Child SA was refused is deleted at the hub", () => {
  const { hub, world } = failing(12, (hub) =>
    hub.impair({ kind: "refuse-child", notify: NOTIFY.TS_UNACCEPTABLE }),
  );
  world.runFor(seconds(10));
  expect(hub.established).toEqual([]);
});

test.each([
  ["INVALID_SYNTAX", NOTIFY.INVALID_SYNTAX],
  ["UNSUPPORTED_CRITICAL_PAYLOAD", NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD],
  ["an unknown error", 8_300],
])("IKE_AUTH answered with %s ends the session", (_, notify) => {
  const { branch } = failing(13, (hub) =>
    hub.impair({ kind: "refuse", exchange: EXCHANGE.IKE_AUTH, notify }),
  );
  assertFailedOnce(branch, "ike.refused");
});

test.each([
  ["AUTH", PAYLOAD.AUTH],
  ["IDr", PAYLOAD.IDr],
] as const)("an IKE_AUTH answer without %s is no proof", (_, payload) => {
  const { branch } = failing(14, (hub) =>
    hub.impair({ kind: "omit", match: { exchange: EXCHANGE.IKE_AUTH }, payload }),
  );
  expect(branch.downs.length).toBe(1);
  expect(branch.outcomes).toEqual([]);
});

test.each(["cipher", "number", "spi-size"] as const)(
  "an ESP proposal that was not offered (%s) is never installed",
  (how) => {
    const { branch } = failing(15, (hub) =>
      hub.impair({ kind: "proposal-not-offered", exchange: EXCHANGE.IKE_AUTH, how }),
    );
    expect(branch.downs.length).toBe(1);
    expect(branch.dataplane.journal).toEqual([]);
  },
);

test("an unknown critical payload in the IKE_AUTH answer fails the session", () => {
  const { branch } = failing(16, (hub) =>
    hub.impair({
      kind: "unknown-payload",
      match: { exchange: EXCHANGE.IKE_AUTH },
      isCritical: true,
    }),
  );
  expect(branch.downs.length).toBe(1);
  expect(branch.dataplane.journal).toEqual([]);
});

test("unknown payloads, notifies and attributes and any payload order in IKE_AUTH change nothing", () => {
  const world = new World({ seed: 17 });
  const hub = world.hub();
  const match = { exchange: EXCHANGE.IKE_AUTH };
  hub.impair({ kind: "unknown-payload", match, isCritical: false });
  hub.impair({ kind: "extra-notify", match, notify: 50_000 });
  hub.impair({ kind: "odd-attributes" });
  hub.impair({ kind: "reverse-payloads" });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.isUp);
  assertOneTunnel(branch, hub);
  expect(branch.outcome?.dns).toEqual(["10.0.0.53"]);
});

test("a corrupted IKE_AUTH answer is dropped and asked for again", () => {
  const world = new World({ seed: 18 });
  const hub = world.hub();
  hub.impair({ kind: "corrupt", match: { exchange: EXCHANGE.IKE_AUTH }, times: 1 });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.isUp);
  assertOneTunnel(branch, hub);
});

test("a hub that falls silent after IKE_SA_INIT times the session out", () => {
  const world = new World({ seed: 19 });
  const hub = world.hub();
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => hub.counters.halfOpened === 1);
  hub.impair({ kind: "silent" });
  world.runUntil(() => branch.down !== undefined, { within: seconds(120) });
  assertFailedOnce(branch, "ike.timeout");
});

test("a session that is terminated while it authenticates ends and leaves nothing", () => {
  const world = new World({ seed: 20 });
  const hub = world.hub();
  const branch = world.branch();
  const hands = byHand(world, hub, branch);
  branch.connect(connection(), hub.address);
  hands.toHub();
  hands.toBranch();
  // IKE_AUTH -->, and terminate before the answer
  branch.terminate("changed my mind");
  world.settle(seconds(60));
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.terminated"]);
  expect(branch.isUp).toBe(false);
  expect(branch.dataplane.sas).toEqual([]);
});

test("a session that is terminated before any answer ends at once", () => {
  const world = new World({ seed: 21 });
  const hub = world.hub();
  const branch = world.branch();
  world.link.cut(hub.address);
  branch.connect(connection(), hub.address);
  branch.terminate();
  expect(branch.downs.map(({ code }) => code)).toEqual(["ike.terminated"]);
  expect(branch.engine.nextTimeout()).toBeUndefined();
});

test("INITIAL_CONTACT makes the hub drop what a restarted branch left there", () => {
  const world = new World({ seed: 22 });
  const hub = world.hub();
  const first = world.branch();
  first.connect(connection(), hub.address);
  world.runUntil(() => first.isUp);
  world.link.cut(first.address);
  first.terminate();
  world.runUntil(() => first.down !== undefined, { within: seconds(120) });
  world.link.uncut(first.address);
  first.connect(connection(), hub.address);
  world.runUntil(() => first.isUp);
  assertOneTunnel(first, hub);
});

test("a hub that accepts only other ESP algorithms refuses the Child SA, and we say so", () => {
  const world = new World({ seed: 23 });
  const hub = world.hub("hub1", { acceptable: { ...acceptAll, esn: false } });
  const branch = world.branch();
  const esp = { ...connection().child.proposals[0], esn: "require" as const };
  const child = { ...connection().child, proposals: [esp as never] };
  branch.connect(connection({ child }), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.child.no-proposal");
});
