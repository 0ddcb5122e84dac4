/**
 * The kill switch as rules: packets to protected networks leave by the tunnels or not at all. It decides from the
 * destination and the interface the packet leaves by, and from nothing that a tunnel's state could change: the rules
 * stand while the daemon is dead. No rule uses a set: while a transaction is committed, a packet may look into a set of
 * the old rules by the eyes of the new ones, find nothing, and pass. Source: nft(8)
 */
import type { Firewall } from "#dataplane/desired.ts";
import { type IpFamily, ipFamily, type Prefix, prefixContains, splitPrefix } from "#lib/ip.ts";
import { counterName } from "./counter-name.ts";
import { accept, compare, count, drop, isFamily, meta, type NftExpression } from "./nft-json.ts";

type KillSwitch = Firewall["killSwitch"][number];
type Rule = readonly NftExpression[];

/** Rules for packets on their way through and for packets made here, and the counters they count in. */
export function killSwitchRules(entries: readonly KillSwitch[]): {
  readonly forward: readonly Rule[];
  readonly output: readonly Rule[];
  readonly counters: readonly string[];
} {
  const forward = entries.flatMap((entry) =>
    dropRules(entry, entry.networks, exits(entry, entries)),
  );
  const output = entries.flatMap((entry) => {
    if (entry.forwardedOnly) return [];
    return dropRules(
      entry,
      entry.networks.filter((network) => !isEverywhere(network)),
      [...exits(entry, entries), "lo"],
    );
  });
  return {
    forward,
    output: output.length === 0 ? [] : [...ownTraffic, ...output],
    counters: entries.map(({ client }) => counterName("kill-switch", client)),
  };
}

/**
 * A protected network that stands for "everything": the whole of a family, or a half as the pair 0.0.0.0/1 and
 * 128.0.0.0/1 has it, or all of the global IPv6 addresses. Packets made here pass it, or the router could neither
 * resolve its hub's name nor set its clock before the tunnel is up.
 */
export function isEverywhere(network: Prefix): boolean {
  return splitPrefix(network).length <= (ipFamily(network) === 4 ? 1 : 3);
}

/** Networks without those that lie in another one; nft refuses sets that overlap. */
export function withoutOverlap(networks: readonly Prefix[]): readonly Prefix[] {
  const unique = [...new Set(networks)];
  return unique.filter(
    (network) => !unique.some((other) => other !== network && prefixContains(other, network)),
  );
}

/**
 * Interfaces by which packets to an entry's networks may leave: its own, and those of every other entry that protects
 * some of the same networks, because two clients may reach one network by two tunnels.
 */
function exits(entry: KillSwitch, entries: readonly KillSwitch[]): readonly string[] {
  const overlaps = (other: KillSwitch) =>
    other === entry ||
    entry.networks.some((a) =>
      other.networks.some((b) => prefixContains(a, b) || prefixContains(b, a)),
    );
  return [...new Set(entries.filter(overlaps).flatMap(({ allowed }) => allowed))].sort();
}

/** Our own IKE and ESP, which may go to a hub whose address lies in a network it protects. RFC 3948, RFC 4303 */
const ownTraffic: readonly Rule[] = [
  [compare("==", { payload: { protocol: "udp", field: "sport" } }, 500), accept],
  [compare("==", { payload: { protocol: "udp", field: "sport" } }, 4500), accept],
  [compare("==", meta("l4proto"), "esp"), accept],
];

function dropRules(
  { client }: KillSwitch,
  networks: readonly Prefix[],
  allowed: readonly string[],
): readonly Rule[] {
  return ([4, 6] as const).flatMap((family) => {
    const ofFamily = withoutOverlap(networks.filter((network) => ipFamily(network) === family));
    if (ofFamily.length === 0) return [];
    return ofFamily.map((network) => [
      destinationIn(family, network),
      ...allowed.map((name) => compare("!=", meta("oifname"), name)),
      count(counterName("kill-switch", client)),
      drop,
    ]);
  });
}

function destinationIn(family: IpFamily, network: Prefix): NftExpression {
  const { address, length } = splitPrefix(network);
  if (length === 0) return isFamily(family);
  const destination = { payload: { protocol: family === 4 ? "ip" : "ip6", field: "daddr" } };
  return compare("==", destination, { prefix: { addr: address, len: length } });
}
