/** Two hubs for the same networks: one takes over when the other dies, and gives back when it has returned. */
import { expect } from "vitest";
import { hubs, sharedHubAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { mergeSettings, type Settings } from "#test/lab/merge.ts";
import { scenariosWith } from "#test/lab/scenario.ts";
import { twinHub } from "#test/lab/strongswan-config.ts";
import { causesOf, turns, withoutCause } from "./causes.ts";

/** Soon sure that a hub is dead, and soon willing to go back to it. */
const alert: Settings = {
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "1s", retry: "500ms" },
        retransmit: { initial: "300ms", factor: 1.5, limit: 3 },
      },
    },
  },
  clients: { hq: { "hold-down": "1s" } },
};
const peers = [
  { seq: 10, address: hubs.hub1.ipv4 },
  { seq: 20, address: hubs.hub2.ipv4 },
];

const scenario = scenariosWith(({ topology, hub1, hub2 }) =>
  Promise.all([
    hub1.start({ swanctl: twinHub(topology, "hub1") }),
    hub2.start({ swanctl: twinHub(topology, "hub2") }),
  ]),
);

scenario(
  "the second hub takes over from one that is cut off, and from one that dies",
  async (lab) => {
    const { branch, faults, hub1 } = lab;
    await branch.start(pskBranch(mergeSettings(alert, { clients: { hq: { peers } } })));
    await branch.untilUp({ peer: hubs.hub1.ipv4 });
    await lab.untilReachable(sharedHubAddress);

    const pings = await lab.steadyPing(sharedHubAddress, 0.1);
    await faults.drop("hub1");
    const second = await branch.untilUp({ peer: hubs.hub2.ipv4 });
    await pings.untilAnswered(3);
    expect((await pings.stop()).longestGap).toBeLessThan(200);
    expect(await lab.sourcesSeenAt("hub2", () => lab.ping("hub2", 2))).toEqual([
      second.assigned.ipv4,
    ]);
    // What only the first hub leads to stays guarded: the sniffer sees none of it in the end.
    expect(await lab.ping("hub1", 1)).toBe(0);
    expect((await causesOf(branch, "FLEXVPN-6-FLEXVPN_CONNECTION_UP")).slice(0, 5)).toEqual([
      ...["FLEXVPN-6-FLEXVPN_CONNECTION_UP", "IKEV2-5-SA_UP", "FLEXSPOKE-6-CONNECTING"],
      ...["FLEXVPN-6-FLEXVPN_CONNECTION_DOWN", "IKEV2-5-SA_DOWN"],
    ]);

    const onTheWayBack = await lab.steadyPing(sharedHubAddress, 0.05);
    await onTheWayBack.untilAnswered(3);
    await faults.drop();
    await branch.untilUp({ peer: hubs.hub1.ipv4 });
    await branch.untilEvent("FLEXSPOKE-5-RETURN");
    await onTheWayBack.untilAnswered(5);
    expect((await onTheWayBack.stop()).lost).toBeLessThanOrEqual(5);

    await hub1.stop("SIGKILL");
    await branch.untilUp({ peer: hubs.hub2.ipv4 });
    await lab.untilReachable(sharedHubAddress);
    await hub1.start({ swanctl: twinHub(lab.topology, "hub1") });
    await branch.untilUp({ peer: hubs.hub1.ipv4 });
    await lab.untilReachable("hub1");

    const turned = (await turns(branch)).map(({ data }) => data["address"]);
    const [one, two] = [hubs.hub1.ipv4, hubs.hub2.ipv4];
    expect(turned).toEqual([one, one, two, two, one, one, two, two, one]);
    expect(await withoutCause(branch)).toEqual([]);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  },
);

scenario("a gateway that the first hub named takes over from it", async (lab) => {
  const { branch, faults, hub1 } = lab;
  await hub1.stop();
  const v4 = { 28681: `"${hubs.hub2.ipv4}"` };
  await hub1.start({ swanctl: twinHub(lab.topology, "hub1", { pools: { v4 } }) });
  await branch.start(pskBranch(alert));
  const { peers: known } = await branch.untilUp({ peer: hubs.hub1.ipv4 });
  expect(known).toEqual([
    expect.objectContaining({ host: hubs.hub1.ipv4, origin: "static" }),
    expect.objectContaining({ host: hubs.hub2.ipv4, origin: "downloaded" }),
  ]);

  await faults.drop("hub1");
  await branch.untilUp({ peer: hubs.hub2.ipv4 });
  await lab.untilReachable(sharedHubAddress);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});
