/** Names of peers that lead nowhere, and what the branch says of them. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import {
  BranchUnderDiagnosis,
  type Surroundings,
} from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import type { Watchers } from "#test/support/diagnosis/watchers.ts";
import { World } from "#test/support/world.ts";

function asking(
  seed: number,
  answer: Watchers["names"][string],
  peer: object = {},
  surroundings: Surroundings = {},
) {
  const world = new World({ seed });
  world.hub();
  const peers = [{ fqdn: "hub.example.net", ...peer }];
  const branch = new BranchUnderDiagnosis(world, { client: { peers } });
  branch.watchers.names = { "hub.example.net": answer };
  branch.surroundings = surroundings;
  branch.start();
  world.runFor(seconds(5));
  return branch;
}

test("a name that does not exist", () => {
  const branch = asking(70, "ENOTFOUND");

  expectOnly(branch.diagnose(), "name-unknown", /hub\.example\.net has no address/);
});

test("name servers that do not answer", () => {
  const branch = asking(71, "EAI_AGAIN");

  const finding = expectOnly(branch.diagnose(), "name-server-silent", /servers do not answer/);
  expect(finding.evidence.at(-1)?.text).toBe("name servers: 192.0.2.53");
});

test("a name server that takes too long", () => {
  const branch = asking(72, "ETIMEDOUT");

  expectOnly(branch.diagnose(), "name-server-silent", /servers do not answer/);
});

test("a branch that knows no name server", () => {
  const branch = asking(73, "EAI_AGAIN", {}, { machine: { nameServers: [] } });

  expectOnly(branch.diagnose(), "no-name-server", /knows no name server/);
});

test("a name without an address of the family that is asked for", () => {
  const branch = asking(74, ["203.0.113.1" as IpAddress], { family: "ipv6" });

  expectOnly(branch.diagnose(), "name-without-family", /no address of the family.*IPv6/);
});

test("a name whose addresses are none of the source's family", () => {
  const world = new World({ seed: 75 });
  const peers = [{ fqdn: "hub.example.net" }];
  const source = [{ seq: 1, interface: "wan0" }];
  const branch = new BranchUnderDiagnosis(world, { client: { peers, source } });
  branch.watchers.names = { "hub.example.net": ["2001:db8::1" as IpAddress] };
  branch.start();
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "name-without-family", /none of the addresses/);
});
