/**
 * The network of the lab, as namespaces of one machine:
 *
 *     hq1 10.1.0.10 - hub1 --203.0.113.0/30--+            +--198.51.100.0/30-- wan1 \
 *                                            +- internet -+                          branch - br-lan - lan
 *     hq2 10.2.0.10 - hub2 --203.0.113.4/30--+            +--198.51.100.4/30-- wan2 /
 */
import {
  type HubName,
  hubInterfaceId,
  hubs,
  lan,
  natAddress,
  type Place,
  places,
  sharedHubAddress,
  uplinks,
} from "./addresses.ts";
import { cacheItem } from "./cache.ts";
import { Faults } from "./faults.ts";
import type { KernelAbility } from "./kernel-ability.ts";
import {
  type Command,
  type CommandOptions,
  type CommandResult,
  type Machine,
  type Process,
  until,
} from "./machine.ts";

export class Topology {
  readonly machine: Machine;
  readonly ability: KernelAbility;
  /** Where this topology keeps its files on the machine. */
  readonly folder: string;
  /** The hubs' root file system, as the machine sees it; not to be written to. */
  readonly hubRoot: string;
  /** NAT, loss and dropped packets between branch and hubs. */
  readonly faults: Faults;
  readonly #prefix: string;
  readonly #running = new Set<Process>();
  #turn: Process | undefined;

  /** Nothing exists until `up()`. */
  constructor(machine: Machine, ability: KernelAbility) {
    this.machine = machine;
    this.ability = ability;
    // On a host that others use too, the names say whose they are; the virtual machine is ours alone.
    this.#prefix = machine.kind === "vm" ? "" : `flexlab${process.pid}-`;
    this.folder = `/run/flexspoke-lab/${this.#prefix || "vm-"}files`;
    this.hubRoot = machine.kind === "vm" ? "/run/lab/hub" : `${cacheItem("hub-root")}/root`;
    this.faults = new Faults(this);
  }

  /** Name of the network namespace. */
  netns(place: Place): string {
    return this.#prefix + place;
  }

  exec(place: Place, command: Command, options?: CommandOptions): Promise<CommandResult> {
    return this.machine.exec(command, { ...options, netns: this.netns(place) });
  }

  must(place: Place, command: Command, options?: CommandOptions): Promise<string> {
    return this.machine.must(command, { ...options, netns: this.netns(place) });
  }

  async spawn(place: Place, command: Command, options?: CommandOptions): Promise<Process> {
    const process = await this.machine.spawn(command, { ...options, netns: this.netns(place) });
    this.#running.add(process);
    void process.exited.then(() => this.#running.delete(process));
    return process;
  }

  /** Makes everything, after removing what an earlier run may have left. */
  async up(): Promise<void> {
    if (this.machine.kind === "vm") await this.#takeTurn();
    await this.machine.must(`${this.#clearing()}\n${this.#script()}`, { timeout: 60_000 });
  }

  /** Removes the namespaces, with what was started in them, and the files. Idempotent. */
  async down(): Promise<void> {
    const running = [...this.#running];
    for (const process of running) process.kill("SIGKILL");
    await Promise.all(running.map((process) => process.exited));
    this.#running.clear();
    const resolver = `/etc/netns/${this.netns("branch")}`;
    const names = places.map((place) => `netns del ${this.netns(place)}`).join("\n");
    await this.machine.exec(
      `ip -force -batch - 2>/dev/null <<'.'\n${names}\n.\nrm -rf ${this.folder} ${resolver}`,
    );
    this.#turn?.kill("SIGKILL");
    this.#turn = undefined;
  }

  /** The names are plain in the virtual machine, so one topology at a time: whoever comes second waits for `down`. */
  async #takeTurn(): Promise<void> {
    const script = "exec 9>/run/topology.lock; flock 9; echo mine; exec sleep infinity";
    const turn = await this.machine.spawn(script);
    this.#turn = turn;
    await until(
      "nobody else uses the lab",
      () => Promise.resolve(turn.output().includes("mine")),
      600_000,
    );
  }

  /** For a run before this one that was killed: nobody else knows its processes any more. */
  #clearing(): string {
    return places
      .map((place) => this.netns(place))
      .map(
        (name) =>
          `[ ! -e /run/netns/${name} ] || { kill -9 $(ip netns pids ${name}) 2>/dev/null; ip netns del ${name}; }`,
      )
      .join("\n");
  }

  #script(): string {
    const batch = (words: string, lines: readonly string[]) =>
      `ip ${words} -batch - <<'.'\n${lines.join("\n")}\n.`;
    const inside = places.map((place) => {
      const namespace = this.netns(place);
      return `${batch(`-n ${namespace}`, ["link set lo up", ...layout[place]])}
nsenter --net=/run/netns/${namespace} sh -c '${sysctls(place)}' &`;
    });
    const veth = ([a, nameA, b, nameB]: Link) =>
      `link add ${nameA} netns ${this.netns(a)} type veth peer name ${nameB} netns ${this.netns(b)}`;
    const hosts = Object.values(hubs)
      .map(({ ipv4, ipv6, name }) => `${ipv4} ${name}.lab\n${ipv6} ${name}.lab`)
      .join("\n");
    const resolver = `/etc/netns/${this.netns("branch")}`;
    return [
      "set -e",
      `mkdir -p ${this.folder} ${resolver}`,
      `printf '127.0.0.1 localhost\\n${hosts.replaceAll("\n", "\\n")}\\n' >${resolver}/hosts`,
      batch(
        "",
        places.map((place) => `netns add ${this.netns(place)}`),
      ),
      batch("", links.map(veth)),
      ...inside,
      batch(`-4 -n ${this.netns("branch")}`, sourceRules("ipv4")),
      batch(`-6 -n ${this.netns("branch")}`, sourceRules("ipv6")),
      ...(this.ability.xfrm ? this.#hubInterfaces(batch) : []),
      "wait",
    ].join("\n");
  }

