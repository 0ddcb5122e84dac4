/** One key for each branch, chosen by the hub from the identity that the branch presents. */
import { expect } from "vitest";
import { hubs } from "#test/lab/addresses.ts";
import { Branch, type BranchConfig, pskBranch } from "#test/lab/branch.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { expectFault } from "./fault-report.ts";

const keys = { "branch12.lab": "the key of branch12", "branch13.lab": "the key of branch13" };

/** The router of the second site is a branch of hub1 here, with the host behind it as its LAN. */
function secondBranch(key: string): BranchConfig {
  const profile = { local: { identity: "fqdn:branch13.lab" } };
  const client = { inside: ["inside"], backoff: { initial: "50s", max: "60s" } };
  const over = {
    hostname: "branch13",
    ikev2: { profiles: { hq: profile } },
    clients: { hq: client },
  };
  return { ...pskBranch(over), files: { "secrets/hq.psk": key } };
}

scenario("each branch joins by the key of its own identity, and by no other", async (lab) => {
  const secrets = Object.entries(keys).map(([id, secret], index) => [
    `ike-${index}`,
    { id, secret: `"${secret}"` },
  ]);
  await lab.hub1.start({
    swanctl: pskHub(lab.topology, "hub1", {
      secrets: { "ike-any": undefined, ...Object.fromEntries(secrets) },
    }),
  });
  const other = new Branch(lab.topology, "hub2");
  const first = { ...pskBranch(), files: { "secrets/hq.psk": keys["branch12.lab"] } };
  await Promise.all([lab.branch.start(first), other.start(secondBranch(keys["branch13.lab"]))]);
  const clients = [await lab.branch.untilState("up"), await other.untilState("up")];
  await lab.untilReachable();

  const assigned = clients.map((client) => client.assigned.ipv4);
  expect(new Set(assigned).size).toBe(2);
  const sas = await lab.hub1.sas();
  expect(Object.fromEntries(sas.map(({ remoteId, assigned: [ipv4] }) => [remoteId, ipv4]))).toEqual(
    {
      "branch12.lab": assigned[0],
      "branch13.lab": assigned[1],
    },
  );
  const sources = await lab.sourcesSeenAt("hub1", () =>
    Promise.all([
      lab.ping("hub1", 2),
      lab.topology.must("hq2", `ping -c 2 -i 0.2 -W 2 ${hubs.hub1.host4}`),
    ]),
  );
  expect(sources.sort()).toEqual([...assigned].sort());

  expect(await other.stop("SIGTERM")).toBe(0);
  await other.forget();
  await other.start(secondBranch(keys["branch12.lab"]));
  await expectFault(other, /^ike\.auth\./, /;.*key/);
  expect(await lab.ping("hub1", 2)).toBe(2);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
  await other.stop("SIGTERM");
});
