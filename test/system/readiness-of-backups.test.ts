/** Backups that are known to work before they are needed: hot standby and rehearsal. */
import { expect } from "vitest";
import { hubs, sharedHubAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { scenariosWith } from "#test/lab/scenario.ts";
import { twinHub } from "#test/lab/strongswan-config.ts";
import { withoutCause } from "./causes.ts";

const [one, two] = [hubs.hub1.ipv4, hubs.hub2.ipv4];

const pingSeconds = 0.05;

const scenario = scenariosWith(({ topology, hub1, hub2 }) =>
  Promise.all([
    hub1.start({ swanctl: twinHub(topology, "hub1") }),
    hub2.start({ swanctl: twinHub(topology, "hub2") }),
  ]),
);

scenario("a hot standby takes over without a word to the hub", async (lab) => {
  const { branch, hub1, hub2, topology } = lab;
  const peers = [
    { seq: 10, address: one, track: "hub1-is-well" },
    { seq: 20, address: two },
  ];
  const over = {
    track: { "hub1-is-well": { stub: "up" } },
    clients: { hq: { standby: "hot", peers } },
  };
  await branch.start(pskBranch(over));
  await branch.untilUp({ peer: one });
  await branch.untilClient("guarded", ({ standby }) => standby?.state === "ready");
  await lab.untilReachable(sharedHubAddress);
  const kernel = (what: "state" | "policy") => topology.must("branch", `ip xfrm ${what}`);
  await until(
    "the standby is in the kernel",
    async () => (await kernel("state")).includes(two),
    10_000,
  );
  const [sa, ...others] = await hub2.sas();
  expect(others).toEqual([]);
  expect(await kernel("policy")).not.toContain(two);
  const pings = await lab.steadyPing(sharedHubAddress, pingSeconds);
  await pings.untilAnswered(5);

  await branch.action("track/hub1-is-well", { state: "down" });
  const { assigned } = await branch.untilUp({ peer: two });
  await pings.untilAnswered(5);
  expect((await pings.stop()).longestGap * pingSeconds).toBeLessThan(5);

  expect(await lab.sourcesSeenAt("hub2", () => lab.ping("hub2", 2))).toEqual([assigned.ipv4]);
  expect((await hub2.sas()).map(({ spiInitiator }) => spiInitiator)).toEqual([sa?.spiInitiator]);
  const isGone = async () => !`${await kernel("state")}${await kernel("policy")}`.includes(one);
  await until("nothing of hub1 is in the kernel", isGone, 10_000);
  await until("hub1 is left", async () => (await hub1.sas()).length === 0, 20_000);
  expect(await withoutCause(branch)).toEqual([]);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});

scenario("a rehearsal finds the backup with a wrong key, and moves no traffic", async (lab) => {
  const { branch, hub1, hub2, topology } = lab;
  await hub2.stop();
  const secrets = { "ike-any": { secret: '"the key of another time"' } };
  await hub2.start({ swanctl: twinHub(topology, "hub2", { secrets }) });
  const source = [
    { seq: 1, interface: "wan1" },
    { seq: 2, interface: "wan2" },
  ];
  const peers = [
    { seq: 10, address: one },
    { seq: 20, address: two },
  ];
  await branch.start(pskBranch({ clients: { hq: { peers, source } } }));
  await branch.untilUp({ peer: one, source: "wan1" });
  await lab.untilReachable(sharedHubAddress);
  const [session] = await hub1.sas();
  const pings = await lab.steadyPing(sharedHubAddress, 0.1);

  const { stdout, code } = await branch.cli("rehearse", "hq", "--json");
  await pings.untilAnswered(5);
  expect((await pings.stop()).lost).toBe(0);
  expect(code).toBe(0);
  const { hq } = JSON.parse(stdout) as { hq: { host: string; source: string; reason?: string }[] };
  expect(hq).toEqual([
    expect.objectContaining({ host: one, source: "wan1", works: true, reason: "in use" }),
    expect.objectContaining({ host: two, source: "wan1", works: false }),
    expect.objectContaining({ host: one, source: "wan2", works: true }),
    expect.objectContaining({ host: two, source: "wan2", works: false }),
  ]);
  const broken = await branch.untilEvent("FLEXSPOKE-3-BACKUP_BROKEN");
  expect(broken.message).toMatch(/would not work if it were needed: .*key/);
  await until("the session in use is alone", async () => (await hub1.sas()).length === 1, 20_000);
  expect((await hub1.sas()).map(({ spiInitiator }) => spiInitiator)).toEqual([
    session?.spiInitiator,
  ]);
  expect((await branch.client()).peer?.address).toBe(one);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});
