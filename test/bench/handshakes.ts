/** Handshakes of the whole daemon, SAs in the kernel, against charon in the same namespace with the same hub. */
import { pskBranch } from "#test/lab/branch.ts";
import { Credentials } from "#test/lab/credentials.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { certificateHub, pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";
import { CharonClient } from "./charon-client.ts";
import { extent } from "./extent.ts";
import { fullAbility, type LabMachine } from "./lab-machine.ts";
import { installed, OurDaemon } from "./our-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, type Row, ratioRow } from "./row.ts";

/** Both kinds of proof, and what all the connecting did to the daemon's memory. */
export async function handshakes(lab: LabMachine): Promise<Row[]> {
  const rows: Row[] = [];
  for (const credentials of [undefined, new Credentials({ kind: "p256" })]) {
    const topology = new Topology(lab.machine, fullAbility);
    try {
      await topology.up();
      rows.push(...(await compare(lab, topology, credentials)));
    } finally {
      await topology.down();
    }
  }
  return rows;
}

async function compare(
  lab: LabMachine,
  topology: Topology,
  credentials: Credentials | undefined,
): Promise<Row[]> {
  const proof = credentials ? "certificates P-256" : "PSK";
  await new Strongswan(topology, "hub1").start(
    credentials
      ? { swanctl: certificateHub(topology, "hub1"), files: credentials.hubFiles }
      : { swanctl: pskHub(topology, "hub1") },
  );
  const charon = await CharonClient.start(topology, credentials);
  const ours = await OurDaemon.start(topology, credentials?.branch() ?? pskBranch());
  await ours.logged(installed);
  const memory = await ours.memory();
  await ours.disconnect();
  await charon.connectOnce();
  const total = extent.warmUp + extent.handshakes;
  for (let round = 2; round <= total; round++) {
    progress(`handshake, ${lab.name}, ${proof}: ${round} of ${total}`);
    await ours.connect();
    if (round < total) await ours.disconnect();
    await charon.connectOnce();
  }
  const memoryAfter = await ours.memory();
  const [mine, theirs] = [ours.handshakes(), await charon.handshakes()];
  await ours.stop();
  const ratio = ratioRow({
    what: `handshake, ${lab.name}, ${proof}`,
    ours: mine.slice(extent.warmUp),
    charon: theirs.slice(extent.warmUp),
    unit: "ms",
    goal: { atMost: 1.5 },
    note: `the first of each process took ${mine[0]?.toFixed(0)} ms and ${theirs[0]?.toFixed(0)} ms`,
  });
  const resident = absoluteRow({
    what: `memory, ${lab.name}, one tunnel, ${proof}`,
    value: memory,
    unit: "MB",
    goal: { atMost: 80 },
    note: `${memoryAfter.toFixed(1)} MB after ${total} connections`,
  });
  return [ratio, resident];
}
