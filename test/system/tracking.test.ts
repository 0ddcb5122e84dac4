/** Track objects that look at the product's own tunnel: its line protocol, its address, the routes it brings. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import type { Lab } from "#test/lab/lab.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";

const following = {
  track: {
    line: { interface: "Tunnel0" },
    addressed: { interface: "Tunnel0", check: "ip-routing" },
    site: { route: "10.1.0.0/16" },
    works: { boolean: "line and addressed and site" },
  },
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "2s", retry: "1s" },
        retransmit: { initial: "500ms", factor: 1.2, limit: 3 },
      },
    },
  },
};

const untilTrack = ({ branch }: Lab, name: string, state: "up" | "down") =>
  until(
    `track ${name} is ${state}`,
    async () => {
      const found = (await branch.state()).track[name];
      return found?.state === state && found;
    },
    60_000,
    async () => JSON.stringify([(await branch.state()).track, await branch.events()], null, 1),
  );

scenario(
  "objects that follow the tunnel and the routes behind it go up and down with the client",
  async (lab) => {
    const { branch, hub1, topology } = lab;
    await hub1.start({ swanctl: pskHub(topology, "hub1") });
    await branch.start(pskBranch(following));
    await branch.untilState("up");
    await untilTrack(lab, "works", "up");
    const { track } = await branch.state();
    expect(track["addressed"]?.reason).toMatch(/^Tunnel0 has 10\.250\.1\.\d+\/32$/);
    expect(track["site"]?.reason).toMatch(/on Tunnel0$/);

    await topology.faults.drop("hub1");
    await branch.untilEvent("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");
    for (const name of ["line", "addressed", "works"]) await untilTrack(lab, name, "down");

    const events = await branch.events();
    const change = events.findLast(({ data }) => data["object"] === "line");
    const cause = events.find(({ id }) => id === change?.data["cause"]);
    expect(change).toMatchObject({ mnemonic: "TRACK-6-STATE", data: { to: "down" } });
    expect(cause).toMatchObject({ client: "hq" });
  },
);
