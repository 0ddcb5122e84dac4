/**
 * The working list of hubs of one client: the configured ones by sequence; gateways that a hub pushes would stand
 * behind them. It knows order and names, not which peer may be used now.
 * Source: IOS crypto ikev2 client flexvpn, peer.
 */
import type { ResolvedPeer } from "#config/resolved.ts";
import type { IpAddress, IpFamily } from "#lib/ip.ts";
import { ipFamily } from "#lib/ip.ts";

/** A hub that a client may connect to. */
export interface PeerEntry {
  /** Tells entries apart over reloads: where it is from, its number and its host. */
  readonly key: string;
  readonly seq: number;
  /** As the operator wrote it: name or address. */
  readonly host: string;
  readonly target: ResolvedPeer["host"];
}

/** The configured peers, best first. */
export function staticPeers(peers: readonly ResolvedPeer[]): readonly PeerEntry[] {
  return peers
    .map((peer) => ({ ...peer, text: hostText(peer.host) }))
    .sort((a, b) => a.seq - b.seq)
    .map(({ seq, host, text }) => ({
      key: `static ${seq} ${text}`,
      seq,
      host: text,
      target: host,
    }));
}

/** The addresses of a name that this peer and the source may use, first ones first, without repeats. */
export function usableAddresses(
  peer: PeerEntry,
  addresses: readonly IpAddress[],
  sourceFamilies: ReadonlySet<IpFamily> | undefined,
): readonly IpAddress[] {
  const wanted = peer.target.kind === "fqdn" ? peer.target.family : "dynamic";
  return [...new Set(addresses)].filter((address) => {
    const family = ipFamily(address);
    if (wanted !== "dynamic" && family !== (wanted === "ipv4" ? 4 : 6)) return false;
    return sourceFamilies === undefined || sourceFamilies.has(family);
  });
}

function hostText(host: ResolvedPeer["host"]): string {
  return host.kind === "address" ? host.address : host.name;
}
