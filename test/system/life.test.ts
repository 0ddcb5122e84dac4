/** A tunnel's life after it came up. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const quickDpd = {
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "2s", retry: "1s" },
        retransmit: { initial: "1s", factor: 1.2, limit: 3 },
      },
    },
  },
};

scenario(
  "both ends change all keys again and again under traffic, and no ping is lost",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.branch.start(pskBranch());
    await lab.branch.untilState("up");
    await lab.untilReachable();

    const rekeys = ["child", "ike", "child"] as const;
    const pings = await lab.steadyPing("hub1", 0.05);
    for (const what of [...rekeys, ...rekeys, ...rekeys]) {
      const mnemonic = what === "ike" ? "FLEXSPOKE-6-IKE_REKEYED" : "FLEXSPOKE-6-CHILD_REKEYED";
      const before = (await lab.branch.events()).filter(
        (event) => event.mnemonic === mnemonic,
      ).length;
      await lab.branch.rekey(what);
      await lab.branch.untilEventCount(mnemonic, before + 1);
      await (what === "ike" ? lab.hub1.rekeyIke() : lab.hub1.rekeyChild());
      await lab.branch.untilEventCount(mnemonic, before + 2);
    }
    const { sent, received } = await pings.stop();

    expect(sent).toBeGreaterThan(30);
    expect(received).toBe(sent);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  },
);

scenario("after the hub lost its power the branch notices and comes back", async (lab) => {
  await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  await lab.branch.start(pskBranch(quickDpd));
  await lab.branch.untilState("up");
  await lab.untilReachable();

  await lab.hub1.restart("SIGKILL");

  await lab.branch.untilEvent("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");
  await lab.branch.untilState("up", 120_000);
  await lab.untilReachable();
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});

scenario(
  "killed at once and started again the branch converges and nothing leaves in clear",
  async (lab) => {
    await lab.hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await lab.branch.start(pskBranch());
    await lab.branch.untilState("up");
    await lab.untilReachable();

    const pings = await lab.steadyPing("hub1", 0.2);
    await lab.branch.stop("SIGKILL");
    await lab.branch.run();
    await lab.branch.untilState("up", 120_000);
    await lab.untilReachable();
    await pings.stop();

    expect(await lab.sniffer.clearPackets()).toEqual([]);
    expect(await lab.branch.stop("SIGTERM")).toBe(0);
    expect(await lab.branch.leftovers()).toEqual([]);
  },
);
