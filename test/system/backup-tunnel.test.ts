/** A second client with a tunnel of its own, connected by a track object exactly while the first one is down. */
import { expect } from "vitest";
import { hubs, lan, sharedHubAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { twinHub } from "#test/lab/strongswan-config.ts";
import { causesOf, withoutCause } from "./causes.ts";

const peers = [
  { seq: 10, address: hubs.hub1.ipv4 },
  { seq: 20, address: hubs.hub2.ipv4 },
];

const twoTunnels = {
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "1s", retry: "500ms" },
        retransmit: { initial: "300ms", factor: 1.5, limit: 3 },
      },
    },
  },
  tunnels: { Tunnel0: {}, Tunnel1: {} },
  track: { primary: { interface: "Tunnel0", check: "line-protocol" } },
  clients: {
    hq: { tunnel: "Tunnel0", "backup-group": "main", backoff: { initial: "500ms", max: "1s" } },
    spare: {
      profile: "hq",
      tunnel: "Tunnel1",
      connect: { track: "primary", state: "down" },
      "backup-group": "main",
      peers,
      inside: [lan.interface],
    },
  },
};

scenario("the backup tunnel is up exactly while the primary is down", async (lab) => {
  const { branch, faults, hub1, hub2, topology } = lab;
  await Promise.all([
    hub1.start({ swanctl: twinHub(topology, "hub1") }),
    hub2.start({ swanctl: twinHub(topology, "hub2") }),
  ]);
  await branch.start(pskBranch(twoTunnels));
  await branch.untilUp({ peer: hubs.hub1.ipv4 });
  const standsDown = () =>
    branch.untilClient("standing down", ({ state }) => state === "tracking", 60_000, "spare");
  await standsDown();
  await lab.untilReachable(sharedHubAddress);
  const wayTo = async () =>
    (await topology.must("branch", `ip route get ${sharedHubAddress}`)).match(/Tunnel\d/)?.[0];
  expect(await wayTo()).toBe("Tunnel0");

  await faults.drop("hub1");
  const spare = await branch.untilUp({ peer: hubs.hub2.ipv4 }, "spare");
  await lab.untilReachable(sharedHubAddress);
  expect(await wayTo()).toBe("Tunnel1");
  expect(await lab.sourcesSeenAt("hub2", () => lab.ping("hub2", 2))).toEqual([spare.assigned.ipv4]);
  const causes = await causesOf(branch, "FLEXSPOKE-5-TRACK_GATE");
  expect(causes).toEqual(expect.arrayContaining(["TRACK-6-STATE"]));
  expect(causes).toContain("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");

  await faults.drop();
  await branch.untilUp({ peer: hubs.hub1.ipv4 });
  await standsDown();
  await lab.untilReachable(sharedHubAddress);
  expect(await wayTo()).toBe("Tunnel0");
  await until("hub2 is left", async () => (await hub2.sas()).length === 0, 20_000);
  expect(await withoutCause(branch)).toEqual([]);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
  expect(await branch.stop("SIGTERM")).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
});
