/** Handshakes on this host, whose kernel need not know ESP: our engine with its data plane recorded, charon with its own. */

import { hubs, uplinks } from "#test/lab/addresses.ts";
import { type BranchConfig, pskBranch } from "#test/lab/branch.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { Credentials } from "#test/lab/credentials.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import { type Process, until } from "#test/lab/machine.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";
import { CharonClient } from "./charon-client.ts";
import { extent } from "./extent.ts";
import type { NativeMeasure } from "./native-client.ts";
import { OurDaemon } from "./our-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, type Row, ratioRow } from "./row.ts";

/** Both kinds of proof, in one network with one hub each. */
export async function nativeHandshakes(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const credentials of [undefined, new Credentials({ kind: "p256" })]) {
    const machine = localMachine();
    const topology = new Topology(machine, { namespaces: true, xfrm: false });
    try {
      await topology.up();
      rows.push(await compare(topology, credentials));
      if (!credentials) rows.push(await memory(topology));
    } finally {
      await topology.down();
      await machine.close();
    }
  }
  return rows;
}

async function compare(topology: Topology, credentials: Credentials | undefined): Promise<Row> {
  const proof = credentials ? "certificates P-256" : "PSK";
  await new Strongswan(topology, "hub1").start(
    credentials
      ? { swanctl: certificateHub(topology, "hub1"), files: credentials.hubFiles }
      : { swanctl: pskHub(topology, "hub1") },
  );
  const charon = await CharonClient.start(topology, credentials);
  const ours = await NativeClient.start(topology, credentials?.branch() ?? pskBranch());
  const total = extent.warmUp + extent.handshakes;
  for (let round = 1; round <= total; round++) {
    progress(`native handshake, ${proof}: ${round} of ${total}`);
    await ours.connectOnce();
    await charon.connectOnce();
  }
  await ours.stop();
  const times = ours.measures().map(({ milliseconds }) => milliseconds);
  const [cold = Number.NaN] = times;
  const [charonCold = Number.NaN] = await charon.handshakes();
  return ratioRow({
    what: `handshake, native, ${proof}`,
    ours: times.slice(extent.warmUp),
    charon: (await charon.handshakes()).slice(extent.warmUp),
    unit: "ms",
    goal: { atMost: 1 },
    note: `the first of each process took ${cold.toFixed(0)} ms and ${charonCold.toFixed(0)} ms`,
  });
}

/** The whole daemon: it negotiates, and this kernel refuses what it is asked to install. */
async function memory(topology: Topology): Promise<Row> {
  progress("native memory");
  const ours = await OurDaemon.start(topology, pskBranch());
  await ours.logged("%IKEV2-5-SA_UP");
  const value = await ours.memory();
  await ours.stop();
  return absoluteRow({ what: "memory, native", value, unit: "MB", goal: { atMost: 80 } });
}

class NativeClient {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async start(topology: Topology, { config, files }: BranchConfig): Promise<NativeClient> {
    const folder = `${topology.folder}/native`;
    const all = { "config.yaml": JSON.stringify(config), ...files };
    for (const [path, text] of Object.entries(all))
      await topology.machine.writeFile(`${folder}/${path}`, text, 0o600);
    const program = [process.execPath, `${projectRoot}/test/bench/native-client.ts`];
    const words = [`${folder}/config.yaml`, uplinks.wan1.ipv4, hubs.hub1.ipv4];
    return new NativeClient(await topology.spawn("branch", [...program, ...words]));
  }

  async connectOnce(): Promise<void> {
    const before = this.measures().length;
    this.#process.write("go\n");
    await until(
      "our session has come and gone",
      () => Promise.resolve(this.measures().length > before),
      20_000,
      () => Promise.resolve(this.#process.output()),
    );
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  measures(): NativeMeasure[] {
    const lines = this.#process.output().split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }
}
