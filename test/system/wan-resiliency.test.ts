/** Two WAN links as sources, each with its track object: IOS `tunnel source dynamic`. */
import { expect } from "vitest";
import { uplinks } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { causesOf, turns, withoutCause } from "./causes.ts";

const holdDownSeconds = 2;
const pingSeconds = 0.05;

const twoWans = {
  track: {
    "wan1-ip": { interface: "wan1", check: "ip-routing" },
    "wan2-ip": { interface: "wan2", check: "ip-routing" },
  },
  clients: {
    hq: {
      source: [
        { seq: 1, interface: "wan1", track: "wan1-ip" },
        { seq: 2, interface: "wan2", track: "wan2-ip" },
      ],
      "hold-down": `${holdDownSeconds}s`,
    },
  },
};

scenario(
  "the cable of the first WAN pulled, the tunnel goes by the second, and back without a gap",
  async (lab) => {
    const { branch, faults, hub1, topology } = lab;
    // A router without policy routing: only the routes of the daemon itself lead ESP out by the second WAN.
    await topology.must("branch", "ip rule delete pref 1010 && ip rule delete pref 1010");
    await hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await branch.start(pskBranch(twoWans));
    await branch.untilUp({ source: "wan1" });
    await lab.untilReachable();

    const onTheWayOut = await lab.steadyPing("hub1", pingSeconds);
    await onTheWayOut.untilAnswered(5);
    await faults.unplug("wan1");
    await branch.untilUp({ source: "wan2" });
    await onTheWayOut.untilAnswered(5);
    const outage = (await onTheWayOut.stop()).longestGap * pingSeconds;

    expect(outage).toBeLessThan(10);
    expect(await causesOf(branch, "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN")).toContain("LINK-3-UPDOWN");
    const hosts = async () => (await hub1.sas()).map(({ remoteHost }) => remoteHost);
    expect(await hosts()).toContain(uplinks.wan2.ipv4);

    const onTheWayBack = await lab.steadyPing("hub1", pingSeconds);
    await onTheWayBack.untilAnswered(5);
    await faults.plugIn("wan1");
    const { assigned } = await branch.untilUp({ source: "wan1" });
    await until(
      "the hub is left with one session",
      async () => (await hosts()).length === 1,
      20_000,
    );
    await onTheWayBack.untilAnswered(5);
    const back = await onTheWayBack.stop();

    expect(back.lost).toBeLessThanOrEqual(5);
    const held = (await branch.untilEvent("FLEXSPOKE-5-RETURN")).data["seconds"];
    expect(held).toBeGreaterThanOrEqual(holdDownSeconds);
    expect(await hosts()).toEqual([uplinks.wan1.ipv4]);
    expect(await lab.sourcesSeenAt("hub1", () => lab.ping("hub1", 2))).toEqual([assigned.ipv4]);
    expect((await turns(branch)).map(({ data }) => data["source"])).toEqual([
      ...["wan1", "wan1", "wan2"],
      ...["wan2", "wan1"],
    ]);
    expect(await withoutCause(branch)).toEqual([]);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
    expect(await branch.stop("SIGTERM")).toBe(0);
    expect(await branch.leftovers()).toEqual([]);
  },
);
