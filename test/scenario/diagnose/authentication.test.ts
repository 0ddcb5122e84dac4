/** One end does not believe the other: produced with a hub that has other keys or names, and what the branch says of it. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { World } from "#test/support/world.ts";

function failing(seed: number, prepare: (hub: ReturnType<World["hub"]>) => void, profile = {}) {
  const world = new World({ seed });
  prepare(world.hub());
  const branch = new BranchUnderDiagnosis(world, { profile }).start();
  world.runFor(seconds(20));
  return branch;
}

const local = { identity: "fqdn:branch12.example.net", authentication: "psk" };
const remote = { identity: "fqdn:*.example.net", authentication: "psk" };

test("a pre-shared key that the hub does not have: it says what it can't tell apart", () => {
  const branch = failing(20, () => {}, { local: { ...local, psk: "another key altogether" } });

  const words = /pre-shared key differs, or .* nobody called branch12\.example\.net/;
  const finding = expectOnly(branch.diagnose(), "psk-or-identity-refused", words);
  expect(JSON.stringify(finding)).not.toContain("another key");
});

test("an identity that the hub does not know: the same answer, with our identity", () => {
  const identity = "fqdn:branch13.example.net";
  const branch = failing(21, () => {}, {
    local: { ...local, identity, psk: "the branch and the hub know this" },
  });

  const words = /nobody called branch13\.example\.net/;
  const finding = expectOnly(branch.diagnose(), "psk-or-identity-refused", words);
  expect(finding.evidence.at(-1)?.text).toMatch(/branch13\.example\.net.*local\.identity/);
});

test("a hub that proves itself with another key", () => {
  const branch = failing(22, (hub) => hub.impair({ kind: "wrong-psk" }));

  expectOnly(branch.diagnose(), "hub-psk-differs", /another pre-shared key/);
});

test("a hub that calls itself differently: both names stand side by side", () => {
  const branch = failing(23, (hub) =>
    hub.impair({ kind: "wrong-identity", fqdn: "gate.example.org" }),
  );

  const words = /proves itself as gate\.example\.org/;
  const finding = expectOnly(branch.diagnose(), "hub-identity-unexpected", words);
  expect(finding.evidence.at(-1)?.comparison).toEqual({
    ours: ["fqdn:*.example.net"],
    theirs: ["gate.example.org"],
  });
});

test("once the key is right, what failed is the last thing that did", () => {
  const world = new World({ seed: 24 });
  const hub = world.hub();
  hub.impair({ kind: "wrong-psk", times: 1 });
  const branch = new BranchUnderDiagnosis(world, {
    profile: { remote: { ...remote, psk: "the branch and the hub know this" } },
  }).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));

  const diagnosis = branch.diagnose();
  expectOnly(diagnosis, "hub-psk-differs", /another pre-shared key/, "last");
  expect(diagnosis).toMatchObject({ healthy: true });
  expect(diagnosis.summary).toMatch(/connected to 203\.0\.113\.1 and nothing is wrong/);
});

test("nothing wrong, nothing said", () => {
  const world = new World({ seed: 25 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));

  expect(branch.diagnose()).toMatchObject({
    healthy: true,
    summary: "hq is connected to 203.0.113.1 and nothing is wrong.",
    findings: [],
  });
});
