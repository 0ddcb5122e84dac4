/** What lies between branch and hub. */
import { expect } from "vitest";
import { hubs, natAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { leaveHalfOpen } from "#test/lab/half-open.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

scenario("over an IPv6 underlay a LAN host reaches the HQ", async (lab) => {
  await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  const peers = [{ seq: 10, address: hubs.hub1.ipv6 }];
  await lab.branch.start(pskBranch({ clients: { hq: { peers } } }));
  await lab.branch.untilState("up");

  await lab.untilReachable();
  expect(await lab.sniffer.packets("ip6 and esp")).not.toEqual([]);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});

scenario(
  "behind a NAT the tunnel goes by UDP port 4500 and stays when the NAT forgets",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.faults.translate();
    await lab.branch.start(pskBranch());
    await lab.branch.untilState("up");
    await lab.untilReachable();

    const [sa] = await lab.hub1.sas();
    expect(sa?.remoteHost).toBe(natAddress);
    expect(await lab.hub1.childSa()).toMatchObject({ udpEncapsulation: true });

    await lab.faults.forgetTranslations();
    await lab.untilReachable();
  },
);

scenario(
  "with a cookie demanded and thirty of a hundred packets lost the tunnel comes up",
  async (lab) => {
    const charon = { cookie_threshold: 1, cookie_threshold_ip: 1, half_open_timeout: 300 };
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1"), charon });
    await leaveHalfOpen(lab.topology, lab.hub1);
    await lab.faults.lose(30);
    await lab.branch.start(pskBranch());

    await lab.branch.untilState("up", 120_000);
    await lab.untilReachable();
    expect(await lab.hub1.log()).toMatch(/parsed IKE_SA_INIT request 0 \[ N\(COOKIE\)/);
  },
);
