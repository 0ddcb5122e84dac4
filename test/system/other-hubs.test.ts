/** Hubs by other hands than strongSwan's. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import { LibreswanHub } from "#test/lab/libreswan.ts";
import { OpenikedHub, openikedEsp } from "#test/lab/openiked.ts";
import { scenario } from "#test/lab/scenario.ts";

scenario("libreswan with a pre-shared key assigns an address and carries the LAN", async (lab) => {
  const hub = lab.adopt(new LibreswanHub(lab.topology, "hub1"));
  await hub.start({ method: "psk" });
  await lab.branch.start(pskBranch());

  const { assigned } = await lab.branch.untilState("up");
  expect(assigned.ipv4).toContain(hub.pool);
  await lab.untilReachable();
  expect(Math.min(...(await lab.packetsCounted()))).toBeGreaterThan(0);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});

scenario("libreswan with certificates assigns an address and carries the LAN", async (lab) => {
  const credentials = new Credentials({ kind: "rsa-2048" });
  const hub = lab.adopt(new LibreswanHub(lab.topology, "hub1"));
  await hub.start({ method: "certificate", own: credentials.hub, root: credentials.root });
  await lab.branch.start(credentials.branch());

  const { assigned } = await lab.branch.untilState("up");
  expect(assigned.ipv4).toContain(hub.pool);
  await lab.untilReachable();
});

scenario("OpenIKED with a pre-shared key assigns an address and carries the LAN", async (lab) => {
  const hub = lab.adopt(new OpenikedHub(lab.topology, "hub1"));
  await hub.start();
  await lab.branch.start(pskBranch(openikedEsp));

  const { assigned } = await lab.branch.untilState("up");
  expect(assigned.ipv4).toContain(hub.pool);
  await lab.untilReachable();
  expect(Math.min(...(await lab.packetsCounted()))).toBeGreaterThan(0);
});
