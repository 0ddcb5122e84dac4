/** Both ends believe each other and the tunnel is refused, and what the branch says of it. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { EXCHANGE, NOTIFY } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

const INVALID_SELECTORS = 39;
/** The payload that assigns addresses. */
const CONFIGURATION = 47;

function failing(seed: number, prepare: (hub: ReturnType<World["hub"]>) => void, changes = {}) {
  const world = new World({ seed });
  prepare(world.hub());
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runFor(seconds(20));
  return branch;
}

const refusing = (seed: number, notify: number) =>
  failing(seed, (hub) => hub.impair({ kind: "refuse-child", notify }));

test("a hub with other ESP algorithms: what is offered stands beside what it chose", () => {
  const branch = refusing(120, NOTIFY.NO_PROPOSAL_CHOSEN);

  const finding = expectOnly(
    branch.diagnose(),
    "esp-proposal-mismatch",
    /none of its ESP proposals/,
  );
  const { comparison } = finding.evidence.at(-1) ?? {};
  expect(comparison?.ours[0]).toMatch(/^encryption aes-/);
  expect(comparison?.theirs).toHaveLength(1);
});

test("a hub that chooses an ESP cipher which was not offered", () => {
  const branch = failing(121, (hub) =>
    hub.impair({ kind: "proposal-not-offered", exchange: EXCHANGE.IKE_AUTH, how: "cipher" }),
  );

  expectOnly(branch.diagnose(), "esp-proposal-mismatch", /none of its ESP proposals/);
});

test("a hub that wants other networks", () => {
  const branch = refusing(122, NOTIFY.TS_UNACCEPTABLE);

  const words = /not the networks of its tunnel: local .*0\.0\.0\.0.*remote .*0\.0\.0\.0/;
  expectOnly(branch.diagnose(), "selectors-refused", words);
});

test("a hub that answers with networks nobody asked for: both stand side by side", () => {
  const profile = { "config-exchange": { request: ["ipv4"] } };
  const branch = failing(131, (hub) => hub.impair({ kind: "widened-selectors" }), { profile });

  const words = /answered with .*::\/0.*, which is more than this branch asked for/;
  const finding = expectOnly(branch.diagnose(), "selectors-not-asked-for", words);
  expect(finding.evidence.at(-1)?.comparison?.ours).toEqual(["0.0.0.0/0", "0.0.0.0/0"]);
});

test("a hub without a free address", () => {
  const branch = refusing(123, NOTIFY.INTERNAL_ADDRESS_FAILURE);

  const finding = expectOnly(branch.diagnose(), "address-pool-empty", /has no address for it/);
  expect(finding.remedy).toMatch(/show ip local pool/);
});

test("a hub that assigns no address at all", () => {
  const match = { exchange: EXCHANGE.IKE_AUTH, isResponse: true };
  const branch = failing(124, (hub) => hub.impair({ kind: "omit", match, payload: CONFIGURATION }));

  expectOnly(branch.diagnose(), "no-address-assigned", /assigned no address/);
});

test.each([
  ["NO_ADDITIONAL_SAS", 125],
  ["TEMPORARY_FAILURE", 126],
] as const)("a hub that is full says %s to the tunnel", (notify, seed) => {
  const branch = refusing(seed, NOTIFY[notify]);

  expectOnly(branch.diagnose(), "hub-full", new RegExp(`no further tunnel now \\(${notify}\\)`));
});

test("a hub that is full says so to the whole session", () => {
  const { TEMPORARY_FAILURE } = NOTIFY;
  const branch = failing(127, (hub) =>
    hub.impair({ kind: "refuse", exchange: EXCHANGE.IKE_AUTH, notify: TEMPORARY_FAILURE }),
  );

  expectOnly(branch.diagnose(), "hub-full", /no further tunnel now/);
});

test("a hub with a reason of its own against the tunnel", () => {
  const branch = refusing(128, INVALID_SELECTORS);

  expectOnly(branch.diagnose(), "hub-refuses-child", /refuses its tunnel with INVALID_SELECTORS/);
});

test("a hub with a reason of its own against the first exchange", () => {
  const branch = failing(129, (hub) =>
    hub.impair({ kind: "refuse", exchange: EXCHANGE.IKE_SA_INIT, notify: NOTIFY.INVALID_SYNTAX }),
  );

  expectOnly(branch.diagnose(), "hub-refuses-exchange", /refuses IKE_SA_INIT with INVALID_SYNTAX/);
});

test("a kernel that refuses the SA that was negotiated", () => {
  const world = new World({ seed: 130 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world);
  branch.installFault = {
    code: "kernel.module-missing",
    message: "the kernel lacks rfc4106(gcm(aes)): load gcm",
  };
  branch.start();
  world.runFor(seconds(3));

  expectOnly(branch.diagnose(), "sa-not-installed", /refused its SA: .*rfc4106/);
});
