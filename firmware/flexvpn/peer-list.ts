/**
 * The working list of hubs of one client: the configured ones by sequence, behind them the gateways that a hub pushed. It
 * knows order and names, not which peer may be used now.
 * Source: IOS crypto ikev2 client flexvpn, peer; downloaded list: reference behaviour.
 */
import type { ResolvedPeer, TrackCondition } from "#config/resolved.ts";
import type { IpAddress, IpFamily } from "#lib/ip.ts";
import { ipFamily, parseIpAddress } from "#lib/ip.ts";

/** A hub that a client may connect to. */
export interface PeerEntry {
  /** Tells entries apart over reloads: where it is from, its number and its host. */
  readonly key: string;
  readonly origin: "static" | "downloaded" | "redirected";
  readonly seq: number;
  /** As the operator or the hub wrote it: name or address. */
  readonly host: string;
  readonly target: ResolvedPeer["host"];
  /** Possible only while this is met. */
  readonly track?: TrackCondition;
}

/** The configured peers, best first. */
export function staticPeers(peers: readonly ResolvedPeer[]): readonly PeerEntry[] {
  return peers
    .map(({ seq, host, track }) => entry("static", seq, host, track === undefined ? {} : { track }))
    .sort((a, b) => a.seq - b.seq);
}

/**
 * Gateways that a hub pushed, in its order, numbered on from 1001: behind every configured peer. One that is configured
 * too is left out.
 */
export function downloadedPeers(
  gateways: readonly string[],
  configured: readonly PeerEntry[],
): readonly PeerEntry[] {
  const known = new Set(configured.map(({ host }) => host.toLowerCase()));
  return [...new Set(gateways)]
    .filter((gateway) => !known.has(gateway.toLowerCase()))
    .map((gateway, index) => entry("downloaded", 1_001 + index, hostOf(gateway)));
}

/** Where a hub sent the client: it stands in for the peer that did. RFC 5685 §3 */
export function redirectedPeer(gateway: string, from: PeerEntry): PeerEntry {
  return entry("redirected", from.seq, hostOf(gateway));
}

/**
 * The downloaded list after a session came up: what the hub pushed replaces it, unless the hub is itself one of the list.
 * A hub that pushes nothing replaces nothing. IOS crypto ikev2 client flexvpn, backup gateways.
 */
export function afterDownload(
  gateways: readonly string[],
  pushed: readonly string[] | undefined,
  hub: { readonly peer: PeerEntry; readonly address: IpAddress },
): readonly string[] {
  const host = hub.peer.host.toLowerCase();
  const isMember = gateways.some((each) => each.toLowerCase() === host || each === hub.address);
  return pushed === undefined || pushed.length === 0 || isMember ? gateways : pushed;
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

function entry(
  origin: PeerEntry["origin"],
  seq: number,
  host: ResolvedPeer["host"],
  extra: Pick<PeerEntry, "track"> = {},
): PeerEntry {
  const text = host.kind === "address" ? host.address : host.name;
  return { key: `${origin} ${seq} ${text}`, origin, seq, host: text, target: host, ...extra };
}

function hostOf(gateway: string): ResolvedPeer["host"] {
  const address = parseIpAddress(gateway);
  return address
    ? { kind: "address", address }
    : { kind: "fqdn", name: gateway, family: "dynamic" };
}
