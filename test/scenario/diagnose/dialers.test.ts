/** Lines that don't come up: the real dial engine, with the ends that the readers of pppd and ModemManager make. */
import { expect, test } from "vitest";
import type { LineEnd } from "#dial/line.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { mmcliFault } from "#linux/dial/mmcli-fault.ts";
import { PppdOutput } from "#linux/dial/pppd-output.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { World } from "#test/support/world.ts";

const pppd = { lte: { pppd: { peer: "lte" } } };
const modem = { lte: { "modem-manager": { apn: "internet" } } };
const pppoe = {
  lte: { pppoe: { interface: "eth2", username: "u", password: { file: "secrets/pppoe" } } },
};

/** What pppd wrote before it ended with this status. */
function pppdEnd(status: number, ...lines: readonly string[]): LineEnd {
  const output = new PppdOutput("ppp-lte");
  for (const line of lines) output.read(line);
  return output.end(status, undefined);
}

function dialling(seed: number, dialers: object, line: LineEnd | undefined) {
  const world = new World({ seed });
  world.hub();
  const source = [{ seq: 1, interface: "ppp-lte" }];
  const files = { "secrets/pppoe": "correct-horse" };
  const branch = new BranchUnderDiagnosis(world, {
    dialers,
    files,
    client: { source, dialer: "lte" },
  });
  branch.watchers.line = line;
  branch.start();
  world.runFor(seconds(40));
  return { world, branch };
}

test("a password that the provider refuses (PPP)", () => {
  const end = pppdEnd(19, "CHAP authentication failed: Access denied");
  const { branch } = dialling(160, pppd, end);

  const words = /dialer lte has no line; the provider refuses the login/;
  const finding = expectOnly(branch.diagnose(), "line-authentication-failed", words);
  expect(finding.remedy).toMatch(/user name .* password/);
});

test("a password that the provider refuses (PPPoE)", () => {
  const { branch } = dialling(161, pppoe, pppdEnd(19, "PAP authentication failed"));

  const words = /the provider refuses the login/;
  expectOnly(branch.diagnose(), "line-authentication-failed", words);
});

test("an access point name that the mobile network refuses", () => {
  const end = mmcliFault(
    "error: couldn't connect the modem: 'GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.ServiceOptionNotSubscribed: Requested service option not subscribed'",
  );
  const { branch } = dialling(162, modem, end);

  const finding = expectOnly(branch.diagnose(), "line-authentication-failed", /refuses this SIM/);
  expect(finding.remedy).toMatch(/`apn`/);
});

test("a SIM that asks for its PIN", () => {
  const { branch } = dialling(163, modem, mmcliFault("error: modem is locked: sim-pin"));

  expectOnly(branch.diagnose(), "sim-unusable", /the SIM asks for a PIN/);
});

test("a modem without SIM", () => {
  const { branch } = dialling(164, modem, mmcliFault("error: SIM not inserted"));

  expectOnly(branch.diagnose(), "sim-unusable", /there is no SIM/);
});

test("a modem that is not registered with a network", () => {
  const end = mmcliFault(
    "error: 'GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.NoNetwork: No network service'",
  );
  const { branch } = dialling(165, modem, end);

  expectOnly(branch.diagnose(), "modem-not-registered", /not registered with a network/);
});

test("a modem that is not there", () => {
  const { branch } = dialling(166, modem, mmcliFault("error: couldn't find modem"));

  expectOnly(branch.diagnose(), "modem-missing", /knows no such modem/);
});

test("a serial port that can't be opened", () => {
  const { branch } = dialling(167, pppd, pppdEnd(7));

  expectOnly(branch.diagnose(), "modem-missing", /serial port could not be opened/);
});

test("PPPoE discovery that nobody answers", () => {
  const { branch } = dialling(168, pppoe, pppdEnd(1, "Timeout waiting for PADO packets"));

  expectOnly(branch.diagnose(), "line-silent", /no access concentrator answers/);
});

test("a line that fails for another reason", () => {
  const { branch } = dialling(169, pppd, pppdEnd(2));

  expectOnly(branch.diagnose(), "line-fails", /does not accept its options/);
});

test("a program that does not end even when killed", () => {
  const { world, branch } = dialling(170, pppd, undefined);
  branch.watchers.isLineStuck = true;
  world.runFor(minutes(4));

  expectOnly(branch.diagnose(), "dialer-stuck", /does not end, even when killed/);
});
