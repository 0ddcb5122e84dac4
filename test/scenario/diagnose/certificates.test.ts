/** Certificates and the clock that judges them: each made wrong in one way, and what the branch says of it. */
import { expect, test } from "vitest";
import { seconds, type WallClock } from "#lib/duration.ts";
import { PSK } from "#test/support/connection.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { certified, type Parts } from "#test/support/diagnosis/certified.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { makePki, makeRoot } from "#test/support/pki.ts";
import { EXCHANGE, PAYLOAD } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

function failing(
  seed: number,
  parts: Parts,
  options: { clockError?: number; clockDoubt?: string } = {},
) {
  const world = new World({ seed });
  const { hub, changes } = certified(parts);
  world.hub("hub1", hub);
  const branch = new BranchUnderDiagnosis(world, changes, options as never).start();
  world.runFor(seconds(20));
  return branch;
}

const YEARS = 365 * 86_400_000;

test("sound certificates: nothing is said", () => {
  const branch = failing(100, {});

  expect(branch.isUp).toBe(true);
  expect(branch.diagnose().findings).toEqual([]);
});

test("a hub whose certificate has expired", () => {
  const branch = failing(101, { hub: ({ expired }) => expired });

  const finding = expectOnly(branch.diagnose(), "hub-certificate-expired", /has expired/);
  expect(finding.evidence.at(-1)?.text).toMatch(/^the clock here says 2030-/);
});

test("a hub whose certificate is not valid yet", () => {
  const branch = failing(102, { hub: ({ notYetValid }) => notYetValid });

  expectOnly(branch.diagnose(), "hub-certificate-not-yet-valid", /not valid yet/);
});

test("a hub of another CA", () => {
  const other = makeRoot({ key: "ecdsa-256", subject: "CN=Other Root,O=Example" });
  const hub = other.issue({ subject: "CN=hub.example.net,O=Example", dns: ["hub.example.net"] });
  const branch = failing(103, { hub: () => hub });

  const words = /does not lead to a CA that is trusted here/;
  const finding = expectOnly(branch.diagnose(), "hub-certificate-untrusted", words);
  expect(finding.evidence.at(-1)).toMatchObject({ kind: "certificate" });
});

test("a hub whose certificate is for another name", () => {
  const branch = failing(104, {
    hub: ({ issuing }) =>
      issuing.issue({ subject: "CN=gate.example.net", dns: ["gate.example.net"] }),
  });

  expectOnly(branch.diagnose(), "hub-name-not-in-certificate", /its certificate does not say so/);
});

test("a hub that signs with another key than its certificate's", () => {
  const stranger = makePki({ key: "ecdsa-384" });
  const branch = failing(105, { hubKey: () => stranger.hub });

  expectOnly(branch.diagnose(), "hub-key-differs", /does not verify with its certificate/);
});

