/**
 * The whole daemon where something on its own machine is wrong: it says once what and what to do, shows the same as the
 * client's reason, and leaves nothing behind. On a host without xfrm interfaces no client gets beyond the tunnel.
 */
import { expect, test } from "vitest";
import { Branch, pskBranch } from "#test/lab/branch.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { kernelAbility } from "#test/lab/kernel-ability.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import { type Process, until } from "#test/lab/machine.ts";
import type { Settings } from "#test/lab/merge.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";

const program = `${projectRoot}/build/flexspoke.cjs`;
const machineHasXfrm = (await kernelAbility(localMachine())).xfrm;

interface Stage {
  readonly topology: Topology;
  readonly branch: Branch;
  /** Starts the daemon behind these words, with the configuration that is there. */
  launch(...before: string[]): Promise<Process>;
}

function withDaemon(name: string, play: (stage: Stage) => Promise<void>): void {
  test(name, () => runStage(play));
}

async function runStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const topology = new Topology(localMachine(), { namespaces: true, xfrm: false });
  const branch = new Branch(topology);
  const folder = `${topology.folder}/branch`;
  const launch = (...before: string[]) =>
    topology.spawn("branch", [...before, "node", program, "run", "-c", `${folder}/config.yaml`], {
      env: { FLEXSPOKE_RUN_DIR: `${folder}/run`, FLEXSPOKE_STATE_DIR: `${folder}/state` },
    });
  try {
    await topology.up();
    await play({ topology, branch, launch });
  } catch (error) {
    console.error(branch.log());
    throw error;
  } finally {
    await topology.down();
    await topology.machine.close();
  }
}

const complaints = ["error", "warning"];

/** Events that an operator is meant to act on. */
async function faultsOf(branch: Branch) {
  return (await branch.events()).filter(({ severity }) => complaints.includes(severity));
}

/** Waits for the client's reason; the same must be in the table that a person reads. */
async function expectReason(branch: Branch, code: string, words: RegExp) {
  const client = await until(
    `the client's reason is ${code}`,
    async () => {
      const found = await branch.client();
      return found["reason-code"] === code && found;
    },
    20_000,
    async () => JSON.stringify([await branch.client(), await branch.events()], null, 1),
  );
  expect(client.reason).toMatch(words);
  expect((await branch.cli("show", "client")).stdout.replaceAll(/\s+/g, " ")).toMatch(words);
  return client;
}

async function expectCleanEnd(branch: Branch) {
  expect(await branch.stop("SIGTERM")).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
}

/** Every attempt fails soon, and a second is far away. */
const hasty: Settings = {
  ikev2: { profiles: { hq: { retransmit: { initial: "200ms", factor: 1.2, limit: 2 } } } },
  clients: { hq: { backoff: { initial: "40s", max: "60s" } } },
};

test.skipIf(machineHasXfrm)(
  "without the module for tunnel interfaces the client says which one to load, and tries later",
  () =>
    runStage(async ({ topology, branch }) => {
      const hub = new Strongswan(topology, "hub1");
      await hub.start({ swanctl: pskHub(topology, "hub1") });
      await branch.start(pskBranch(hasty));

      const client = await expectReason(branch, "kernel.module-missing", /xfrm_interface/);

      expect(client).toMatchObject({ state: "failed" });
      expect(client["next-retry"]).toBeTruthy();
      const faults = await faultsOf(branch);
      const [ofMachine, ...others] = faults;
      expect(others).toEqual([]);
      expect(ofMachine?.message).toMatch(/lacks xfrm_interface.*: Debian: install/);
      expect((await branch.state()).system.faults).toEqual([ofMachine?.message]);
      await expectCleanEnd(branch);
    }),
);

withDaemon("without the right to change the network it says which right", async (stage) => {
  const { branch, launch } = stage;
  await branch.configure(pskBranch(hasty));
  const daemon = await launch("setpriv", "--bounding-set=-all", "--inh-caps=-all");
  await until(
    "it answers",
    () => branch.state().then(Boolean, () => false),
    20_000,
    () => Promise.resolve(daemon.output()),
  );

  await expectReason(branch, "socket.permission", /CAP_NET/);
  const ofMachine = await faultsOf(branch);
  expect(ofMachine).toHaveLength(1);
  expect(ofMachine[0]).toMatchObject({ data: { "reason-code": "kernel.permission" } });
  expect(ofMachine[0]?.message).toMatch(/CAP_NET_ADMIN.*AmbientCapabilities/);
  daemon.kill("SIGTERM");
  expect(await daemon.exited).toBe(0);
  expect(await branch.leftovers()).toEqual([]);
});

withDaemon("an invalid configuration changes nothing when it is read anew", async (stage) => {
  const { branch, topology } = stage;
  await topology.faults.drop("hub1");
  await branch.start(pskBranch());
  await branch.untilState(machineHasXfrm ? "connecting" : "failed");
  const before = await branch.client();
  await branch.configure(pskBranch({ clients: { hq: { insde: ["br-lan"] } } }));

  branch.reload();

  const refused = await branch.untilEvent("FLEXSPOKE-3-CONFIGURATION_REFUSED", 10_000);
  expect(String(refused.data["errors"])).toMatch(/insde/);
  expect(await branch.client()).toEqual(before);
  const refusals = (await faultsOf(branch)).filter(({ id }) => id >= refused.id);
  expect(refusals).toEqual([refused]);
  expect((await branch.cli("check", `${topology.folder}/branch/config.yaml`)).code).toBe(2);
  await expectCleanEnd(branch);
});

withDaemon(
  "a second daemon with the same run directory ends and says whose it is",
  async (stage) => {
    const { branch, launch, topology } = stage;
    await topology.faults.drop("hub1");
    await branch.start(pskBranch());

    const second = await launch();

    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(new RegExp(`runs already as process ${branch.pid}.*--run-dir`));
    expect((await branch.client()).tunnel).toBe("Tunnel0");
    await expectCleanEnd(branch);
  },
);

withDaemon("check tells by its status what it found", async ({ topology, branch }) => {
  const file = `${topology.folder}/branch/config.yaml`;
  const check = async (name = file) => (await branch.cli("check", name)).code;

  await branch.configure(pskBranch());
  expect(await check()).toBe(0);
  await branch.configure(pskBranch({ clients: { hq: { peers: [] } } }));
  expect(await check()).toBe(2);
  expect(await check(`${file}.missing`)).toBe(2);
});
