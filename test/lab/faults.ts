/** What can go wrong between branch and hubs, on order: in the namespace `internet`, by nftables. */
import { hubs, natAddress, uplinks } from "./addresses.ts";
import type { Topology } from "./topology.ts";

/** Packets that can be dropped, both ways. */
export type Traffic =
  | "ip-fragments"
  | "udp-500"
  | "udp-4500"
  | "esp"
  /** IP packets of more than 1,400 bytes, without a word about it. */
  | "large-packets"
  /** Everything from and to that hub. */
  | "hub1"
  | "hub2"
  | "everything";

const matches: Readonly<Record<Traffic, readonly string[]>> = {
  "ip-fragments": ["ip frag-off & 0x3fff != 0", "exthdr frag exists"],
  "udp-500": ["udp dport 500", "udp sport 500"],
  "udp-4500": ["udp dport 4500", "udp sport 4500"],
  esp: ["meta l4proto esp"],
  "large-packets": ["meta length > 1400"],
  hub1: hostMatches("hub1"),
  hub2: hostMatches("hub2"),
  everything: ['iifname "to-*"'],
};

export class Faults {
  readonly #topology: Topology;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Drops this traffic and nothing else from now on; none named: a clean network again. */
  async drop(...traffic: readonly Traffic[]): Promise<void> {
    await this.#replace(traffic.flatMap((kind) => matches[kind].map((match) => `${match} drop`)));
  }

  /** Pulls the cable of an uplink at its far end: the branch's end keeps its address and loses its carrier. */
  async unplug(uplink: keyof typeof uplinks): Promise<void> {
    await this.#topology.must("internet", `ip link set to-${uplink} down`);
  }

  /** Puts the cable back; the far end lost its IPv6 address with it. */
  async plugIn(uplink: keyof typeof uplinks): Promise<void> {
    const { gateway6 } = uplinks[uplink];
    await this.#topology.must(
      "internet",
      `ip link set to-${uplink} up && ip address replace ${gateway6}/64 dev to-${uplink} nodad`,
    );
  }

  /** Drops so many of a hundred packets, chosen at random, each way. */
  async lose(percent: number): Promise<void> {
    await this.#replace([`iifname "to-*" numgen random mod 100 < ${percent} drop`]);
  }

  /** Adds this delay to every packet, each way, in milliseconds. Needs netem: the virtual machine. */
  async delay(milliseconds: number): Promise<void> {
    const devices = ["to-hub1", "to-hub2", "to-wan1", "to-wan2"];
    await this.#emulate(devices, `delay ${milliseconds}ms`);
  }

  /** Sends every packet to the branch twice. Needs netem: the virtual machine. */
  async repeat(): Promise<void> {
    await this.#emulate(["to-wan1", "to-wan2"], "duplicate 100%");
  }

  /** Ends what `repeat` began. */
  async repeatNoMore(): Promise<void> {
    await this.#emulate(["to-wan1", "to-wan2"], "delay 0ms");
  }

  async #emulate(devices: readonly string[], what: string): Promise<void> {
    const lines = devices.map((device) => `qdisc replace dev ${device} root netem ${what}`);
    await this.#topology.must("internet", "tc -batch -", { input: `${lines.join("\n")}\n` });
  }

  /**
   * A port-restricted NAT in front of the branch: it appears as `natAddress`, from a port between 20000 and 30000, and
   * nobody reaches it first. A mapping that is not kept alive is gone after `lifetime` seconds.
   */
  async translate(lifetime = 30): Promise<void> {
    const script = `
table ip lab-nat {
  chain translate {
    type nat hook postrouting priority srcnat
    oifname { "to-hub1", "to-hub2" } ip saddr 198.51.100.0/29 meta l4proto udp snat to ${natAddress}:20000-30000
  }
  chain guard {
    type filter hook forward priority filter
    oifname { "to-wan1", "to-wan2" } ct state new drop
  }
}`;
    await this.#topology.must("internet", "nft -f -", { input: script });
    await this.#topology.must(
      "internet",
      `cd /proc/sys/net/netfilter; echo ${lifetime} >nf_conntrack_udp_timeout; echo ${lifetime} >nf_conntrack_udp_timeout_stream`,
    );
  }

  /** Forgets every mapping, as a restarted NAT does: the branch reappears from another port. */
  async forgetTranslations(): Promise<void> {
    await this.#topology.must("internet", "conntrack -F");
  }

  // At -450 it comes before conntrack puts fragments together.
  async #replace(rules: readonly string[]): Promise<void> {
    const script = `
table inet lab-faults
delete table inet lab-faults
table inet lab-faults {
  chain early {
    type filter hook prerouting priority -450
    ${rules.join("\n    ")}
  }
}`;
    await this.#topology.must("internet", "nft -f -", { input: script });
  }
}

function hostMatches(name: "hub1" | "hub2"): string[] {
  const { ipv4, ipv6 } = hubs[name];
  return [`ip saddr ${ipv4}`, `ip daddr ${ipv4}`, `ip6 saddr ${ipv6}`, `ip6 daddr ${ipv6}`];
}
