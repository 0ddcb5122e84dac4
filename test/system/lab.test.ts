/** The lab tells the truth: shown with strongSwan on both ends, without the product. */
import { expect } from "vitest";
import { scenario } from "#test/lab/scenario.ts";
import { StrongswanClient } from "#test/lab/strongswan-client.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

scenario("strongSwan as the client carries a LAN host's ping to the HQ, encrypted", async (lab) => {
  await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  await new StrongswanClient(lab.topology).connect();

  const sources = await lab.sourcesSeenAt("hub1", async () => {
    expect(await lab.ping("hub1", 3)).toBe(3);
  });

  expect(sources).toEqual(["10.250.1.1"]);
  expect(await lab.hub1.childSa()).toMatchObject({ packetsIn: 3, packetsOut: 3 });
  expect(await lab.sniffer.clearPackets()).toEqual([]);
  expect(await lab.sniffer.packets("esp")).not.toEqual([]);
});

scenario("the sniffer sees a packet that leaves in clear", async (lab) => {
  expect(await lab.ping("hub1", 1)).toBe(0);

  expect(await lab.sniffer.clearPackets()).not.toEqual([]);
});
