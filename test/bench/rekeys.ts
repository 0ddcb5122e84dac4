/** A thousand packets a second while all keys change again and again. */
import { pskBranch } from "#test/lab/branch.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";
import { extent } from "./extent.ts";
import { fullAbility, type LabMachine } from "./lab-machine.ts";
import { installed, OurDaemon } from "./our-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, type Row } from "./row.ts";
import { countLoss, FirstReply } from "./traffic.ts";

const series = 10_000;

export async function lossWhileRekeying(lab: LabMachine): Promise<Row[]> {
  const topology = new Topology(lab.machine, fullAbility);
  try {
    await topology.up();
    await new Strongswan(topology, "hub1").start({ swanctl: pskHub(topology, "hub1") });
    const reply = await FirstReply.watch(topology);
    const ours = await OurDaemon.start(topology, pskBranch());
    await ours.logged(installed);
    await reply.arrived();
    progress("1,000 packets a second without rekeys");
    const quiet = await countLoss(topology, series, () => true);
    const busy = await rekeyUnderTraffic(topology, ours);
    await ours.stop();
    const note = `${busy.sent} packets, ${busy.rate.toFixed(0)} a second; without rekeys ${quiet.lost} of ${quiet.sent} were lost at ${quiet.rate.toFixed(0)} a second`;
    const row = absoluteRow({
      what: `loss at 1,000/s, ${extent.rekeys} Child and ${extent.rekeys} IKE rekeys`,
      value: busy.lost,
      unit: "packets",
      digits: 0,
      goal: { atMost: 0 },
      note,
    });
    // At a lower rate nothing lost shows less than was asked for.
    const isAtRate = busy.rate >= 0.9 * 1_000;
    return [busy.lost === 0 && !isAtRate ? { ...row, isMet: undefined } : row];
  } finally {
    await topology.down();
  }
}

async function rekeyUnderTraffic(topology: Topology, ours: OurDaemon) {
  let isOver = false;
  const loss = countLoss(topology, series, () => isOver);
  const rekeys = async () => {
    for (let round = 1; round <= extent.rekeys; round++) {
      progress(`1,000 packets a second, rekeys: ${round} of ${extent.rekeys}`);
      await ours.rekey("child");
      await ours.rekey("ike");
    }
  };
  await rekeys().finally(() => {
    isOver = true;
  });
  return loss;
}
