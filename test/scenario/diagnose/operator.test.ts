/** What people did: disconnect, wait to be asked, change the configuration. */
import { expect, test } from "vitest";
import { GuardEngine } from "#guard/engine.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { World } from "#test/support/world.ts";

function branchIn(seed: number, changes = {}) {
  const world = new World({ seed });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runFor(seconds(5));
  return { world, branch };
}

test("a client that somebody disconnected", () => {
  const { world, branch } = branchIn(60);
  branch.giveFlexvpn({ kind: "disconnect", client: "hq", by: "admin on the page" });
  world.runFor(seconds(5));

  const words = /disconnected by admin on the page/;
  const finding = expectOnly(branch.diagnose(), "disconnected-on-request", words);
  expect(finding.remedy).toMatch(/flexspoke connect hq/);
});

test("a client that waits for somebody to start it", () => {
  const { branch } = branchIn(61, { client: { connect: "manual" } });

  expectOnly(branch.diagnose(), "started-by-hand", /`manual`/);
});

test("a new configuration on trial that lacks a client", () => {
  const { world, branch } = branchIn(62);
  const guard = new GuardEngine();
  const { now } = world.clock;
  guard.handle({ kind: "began", clients: ["hq", "spare"] }, now);
  const up = { kind: "client-changed", status: "up", reason: "up" } as const;
  guard.handle({ ...up, client: "spare" }, now);
  const within = minutes(5);
  guard.handle({ kind: "changed", clients: ["hq", "spare"], by: "command line", within }, now);
  guard.handle({ ...up, client: "spare", status: "connecting" }, now);
  const { trial } = guard.view();
  if (!trial) throw new Error("nothing is on trial");
  branch.configuration = {
    kept: false,
    trial: { by: trial.by, lacking: trial.lacking, "needs-confirm": trial.needsConfirm },
  };

  const words = /of command line is on trial and waits for spare to come up/;
  expectOnly(branch.diagnose(), "configuration-on-trial", words);
});

test("a configuration that was undone is told as what failed last", () => {
  const { branch } = branchIn(63);
  branch.events.record({
    severity: "error",
    mnemonic: "FLEXSPOKE-3-CONFIGURATION_UNDONE",
    message: "the configuration before is in force again: hq did not come up within 5m",
    data: { why: "hq did not come up within 5m", file: "/etc/flexspoke/config.yaml.undone" },
  });

  const words = /was undone: hq did not come up within 5m/;
  expectOnly(branch.diagnose(), "configuration-undone", words, "last");
  expect(branch.diagnose().healthy).toBe(true);
});

test("a file that was refused is told until it is right", () => {
  const { branch } = branchIn(64);
  const record = (mnemonic: string, data = {}) =>
    branch.events.record({ severity: "error", mnemonic, message: "the file was read", data });
  record("FLEXSPOKE-3-CONFIGURATION_REFUSED", { errors: ["config.yaml:3:1: no such key"] });
  expectOnly(branch.diagnose(), "configuration-refused", /config\.yaml:3:1: no such key/);

  record("FLEXSPOKE-5-CONFIGURED");
  expect(branch.diagnose().findings).toEqual([]);
});