  /** A hub's end of every tunnel, with the way to its pools. */
  #hubInterfaces(batch: (words: string, lines: readonly string[]) => string): string[] {
    return (["hub1", "hub2"] as const).map((name) =>
      batch(`-n ${this.netns(name)}`, [
        `link add ipsec0 type xfrm dev wan if_id ${hubInterfaceId}`,
        "link set ipsec0 up mtu 1400",
        `route add ${hubs[name].pool4} dev ipsec0`,
        `route add ${hubs[name].pool6} dev ipsec0`,
      ]),
    );
  }
}

type Link = readonly [Place, string, Place, string];

const links: readonly Link[] = [
  ["hub1", "wan", "internet", "to-hub1"],
  ["hub2", "wan", "internet", "to-hub2"],
  ["branch", "wan1", "internet", "to-wan1"],
  ["branch", "wan2", "internet", "to-wan2"],
  ["hub1", "inside", "hq1", "eth0"],
  ["hub2", "inside", "hq2", "eth0"],
  ["branch", lan.interface, "lan", "eth0"],
];

const layout: Readonly<Record<Place, readonly string[]>> = {
  hub1: hubLayout("hub1"),
  hub2: hubLayout("hub2"),
  hq1: siteLayout("hub1"),
  hq2: siteLayout("hub2"),
  internet: [
    ...Object.values(hubs).flatMap(({ name, gateway4, gateway6 }) =>
      interfaceLayout(`to-${name}`, `${gateway4}/30`, `${gateway6}/64`),
    ),
    ...Object.entries(uplinks).flatMap(([name, { gateway4, gateway6 }]) =>
      interfaceLayout(`to-${name}`, `${gateway4}/30`, `${gateway6}/64`),
    ),
    `addr add ${natAddress}/32 dev lo`,
  ],
  branch: branchLayout(),
  lan: [
    ...interfaceLayout("eth0", `${lan.host4}/24`, `${lan.host6}/64`),
    `route add default via ${lan.gateway4}`,
    `route add default via ${lan.gateway6}`,
  ],
};

/** No duplicate address detection: it would make an address unusable for a second. */
function interfaceLayout(name: string, ipv4: string, ipv6: string): string[] {
  return [
    `link set ${name} up`,
    `addr add ${ipv4} dev ${name}`,
    `addr add ${ipv6} dev ${name} nodad`,
  ];
}

function hubLayout(name: HubName): string[] {
  const { ipv4, ipv6, gateway4, gateway6, network4, network6 } = hubs[name];
  return [
    ...interfaceLayout("wan", `${ipv4}/30`, `${ipv6}/64`),
    ...interfaceLayout("inside", network4.replace(".0/", ".1/"), network6.replace("::/", "::1/")),
    `addr add ${sharedHubAddress}/32 dev lo`,
    `route add default via ${gateway4}`,
    `route add default via ${gateway6}`,
  ];
}

function siteLayout(name: HubName): string[] {
  const { host4, host6, network4, network6 } = hubs[name];
  return [
    ...interfaceLayout("eth0", `${host4}/16`, `${host6}/64`),
    `route add default via ${network4.replace(".0/16", ".1")}`,
    `route add default via ${network6.replace("::/64", "::1")}`,
  ];
}

function branchLayout(): string[] {
  return [
    ...interfaceLayout(lan.interface, `${lan.gateway4}/24`, `${lan.gateway6}/64`),
    ...Object.entries(uplinks).flatMap(([name, uplink]) => [
      ...interfaceLayout(name, `${uplink.ipv4}/30`, `${uplink.ipv6}/64`),
      `route add default via ${uplink.gateway4} dev ${name} metric ${uplink.metric}`,
      `route add default via ${uplink.gateway6} dev ${name} metric ${uplink.metric}`,
      `route add default via ${uplink.gateway4} dev ${name} table ${uplink.table}`,
      `route add default via ${uplink.gateway6} dev ${name} table ${uplink.table}`,
    ]),
  ];
}

/** The first rule keeps answers to the LAN off the uplinks: a rule by source would otherwise catch them. */
function sourceRules(family: "ipv4" | "ipv6"): string[] {
  return [
    "rule add pref 1000 lookup main suppress_prefixlength 0",
    ...Object.values(uplinks).map(
      (uplink) => `rule add pref 1010 from ${uplink[family]} lookup ${uplink.table}`,
    ),
  ];
}

/** Routers forward; nobody filters by reverse path, since answers may come back by the other uplink. */
function sysctls(place: Place): string {
  const forwards = !["lan", "hq1", "hq2"].includes(place);
  const lines = [
    "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done",
    ...(forwards
      ? [
          "echo 1 >/proc/sys/net/ipv4/ip_forward",
          "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding",
          "echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects",
        ]
      : []),
    // The branch's ping sockets, and what an unhurried kernel would hold for ten minutes.
    "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range",
  ];
  return lines.join("; ");
}