test("a hub with a certificate that is fit for mail only", () => {
  const mail = "1.3.6.1.5.5.7.3.4";
  const branch = failing(106, {
    hub: ({ issuing }) =>
      issuing.issue({
        subject: "CN=hub.example.net",
        dns: ["hub.example.net"],
        extendedKeyUsage: [mail],
      }),
  });

  expectOnly(branch.diagnose(), "hub-certificate-unfit", /can't be used/);
});

test("a hub that does not trust this branch's CA", () => {
  const other = makeRoot({ key: "ecdsa-256", subject: "CN=Other Root,O=Example" });
  const branch = failing(107, { hubTrusts: () => other });

  const finding = expectOnly(
    branch.diagnose(),
    "certificate-refused",
    /does not accept this branch/,
  );
  expect(finding.evidence.at(-1)?.text).toMatch(/^this branch: "CN=/);
});

test("a certificate of this branch that expires soon, while the tunnel is up", () => {
  const branch = failing(108, {
    branch: ({ issuing }) =>
      issuing.issue({
        subject: "CN=branch12.example.net",
        dns: ["branch12.example.net"],
        notAfter: "2030-01-20",
      }),
  });

  expect(branch.isUp).toBe(true);
  expectOnly(branch.diagnose(), "own-certificate-expires-soon", /expires at 2030-01-20/);
});

test("a certificate of this branch that has expired is the reason, not the hub's refusal", () => {
  const branch = failing(109, {
    branch: ({ issuing }) =>
      issuing.issue({
        subject: "CN=branch12.example.net",
        dns: ["branch12.example.net"],
        notAfter: "2029-06-01",
      }),
    hubTrusts: () => makeRoot({ key: "ecdsa-256", subject: "CN=Other Root,O=Example" }),
  });

  expectOnly(branch.diagnose(), "own-certificate-expired", /expired at 2029-06-01/);
});

test("a clock of before this software was made: it, and not the certificates, is wrong", () => {
  const branch = failing(110, { hub: ({ hub }) => hub }, { clockError: -15 * YEARS });
  branch.surroundings = {
    machine: { clock: { earliest: Date.UTC(2026, 10, 1) as WallClock, isSynchronised: false } },
  };

  const words = /clock of this branch is wrong: it says 2015-.*software was made at 2026-/;
  expectOnly(branch.diagnose(), "clock-wrong", words);
});

test("a clock of before every certificate of both ends, which nothing synchronises", () => {
  const branch = failing(111, {}, { clockError: -11 * YEARS });
  branch.surroundings = {
    machine: { clock: { earliest: Date.UTC(2018, 0, 1) as WallClock, isSynchronised: false } },
  };

  expectOnly(branch.diagnose(), "clock-wrong", /certificates of both ends begin later/);
});

test("a clock that can't be trusted yet: the hub's certificate is taken, and it is said what that is worth", () => {
  const clockDoubt = "nothing has set it since it started";
  const branch = failing(112, { hub: ({ notYetValid }) => notYetValid }, { clockDoubt });

  expect(branch.isUp).toBe(true);
  const words = /can't be trusted: nothing has set it.*The session is provisional/;
  const finding = expectOnly(branch.diagnose(), "clock-untrusted", words);
  expect(finding.evidence.at(-1)?.text).toMatch(/^the earliest that it can be is 2030-/);
});

test("a hub's certificate that has run out even by a clock that can't be trusted", () => {
  const branch = failing(113, { hub: ({ expired }) => expired }, { clockDoubt: "it is behind" });

  const codes = branch.diagnose().findings.map(({ code }) => code);
  expect(codes).toEqual(["hub-certificate-expired", "clock-untrusted"]);
});

test("a certificate of this branch that is not valid yet, by a clock that is right", () => {
  const branch = failing(112, {
    branch: ({ issuing }) =>
      issuing.issue({
        subject: "CN=branch12.example.net",
        dns: ["branch12.example.net"],
        notBefore: "2031-01-01",
      }),
    hubTrusts: () => makeRoot({ key: "ecdsa-256", subject: "CN=Other Root,O=Example" }),
  });

  const words = /branch \(CN=branch12\.example\.net\) is valid from 2031-01-01/;
  expectOnly(branch.diagnose(), "own-certificate-not-yet-valid", words);
});

test("a hub that signs and sends no certificate", () => {
  const world = new World({ seed: 113 });
  const { hub, changes } = certified();
  const match = { exchange: EXCHANGE.IKE_AUTH, isResponse: true };
  world.hub("hub1", hub).impair({ kind: "omit", match, payload: PAYLOAD.CERT });
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "hub-certificate-missing", /sends no certificate/);
});

test("a hub that authenticates by a pre-shared key where a certificate is asked for", () => {
  const world = new World({ seed: 114 });
  world.hub();
  const { changes } = certified();
  const identity = "fqdn:branch12.example.net";
  const local = { identity, authentication: "psk", psk: PSK };
  const profile = { ...changes.profile, local };
  const branch = new BranchUnderDiagnosis(world, { ...changes, profile }).start();
  world.runFor(seconds(20));

  const words = /authenticates itself by .*and the profile here asks for certificate/;
  expectOnly(branch.diagnose(), "authentication-method-differs", words);
});

test("a key of this branch for which the hub knows no signature", () => {
  const world = new World({ seed: 115 });
  const { hub, changes } = certified({ key: "ed25519" });
  world.hub("hub1", { ...hub, sendsSignatureHashes: false });
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "local-key-unusable", /can't sign for 203\.0\.113\.1/);
});
