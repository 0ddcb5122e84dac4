/** Backups that are not what they should be: groups, hot standbys, peers that were rehearsed. */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { EXCHANGE, NOTIFY } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const twoPeers = [{ address: "203.0.113.1" }, { address: "203.0.113.2" }];

test("a client that waits because another of its backup group uses every peer", () => {
  const world = new World({ seed: 180 });
  world.hub();
  const shared = { peers: [{ address: "203.0.113.1" }], "backup-group": "pair" };
  const clients = {
    first: { ...shared, tunnel: "Tunnel1" },
    hq: { ...shared, tunnel: "Tunnel0" },
  };
  const branch = new BranchUnderDiagnosis(world, { clients }).start();
  world.runFor(seconds(20));

  const words = /waits as it is meant to: .*client first of its backup group uses it/;
  expectOnly(branch.diagnose(), "backup-group-holds", words);
});

test.each([
  ["NO_ADDITIONAL_SAS", 181],
  ["INTERNAL_ADDRESS_FAILURE", 182],
] as const)("a hub that refuses the session which is to stand by (%s)", (notify, seed) => {
  const world = new World({ seed });
  world.hub();
  world.hub("hub2").impair({ kind: "refuse-child", notify: NOTIFY[notify] });
  const client = { peers: twoPeers, standby: "hot" };
  const branch = new BranchUnderDiagnosis(world, { client }).start();
  world.runFor(seconds(20));

  expect(branch.isUp).toBe(true);
  const words = /backup would not work .*203\.0\.113\.2 refuses a second session/;
  expectOnly(branch.diagnose(), "standby-refused", words);
});

test("a standby that a hub does not believe is told by its own reason", () => {
  const world = new World({ seed: 183 });
  world.hub();
  world.hub("hub2").impair({ kind: "wrong-psk" });
  const client = { peers: twoPeers, standby: "hot" };
  const branch = new BranchUnderDiagnosis(world, { client }).start();
  world.runFor(seconds(20));

  const diagnosis = branch.diagnose();
  expectOnly(
    diagnosis,
    "hub-psk-differs",
    /^A backup would not work if it were needed: 203\.0\.113\.2/,
  );
  expect(diagnosis.summary).toMatch(/^hq is connected to 203\.0\.113\.1, but: /);
});

test("hubs that keep one session of a branch: the standby throws out the session in use", () => {
  const world = new World({ seed: 184 });
  const hubs = [world.hub(), world.hub("hub2")];
  const client = { peers: twoPeers, standby: "hot" };
  const branch = new BranchUnderDiagnosis(world, { client }).start();
  // Hubs that share their sessions, as a cluster does: the newest of an identity wins.
  const order: unknown[] = [];
  const keepNewest = () => {
    for (const hub of hubs)
      for (const sa of hub.established) if (!order.includes(sa)) order.push(sa);
    const alive = hubs.flatMap((hub) => hub.established.map((sa) => ({ hub, sa })));
    const newest = order.findLast((sa) => alive.some((each) => each.sa === sa));
    for (const { hub, sa } of alive) if (sa !== newest) hub.deleteIke(sa);
  };
  const isDeleted = ({ mnemonic }: { mnemonic: string }) => mnemonic === "IKEV2-5-SA_DOWN";
  for (let passed = 0; passed < 60; passed++) {
    if (branch.events.last(2_000).filter(isDeleted).length >= 4) break;
    world.runFor(seconds(1));
    keepNewest();
  }

  const diagnosis = branch.diagnose();
  expect(diagnosis.findings.map(({ code }) => code)).toContain("standby-replaces-session");
  expect(diagnosis.findings.map(({ code }) => code)).not.toContain("identity-used-twice");
});

test("a rehearsal that finds a hub out of order names what is wrong with it", () => {
  const world = new World({ seed: 185 });
  world.hub();
  const { IKE_AUTH } = EXCHANGE;
  const notify = NOTIFY.AUTHENTICATION_FAILED;
  world.hub("hub2").impair({ kind: "refuse", exchange: IKE_AUTH, notify });
  const branch = new BranchUnderDiagnosis(world, { client: { peers: twoPeers } }).start();
  world.runUntil(() => branch.isUp);
  branch.giveFlexvpn({ kind: "rehearse", client: "hq", by: "command line" });
  world.runFor(minutes(1));

  const words = /^A backup would not work .*203\.0\.113\.2 does not accept this branch/;
  expectOnly(branch.diagnose(), "psk-or-identity-refused", words);
});
