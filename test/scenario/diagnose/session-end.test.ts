/** Sessions that end: the hub's will, its silence, keys that can't be renewed, two branches of one name. */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { EXCHANGE, NOTIFY } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

function connected(seed: number, changes = {}) {
  const world = new World({ seed });
  const hub = world.hub();
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));
  return { world, hub, branch };
}

test("a hub that deletes the session is what failed last once the branch is up again", () => {
  const { world, hub, branch } = connected(140);
  hub.deleteIke();
  world.runUntil(() => !branch.isUp);
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "hub-deleted-session", /ended the session/, "last");
});

test("while the branch is not up again, it stands in the way now", () => {
  const { world, hub, branch } = connected(141);
  hub.impair({ kind: "refuse", exchange: EXCHANGE.IKE_SA_INIT, notify: NOTIFY.TEMPORARY_FAILURE });
  hub.deleteIke();
  world.runUntil(() => !branch.isUp);

  expectOnly(branch.diagnose(), "hub-deleted-session", /ended the session/);
});

test("two branches with one identity throw each other out", () => {
  const world = new World({ seed: 142 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world).start();
  world.runUntil(() => branch.isUp);
  const clone = new BranchUnderDiagnosis(world, {}, { address: "192.0.2.11" as IpAddress }).start();
  // The hub keeps one session of an identity: each new one says INITIAL_CONTACT, and it forgets the other without a word.
  world.runFor(minutes(6));

  const diagnosis = branch.diagnose();
  expect(diagnosis.findings.map(({ code }) => code)).toEqual(["identity-used-twice"]);
  expect(diagnosis.findings[0]?.explanation).toMatch(/same identity, branch12\.example\.net/);
  clone.stop();
});

test("a hub that deletes the session again and again: the same", () => {
  const { world, hub, branch } = connected(144);
  for (let times = 0; times < 3; times++) {
    hub.deleteIke();
    world.runUntil(() => !branch.isUp);
    world.runUntil(() => branch.isUp, { within: minutes(5) });
    world.runFor(seconds(5));
  }

  expectOnly(branch.diagnose(), "identity-used-twice", /dropped the session 3 times/);
});

test("a hub that refuses to renew the keys of a session that is still up", () => {
  const { world, hub, branch } = connected(143);
  const notify = NOTIFY.NO_PROPOSAL_CHOSEN;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  const session = branch.flexvpn.views()[0]?.session;
  if (session === undefined) throw new Error("there is no session");
  branch.giveIke({ kind: "rekey-child", session });
  world.runFor(seconds(5));

  expect(branch.isUp).toBe(true);
  const words = /refuses to renew the keys \(NO_PROPOSAL_CHOSEN\)/;
  expectOnly(branch.diagnose(), "rekey-refused-so-far", words);
});

test("a hub that has no room to renew the keys: the session starts anew", () => {
  const { world, hub, branch } = connected(145);
  const notify = NOTIFY.NO_ADDITIONAL_SAS;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  const session = branch.flexvpn.views()[0]?.session;
  if (session === undefined) throw new Error("there is no session");
  branch.giveIke({ kind: "rekey-child", session });
  world.runUntil(() => !branch.isUp);

  const words = /refusing to renew the keys \(NO_ADDITIONAL_SAS\), so the session was started anew/;
  expectOnly(branch.diagnose(), "rekey-refused", words);
});

test("keys that could not be renewed before the end of the session's lifetime", () => {
  const { world, hub, branch } = connected(146, { profile: { lifetime: "10m" } });
  const notify = NOTIFY.NO_PROPOSAL_CHOSEN;
  hub.impair({ kind: "refuse", exchange: EXCHANGE.CREATE_CHILD_SA, notify });
  world.runUntil(() => !branch.isUp, { within: minutes(15) });

  expectOnly(branch.diagnose(), "lifetime-expired", /reached its lifetime/);
});
