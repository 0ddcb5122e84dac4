/** The daemon killed at bad moments: the next one converges, and no packet for the HQ ever leaves in clear. */
import { expect } from "vitest";
import { hubs } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import type { Lab } from "#test/lab/lab.ts";
import { until } from "#test/lab/machine.ts";
import { scenario } from "#test/lab/scenario.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { SeededRandom } from "#test/support/seeded-random.ts";

const random = new SeededRandom(0x5eed);

const quick = {
  ikev2: {
    profiles: {
      hq: {
        dpd: { mode: "periodic", interval: "2s", retry: "1s" },
        retransmit: { initial: "1s", factor: 1.2, limit: 2 },
      },
    },
  },
};

/** Each brings a running daemon to the moment at which it is killed. */
type Moments = Readonly<Record<string, (lab: Lab) => Promise<unknown>>>;

const inUse: Moments = {
  "in traffic": () => delay(random.between(0, 300)),
  "asked to replace the Child SA": async ({ branch }) => {
    await branch.rekey("child");
    await delay(random.between(0, 40));
  },
  "asked to replace the IKE SA": async ({ branch }) => {
    await branch.rekey("ike");
    await delay(random.between(0, 40));
  },
};

const atStart: Moments = {
  "as soon as it answers": async ({ branch }) => {
    await branch.stop("SIGKILL");
    await branch.run();
  },
  "as soon as it is up": async ({ branch }) => {
    await branch.stop("SIGKILL");
    await branch.run();
    await branch.untilState("up");
  },
  "while it connects": async (lab) => {
    await lab.branch.stop("SIGKILL");
    await killWhileConnecting(lab);
  },
};

for (const [when, moments] of Object.entries({ "in use": inUse, "while it starts": atStart })) {
  scenario(`killed ${when} the branch converges, and nothing leaves in clear`, async (lab) => {
    const { branch, hub1 } = lab;
    await hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
    await branch.start(pskBranch(quick));
    await converge(lab);
    const pings = await lab.steadyPing("hub1", 0.1);
    const policies = await policyCount(lab);

    for (const [moment, come] of Object.entries(moments)) {
      await come(lab);
      await branch.stop("SIGKILL");
      await branch.run();
      await converge(lab);
      expect.soft(await spisOfKernel(lab), moment).toEqual(await spisOfState(lab));
      expect.soft(await policyCount(lab), moment).toBe(policies);
    }
    const { sent, received } = await pings.stop();

    expect(received).toBeLessThan(sent);
    expect(received).toBeGreaterThan(0);
    expect(await lab.sniffer.clearPackets()).toEqual([]);
  });
}

scenario("without hub and daemon the kill switch still holds", async (lab) => {
  const { branch, hub1 } = lab;
  await hub1.start({ swanctl: pskHub(lab.topology, "hub1") });
  await branch.start(pskBranch(quick));
  await converge(lab);
  const pings = await lab.steadyPing("hub1", 0.1);

  await hub1.stop("SIGKILL");
  await branch.untilEvent("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");
  expect(await branch.stop("SIGTERM")).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
  expect(await branch.firewall()).toContain(hubs.hub1.network4);
  await delay(500);
  const { sent, received } = await pings.stop();
  expect(received).toBeLessThan(sent);

  await lab.topology.must("branch", "nft delete table inet flexspoke");
  await branch.run();
  expect(await lab.ping("hub1", 3)).toBe(0);
  expect(await lab.sniffer.clearPackets()).toEqual([]);
});

async function converge(lab: Lab): Promise<void> {
  await lab.branch.untilState("up", 60_000);
  await lab.untilReachable();
}

/** The daemon dies after its first words to the hub. */
async function killWhileConnecting({ branch }: Lab): Promise<void> {
  const started = branch.run().catch(() => undefined);
  await until(
    "it connects",
    () => Promise.resolve(branch.log().includes("FLEXSPOKE-6-CONNECTING")),
    30_000,
  );
  await branch.stop("SIGKILL");
  await started;
}

/** SPIs in the branch's kernel; 0 is a place that the kernel keeps for an SA to come. */
async function spisOfKernel({ topology }: Lab): Promise<string[]> {
  const text = await topology.must("branch", "ip xfrm state");
  return [...text.matchAll(/spi 0x([0-9a-f]{8})/g)].map(([, spi]) => String(spi)).sort();
}

async function spisOfState({ branch }: Lab): Promise<string[]> {
  const { ipsec } = await branch.state();
  return ipsec.map(({ spi }) => spi.replace(/^0x/, "").padStart(8, "0")).sort();
}

async function policyCount({ topology }: Lab): Promise<number> {
  const text = await topology.must("branch", "ip xfrm policy");
  return text.split("\n").filter((line) => line.startsWith("src")).length;
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
