/** The whole lab in one object: network, hubs, branch, and the questions that every scenario asks. */
import { type HubName, hubs, sharedHubAddress } from "./addresses.ts";
import { Branch } from "./branch.ts";
import type { KernelAbility } from "./kernel-ability.ts";
import { localMachine } from "./local-machine.ts";
import { type Machine, until } from "./machine.ts";
import { Sniffer } from "./sniffer.ts";
import { SteadyPing } from "./steady-ping.ts";
import { Strongswan } from "./strongswan.ts";
import { Topology } from "./topology.ts";
import { virtualMachineAt } from "./virtual-machine.ts";

/** Where the machine of this run is: this host, or behind a socket. */
export type MachineAddress =
  | { readonly kind: "host" }
  | { readonly kind: "vm"; readonly socketPath: string };

/** What the lab needs, as every machine in `MachineAddress` has been found to have it. */
const fullAbility: KernelAbility = { namespaces: true, xfrm: true };

export function machineAt(address: MachineAddress): Promise<Machine> {
  return address.kind === "host"
    ? Promise.resolve(localMachine())
    : virtualMachineAt(address.socketPath);
}

/** The host behind a hub, or the address that both hubs have inside. */
export type PingTarget = HubName | typeof sharedHubAddress;

export class Lab {
  readonly topology: Topology;
  readonly hub1: Strongswan;
  readonly hub2: Strongswan;
  readonly branch: Branch;
  readonly sniffer: Sniffer;
  readonly #others: { log(): string }[] = [];

  private constructor(topology: Topology, sniffer: Sniffer) {
    this.topology = topology;
    this.hub1 = new Strongswan(topology, "hub1");
    this.hub2 = new Strongswan(topology, "hub2");
    this.branch = new Branch(topology);
    this.sniffer = sniffer;
  }

  /** A fresh network with nothing running in it but a sniffer. */
  static async open(machine: Machine): Promise<Lab> {
    const topology = new Topology(machine, fullAbility);
    await topology.up();
    return new Lab(topology, await Sniffer.start(topology));
  }

  /** A hub of another kind tells its story too when a test fails. */
  adopt<Hub extends { log(): string }>(hub: Hub): Hub {
    this.#others.push(hub);
    return hub;
  }

  async close(): Promise<void> {
    await this.topology.down();
  }

  get faults() {
    return this.topology.faults;
  }

  /**
   * Pings from the LAN's host to the host behind a hub, or to another address.
   * @returns how many were answered.
   */
  async ping(target: PingTarget = "hub1", count = 3): Promise<number> {
    const words = ["-c", String(count), "-i", "0.2", "-W", "2", addressOf(target)];
    const { stdout } = await this.topology.exec("lan", ["ping", ...words]);
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
  }

  /**
   * Waits until the LAN's host gets answers from the host behind a hub, or from another address.
   * @param within milliseconds from now.
   */
  async untilReachable(target: PingTarget = "hub1", within = 60_000): Promise<void> {
    await until(
      `${addressOf(target)} answers`,
      async () => (await this.ping(target, 1)) === 1,
      within,
      () =>
        this.topology.must("branch", "ip route; ip xfrm state; ip xfrm policy; nft list ruleset"),
    );
  }

  /** Packets that each IPsec SA of a hub's kernel has carried; for every kind of hub. */
  async packetsCounted(hub: HubName = "hub1"): Promise<number[]> {
    const text = await this.topology.must(hub, "ip -s xfrm state");
    const counts = text.matchAll(/lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)/g);
    return [...counts].map(([, packets]) => Number(packets));
  }

  /** Pings in the background, one every `interval` seconds, until `stop`. */
  async steadyPing(target: PingTarget = "hub1", interval = 0.1): Promise<SteadyPing> {
    const words = ["-i", String(interval), "-W", "2", addressOf(target)];
    return new SteadyPing(await this.topology.spawn("lan", ["ping", ...words]));
  }

  /** Source addresses of the pings that the host behind a hub sees while `action` runs. */
  async sourcesSeenAt(hub: HubName, action: () => Promise<unknown>): Promise<string[]> {
    const place = hub === "hub1" ? "hq1" : "hq2";
    const file = `${this.topology.folder}/${place}.pcap`;
    const sniffer = await Sniffer.start(this.topology, place, file);
    await action();
    await sniffer.stop();
    const packets = await sniffer.packets("icmp[icmptype] == icmp-echo or icmp6[0] == 128");
    const sources = packets.map((line) => / IP6? (\S+) > /.exec(line)?.[1] ?? line);
    return [...new Set(sources)];
  }

  /** What the daemons say; for a test that fails. */
  async story(): Promise<string> {
    const strongswans = await Promise.all(
      [this.hub1, this.hub2].map(async (hub) => ({ of: hub.place, text: await hub.log() })),
    );
    const others = this.#others.map((hub) => ({ of: hub.constructor.name, text: hub.log() }));
    return [...strongswans, ...others, { of: "branch", text: this.branch.log() }]
      .filter(({ text }) => text !== "")
      .map(({ of, text }) => `--- ${of}:\n${text.slice(-10_000)}`)
      .join("\n");
  }
}

function addressOf(target: PingTarget): string {
  return target === sharedHubAddress ? target : hubs[target].host4;
}
