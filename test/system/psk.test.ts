/** The tunnel at its simplest: one pre-shared key, one hub. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

scenario(
  "with a pre-shared key a LAN host reaches the HQ from the assigned address",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.branch.start(pskBranch());
    await lab.branch.untilState("up");
    await lab.untilReachable();
    const before = await lab.hub1.childSa();

    const sources = await lab.sourcesSeenAt("hub1", async () => {
      expect(await lab.ping("hub1", 3)).toBe(3);
    });

    expect(sources).toEqual(["10.250.1.1"]);
    const after = await lab.hub1.childSa();
    expect(after.packetsIn - before.packetsIn).toBe(3);
    expect(after.packetsOut - before.packetsOut).toBe(3);
    expect(await lab.sniffer.clearPackets()).toEqual([]);

    expect(await lab.branch.stop("SIGTERM")).toBe(0);
    expect(await lab.branch.leftovers()).toEqual([]);
    expect(await lab.hub1.sas()).toEqual([]);
    // The kill switch outlives the daemon.
    expect(await lab.ping("hub1", 1)).toBe(0);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  },
);

scenario("without a kill switch nothing at all is left after the end", async (lab) => {
  await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  await lab.branch.start(pskBranch({ clients: { hq: { "kill-switch": false } } }));
  await lab.branch.untilState("up");
  await lab.untilReachable();

  expect(await lab.branch.stop("SIGTERM")).toBe(0);
  expect(await lab.branch.leftovers()).toEqual([]);
  expect(await lab.branch.firewall()).toBe("");
});
