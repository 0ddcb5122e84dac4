/**
 * How long a LAN waits when its hub dies: ours with a hot standby and 100 ms probes, seen by a ping every 10 ms, and charon
 * with its own defaults in the same network.
 */
import { hubs, sharedHubAddress } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { type Process, until } from "#test/lab/machine.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { pskClient, pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";
import { longestGap } from "../demo/ping.ts";
import { charonClient } from "./charon-client.ts";
import { extent } from "./extent.ts";
import { fullAbility, type LabMachine } from "./lab-machine.ts";
import { OurDaemon } from "./our-daemon.ts";
import { progress } from "./progress.ts";
import { absoluteRow, median, type Row } from "./row.ts";

interface Failover {
  /** Longest time without a reply, milliseconds; the ping's own 10 ms are in it. */
  readonly outage: number;
  /** From the event of the failed probe to the first packet through the standby, milliseconds. */
  readonly switching: number;
}

export async function failovers(lab: LabMachine): Promise<Row[]> {
  const topology = new Topology(lab.machine, fullAbility);
  try {
    await topology.up();
    for (const name of ["hub1", "hub2"] as const)
      await new Strongswan(topology, name).start({ swanctl: pairHub(topology, name) });
    const rounds = await ourFailovers(topology);
    const theirs = await charonNotices(topology);
    return rows(rounds, theirs);
  } finally {
    await topology.down();
  }
}

function rows(rounds: readonly Failover[], theirs: number | undefined): Row[] {
  const outages = rounds.map(({ outage }) => outage);
  const switches = rounds.map(({ switching }) => switching);
  const spread = (values: readonly number[]) =>
    `n = ${values.length}, ${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))} ms`;
  const outage = absoluteRow({
    what: "failover, hot standby: silence on the LAN",
    value: median(outages),
    unit: "ms",
    digits: 0,
    goal: { atMost: 500 },
    note: `${spread(outages)}; probes every 100 ms, a ping every 10 ms; charon: from the hub's silence to giving it up, DPD every 30 s and its own retransmission defaults (without dpd_delay, its default, it never notices)`,
  });
  return [
    { ...outage, charon: theirs === undefined ? "" : `${(theirs * 1_000).toFixed(0)} ms` },
    absoluteRow({
      what: "failover, hot standby: failed probe to first packet",
      value: median(switches),
      unit: "ms",
      digits: 0,
      goal: { atMost: 50 },
      note: spread(switches),
    }),
  ];
}

/** Both hubs lead to one network. */
function pairHub(topology: Topology, name: "hub1" | "hub2") {
  const { network6 } = hubs[name];
  const inside = `${sharedHubAddress}/32`;
  return pskHub(topology, name, {
    connections: { c: { children: { net: { local_ts: `${inside},${network6}` } } } },
    pools: { v4: { subnet: inside } },
  });
}

async function ourFailovers(topology: Topology): Promise<Failover[]> {
  const config = pskBranch({
    sla: {
      "hub1-echo": {
        "icmp-echo": hubs.hub1.ipv4,
        frequency: "100ms",
        timeout: "100ms",
        threshold: "100ms",
      },
    },
    track: { hub1: { sla: "hub1-echo", check: "reachability" } },
    clients: {
      hq: {
        peers: [
          { seq: 10, address: hubs.hub1.ipv4, track: "hub1" },
          { seq: 20, address: hubs.hub2.ipv4 },
        ],
        standby: "hot",
        "hold-down": "1s",
      },
    },
  });
  const ours = await OurDaemon.start(topology, config);
  const found: Failover[] = [];
  // The first round warms both programs' caches.
  for (let round = 0; round <= extent.failovers; round++) {
    progress(`failover, ours: ${round} of ${extent.failovers}`);
    await ours.reaches(
      "with hub1, hub2 standing by",
      ({ state, peer, standby }) =>
        state === "up" && peer?.address === hubs.hub1.ipv4 && standby?.state === "ready",
    );
    const failover = await failOver(topology, ours);
    if (round > 0) found.push(failover);
    // A hub that dies every few seconds would be gone back to ever more slowly.
    await ours.clear();
  }
  await ours.stop();
  return found;
}

async function failOver(topology: Topology, ours: OurDaemon): Promise<Failover> {
  const filter = `proto 50 and dst host ${hubs.hub2.ipv4}`;
  const esp = await topology.spawn(
    "branch",
    `exec tcpdump -i any -n -tt -l --immediate-mode ${filter}`,
  );
  await until("tcpdump listens", () => Promise.resolve(esp.output().includes("listening")), 20_000);
  const ping = await topology.spawn("lan", ["ping", "-D", "-i", "0.01", sharedHubAddress]);
  await answered(ping, 100);
  const events = await ours.eventCount();
  await topology.faults.drop("hub1");
  await ours.reaches(
    "with hub2",
    ({ state, peer }) => state === "up" && peer?.address === hubs.hub2.ipv4,
  );
  await answered(ping, 100);
  ping.kill("SIGINT");
  await ping.exited;
  esp.kill("SIGINT");
  await esp.exited;
  const failed = (await ours.eventsSince(events)).find(
    ({ mnemonic, data }) => mnemonic === "TRACK-6-STATE" && data["to"] === "down",
  );
  await topology.faults.drop();
  const first = Number(/^(\d+\.\d+) /m.exec(esp.output())?.[1]) * 1_000;
  return { outage: longestGap(ping.output()), switching: first - Date.parse(failed?.time ?? "") };
}

/** So many more replies than now. */
async function answered(ping: Process, count: number): Promise<void> {
  const replies = () => ping.output().split(" bytes from").length - 1;
  const wanted = replies() + count;
  await until("the LAN gets answers", () => Promise.resolve(replies() >= wanted), 120_000);
}

/** @returns seconds from the hub's silence until charon gives it up; undefined in a quick run, it takes minutes. */
async function charonNotices(topology: Topology): Promise<number | undefined> {
  if (!extent.isWhole) return undefined;
  const charon = new Strongswan(topology, "branch");
  const dpd = {
    connections: { c: { dpd_delay: "30s", children: { net: { dpd_action: "restart" } } } },
  };
  // The lab makes charon give up sooner; these are its defaults.
  const patience = { retransmit_tries: 5, retransmit_timeout: 4, retransmit_base: 1.8 };
  const config = charonClient(topology, undefined, patience);
  await charon.start({ ...config, swanctl: pskClient({ ...dpd }) });
  await charon.swanctl("--initiate --child net --loglevel 0");
  progress("failover, charon: waits until it gives the hub up (up to 200 s)");
  const began = performance.now();
  await topology.faults.drop("hub1");
  await until(
    "charon gives the hub up",
    async () => (await charon.log()).includes("giving up after"),
    300_000,
  );
  const seconds = (performance.now() - began) / 1_000;
  await topology.faults.drop();
  await charon.stop();
  return seconds;
}
