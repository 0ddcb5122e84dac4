/** The whole product with a pre-shared key: what `make demo` shows, as a test. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

scenario(
  "a LAN host reaches the HQ host, translated to the assigned address and encrypted",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.branch.start(pskBranch());
    const { assigned } = await lab.branch.untilState("up");

    const sources = await lab.sourcesSeenAt("hub1", async () => {
      expect(await lab.ping("hub1", 3)).toBe(3);
    });

    expect(sources).toEqual([assigned.ipv4]);
    expect(await lab.hub1.childSa()).toMatchObject({ packetsIn: 3, packetsOut: 3 });
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  },
);
