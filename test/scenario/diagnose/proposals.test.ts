/** What goes wrong in the first exchange, produced with a hub that refuses it, and what the branch says of it. */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { ALGORITHM, acceptAll } from "#test/support/virtual-hub/suite.ts";
import { EXCHANGE, NOTIFY } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const { IKE_SA_INIT } = EXCHANGE;

test("a hub with other algorithms: what is offered stands beside what the hub chose", () => {
  const world = new World({ seed: 1 });
  world.hub("hub1", { acceptable: { ...acceptAll, encryption: [] } });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  const words = /takes none of the IKE proposals/;
  const finding = expectOnly(branch.diagnose(), "ike-proposal-mismatch", words);
  const comparison = finding.evidence.find((each) => each.comparison)?.comparison;
  expect(comparison?.ours[0]).toMatch(/^encryption aes-.*key-exchange x25519/);
  expect(comparison?.theirs).toEqual(["none (NO_PROPOSAL_CHOSEN)"]);
  expect(branch.diagnose()).toMatchObject({ client: "hq", healthy: false });
});

test("a hub that chooses what was not offered: the same, with its choice", () => {
  const world = new World({ seed: 2 });
  const hub = world.hub();
  hub.impair({ kind: "proposal-not-offered", exchange: IKE_SA_INIT, how: "cipher" });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  const words = /takes none of the IKE proposals/;
  const finding = expectOnly(branch.diagnose(), "ike-proposal-mismatch", words);
  expect(finding.evidence.at(-1)?.comparison?.theirs[0]).toMatch(/ENCR|AES|3DES/);
});

test("a hub that wants a group which is not offered: the group stands beside ours", () => {
  const world = new World({ seed: 3 });
  world.hub().impair({
    kind: "refuse",
    exchange: IKE_SA_INIT,
    notify: NOTIFY.INVALID_KE_PAYLOAD,
    data: Uint8Array.of(0, ALGORITHM.MODP_2048),
  });
  const only = { encryption: ["aes-gcm-256"], prf: ["sha256"], "key-exchange": ["x25519"] };
  const branch = new BranchUnderDiagnosis(world, {
    proposals: { only },
    profile: { proposals: ["only"] },
  }).start();
  world.runFor(seconds(20));

  const words = /wants the key exchange .*2048.* offers only .*25519/;
  const finding = expectOnly(branch.diagnose(), "key-exchange-not-offered", words);
  expect(finding.evidence.at(-1)?.comparison?.ours).toHaveLength(1);
});

test("a hub that asks for a cookie whatever it gets: a load balancer is named", () => {
  const world = new World({ seed: 4 });
  world.hub().impair({
    kind: "refuse",
    exchange: IKE_SA_INIT,
    notify: NOTIFY.COOKIE,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(minutes(1));

  expectOnly(branch.diagnose(), "cookie-loop", /COOKIE.*load balancer/);
});

test("a hub that rejects the key exchange it asked for", () => {
  const world = new World({ seed: 5 });
  world.hub().impair({
    kind: "refuse",
    exchange: IKE_SA_INIT,
    notify: NOTIFY.INVALID_KE_PAYLOAD,
    data: Uint8Array.of(0, ALGORITHM.ECP_256),
  });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(minutes(1));

  expectOnly(branch.diagnose(), "key-exchange-loop", /asks for a key exchange, gets it/);
});

test("a hub that refuses IKE version 2", () => {
  const world = new World({ seed: 6 });
  const notify = NOTIFY.INVALID_MAJOR_VERSION;
  world.hub().impair({ kind: "refuse", exchange: IKE_SA_INIT, notify });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "ike-version", /not in IKEv2/);
});

test("a hub that answers in IKEv1", () => {
  const world = new World({ seed: 7 });
  const hub = world.hub();
  hub.impair({ kind: "silent" });
  const branch = new BranchUnderDiagnosis(world).start();
  // What an IKEv1 responder makes of it: the same cookies, version 1.0, an informational exchange.
  world.link.tap(({ from, to, bytes }) => {
    if (to.address !== hub.address) return;
    const answer = bytes.slice(0, 28);
    answer[17] = 0x10;
    answer.set([0, 0, 0, 28], 24);
    world.link.send({ protocol: "udp", from: to, to: from, bytes: answer });
  });
  world.runFor(minutes(1));

  expectOnly(branch.diagnose(), "ike-version", /version 1\.0/);
});

test("a hub with a critical payload that nobody knows", () => {
  const world = new World({ seed: 8 });
  const match = { exchange: IKE_SA_INIT };
  world.hub().impair({ kind: "unknown-payload", match, isCritical: true });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "critical-payload", /marked critical/);
});

test("a hub that does not know a payload of ours", () => {
  const world = new World({ seed: 9 });
  const notify = NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD;
  world.hub().impair({ kind: "refuse", exchange: EXCHANGE.IKE_AUTH, notify });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "critical-payload", /this branch marked critical/);
});

test("a hub that leaves out what its answer needs", () => {
  const world = new World({ seed: 10 });
  world.hub().impair({ kind: "omit", match: { exchange: EXCHANGE.IKE_AUTH }, payload: 39 });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "protocol-broken", /breaks the protocol: IDr or AUTH is missing/);
});
