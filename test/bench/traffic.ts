/** Packets through the tunnel: from the LAN's host to the host behind hub1. */
import { hubs } from "#test/lab/addresses.ts";
import type { Process } from "#test/lab/machine.ts";
import { until } from "#test/lab/machine.ts";
import type { Strongswan } from "#test/lab/strongswan.ts";
import type { Topology } from "#test/lab/topology.ts";

const { host4 } = hubs.hub1;

export interface Throughput {
  /** Of the payload that arrived. */
  readonly megabitsPerSecond: number;
  /** Bytes of payload that were sent, and those that the hub's SA has decrypted meanwhile. */
  readonly sent: number;
  readonly decrypted: number;
}

/** TCP for so many seconds. @throws {Error} when the hub's SA did not carry what was sent. */
export async function measureThroughput(
  topology: Topology,
  hub: Strongswan,
  seconds: number,
): Promise<Throughput> {
  const server = await topology.spawn("hq1", inHubRoot(topology, "iperf3 -s -1 --forceflush"));
  await until(
    "iperf3 listens",
    () => Promise.resolve(server.output().includes("listening")),
    20_000,
    () => Promise.resolve(server.output()),
  );
  const before = (await hub.childSa()).bytesIn;
  const command = inHubRoot(topology, `iperf3 -c ${host4} -t ${seconds} -J`);
  const text = await topology.must("lan", command, { timeout: (seconds + 40) * 1_000 });
  const decrypted = (await hub.childSa()).bytesIn - before;
  server.kill("SIGKILL");
  const { end } = JSON.parse(text) as IperfReport;
  const sent = end.sum_sent.bytes;
  // Headers and what was sent again come on top; what was still in the sender's queue at the end is missing.
  const arrived = end.sum_received.bytes;
  if (decrypted < arrived || decrypted > 1.25 * sent)
    throw new Error(`${sent} bytes were sent, but the hub's SA has decrypted ${decrypted}`);
  return { megabitsPerSecond: end.sum_received.bits_per_second / 1e6, sent, decrypted };
}

interface IperfReport {
  readonly end: {
    readonly sum_sent: { readonly bytes: number };
    readonly sum_received: { readonly bytes: number; readonly bits_per_second: number };
  };
}

/** The hubs' root is read-only; iperf3 wants a folder for its buffers. */
function inHubRoot(topology: Topology, command: string): string[] {
  const root = topology.hubRoot;
  const script = `mount -t tmpfs tmpfs ${root}/tmp; mount --rbind /dev ${root}/dev; exec chroot ${root} ${command}`;
  return ["unshare", "-m", "sh", "-c", script];
}

/** Pings that began before the tunnel, 20 a second; each reply with the machine's time. */
export class FirstReply {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  static async watch(topology: Topology): Promise<FirstReply> {
    return new FirstReply(await topology.spawn("lan", ["ping", "-D", "-i", "0.05", host4]));
  }

  /** @returns the machine's wall clock at the first reply, seconds. */
  async arrived(within = 60_000): Promise<number> {
    const reply = () => /^\[(\d+\.\d+)\] \d+ bytes from/m.exec(this.#process.output())?.[1];
    const what = "the host behind the hub answers";
    const at = await until(what, () => Promise.resolve(reply()), within);
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    return Number(at);
  }
}

export interface Loss {
  readonly sent: number;
  readonly lost: number;
  /** Packets a second that were really sent. */
  readonly rate: number;
}

/**
 * Pings every millisecond, in whole series of so many packets, so that every last reply is waited for.
 * @param isOver ends it after the series at hand.
 */
export async function countLoss(
  topology: Topology,
  series: number,
  isOver: () => boolean,
): Promise<Loss> {
  const total = { sent: 0, lost: 0, seconds: 0 };
  do {
    const words = ["ping", "-q", "-i", "0.001", "-c", String(series), "-W", "3", host4];
    const { stdout } = await topology.exec("lan", words, { timeout: 300_000 });
    const counts = /(\d+) packets transmitted, (\d+) received.*time (\d+)ms/.exec(stdout);
    if (!counts) throw new Error(`ping says ${stdout}`);
    const [sent = 0, received = 0, milliseconds = 0] = counts.slice(1).map(Number);
    total.sent += sent;
    total.lost += sent - received;
    total.seconds += milliseconds / 1_000;
  } while (!isOver());
  return { sent: total.sent, lost: total.lost, rate: total.sent / total.seconds };
}
