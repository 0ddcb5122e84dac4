/**
 * Cold start and throughput: in each round a fresh network with a fresh hub, first with ours in the branch's place and
 * then with charon.
 */
import { clientInterfaceId, hubs, lan } from "#test/lab/addresses.ts";
import { pskBranch } from "#test/lab/branch.ts";
import { HubProcess } from "#test/lab/hub-process.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { settingsText } from "#test/lab/strongswan-text.ts";
import { Topology } from "#test/lab/topology.ts";
import { charonClient } from "./charon-client.ts";
import { extent } from "./extent.ts";
import { fullAbility, type LabMachine } from "./lab-machine.ts";
import { installed, OurDaemon, started } from "./our-daemon.ts";
import { progress } from "./progress.ts";
import { median, type Row, ratioRow } from "./row.ts";
import { FirstReply, measureThroughput, type Throughput } from "./traffic.ts";

interface Round {
  /** Seconds from executing the program to the first reply through the tunnel. */
  readonly coldStart: number;
  readonly throughput: Throughput;
}

interface OurRound extends Round {
  /** Seconds until the daemon runs, and until the Child SA is in the kernel. */
  readonly running: number;
  readonly installed: number;
  /** Of the tunnel's interface; charon's gets the same. */
  readonly mtu: number;
}

export async function coldStartAndThroughput(lab: LabMachine): Promise<Row[]> {
  const all = { ours: [] as OurRound[], charon: [] as Round[] };
  // The first round only fills the machine's caches with both programs.
  for (let round = 0; round <= extent.rounds; round++) {
    const say = (who: string) =>
      progress(`cold start and throughput, ${lab.name}, ${who}: ${round} of ${extent.rounds}`);
    say("ours");
    const ours = await inFreshLab(lab, playOurs);
    say("charon");
    const charon = await inFreshLab(lab, (topology, hub) => playCharon(topology, hub, ours.mtu));
    if (round === 0) continue;
    all.ours.push(ours);
    all.charon.push(charon);
  }
  const each = (of: (round: Round) => number) => ({
    ours: all.ours.map(of),
    charon: all.charon.map(of),
  });
  return [
    ratioRow({
      what: `cold start, ${lab.name}, PSK`,
      ...each(({ coldStart }) => coldStart),
      unit: "s",
      digits: 2,
      goal: { atMost: 0.7 },
      note: whereItGoes(all.ours),
    }),
    ratioRow({
      what: `throughput, ${lab.name}, TCP`,
      ...each(({ throughput }) => throughput.megabitsPerSecond),
      unit: "Mbit/s",
      goal: { atLeast: 0.97 },
      note: "the hub's SA has counted what was sent in every run",
    }),
  ];
}

function whereItGoes(rounds: readonly OurRound[]): string {
  const middle = (of: (round: OurRound) => number) => median(rounds.map(of)).toFixed(2);
  return `ours ran after ${middle(({ running }) => running)} s and had its SA in the kernel after ${middle((round) => round.installed)} s`;
}

async function inFreshLab<Played>(
  lab: LabMachine,
  play: (topology: Topology, hub: Strongswan) => Promise<Played>,
): Promise<Played> {
  const topology = new Topology(lab.machine, fullAbility);
  try {
    await topology.up();
    const hub = new Strongswan(topology, "hub1");
    await hub.start({ swanctl: pskHub(topology, "hub1") });
    return await play(topology, hub);
  } finally {
    await topology.down();
  }
}

async function playOurs(topology: Topology, hub: Strongswan): Promise<OurRound> {
  const reply = await FirstReply.watch(topology);
  const ours = await OurDaemon.start(topology, pskBranch());
  const coldStart = (await reply.arrived()) - ours.startedAt;
  const throughput = await measureThroughput(topology, hub, extent.transfer);
  const [running, inKernel] = [ours.secondsUntil(started), ours.secondsUntil(installed)];
  const link = await topology.must("branch", "ip -o link show type xfrm");
  const mtu = Number(/ mtu (\d+)/.exec(link)?.[1]);
  await ours.stop();
  return { mtu, coldStart, throughput, running, installed: inKernel };
}

/** The way of the packets is laid before charon starts: only what charon does itself counts against it. */
async function playCharon(topology: Topology, hub: Strongswan, mtu: number): Promise<Round> {
  await layWay(topology, mtu);
  const conf = await strongswanConf(topology);
  const reply = await FirstReply.watch(topology);
  const charon = await HubProcess.start(topology, "branch", {
    command: `date +%s.%N
(until [ -S /run/charon.vici ]; do sleep 0.02; done
swanctl --load-all && swanctl --initiate --child net) >/lab/swanctl.log 2>&1 &
exec env STRONGSWAN_CONF=/lab/strongswan.conf /usr/lib/ipsec/charon`,
    mounts: { "/etc/swanctl": "swanctl" },
    files: {
      "strongswan.conf": conf,
      "swanctl/swanctl.conf": settingsText(charonClient(topology, undefined).swanctl),
    },
  });
  const arrived = await reply.arrived().catch(async (error: unknown) => {
    throw new Error(`${error}: ${charon.output()} ${await charon.file("swanctl.log")}`);
  });
  const coldStart = arrived - Number(/^\d+\.\d+/m.exec(charon.output())?.[0]);
  const throughput = await measureThroughput(topology, hub, extent.transfer);
  await charon.stop("SIGTERM");
  return { coldStart, throughput };
}

/** The hub's pool gives its first address, the hub being fresh. */
async function layWay(topology: Topology, mtu: number): Promise<void> {
  const { network4, pool4 } = hubs.hub1;
  const address = pool4.replace(".0/24", ".1");
  const script = `
ip link add ipsec0 type xfrm dev wan1 if_id ${clientInterfaceId}
ip addr add ${address}/32 dev ipsec0
ip link set ipsec0 up mtu ${mtu}
ip route add ${network4} dev ipsec0
nft -f - <<'.'
table ip stand-in {
  chain translate {
    type nat hook postrouting priority srcnat
    iifname "${lan.interface}" oifname ipsec0 snat to ${address}
  }
}
.`;
  await topology.must("branch", script);
}

/** The plugins that the lab names, as the hub has been given them a moment ago. */
async function strongswanConf(topology: Topology): Promise<string> {
  const text = await topology.machine.readFile(`${topology.folder}/hub1/strongswan.conf`);
  if (!text) throw new Error("the hub has no strongswan.conf");
  return text.replace(/^(\s*)charon \{$/m, "$1charon {\n  install_virtual_ip = no");
}
