/**
 * The ways a client could be connected now: each usable source with each possible peer, best first. It knows order and
 * conditions; whose turn it is, `rounds.ts` says.
 * Source: IOS crypto ikev2 client flexvpn, peer, source; that every source is tried with every peer is ours.
 */
import type { ResolvedClient } from "#config/resolved.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { PeerEntry } from "./peer-list.ts";
import { type Interfaces, type SourceChoice, selectSources } from "./source-selection.ts";
import { describeTrack, isMet, type TrackStates } from "./track-states.ts";

/** One peer from one source. */
export interface Way {
  readonly peer: PeerEntry;
  /** Undefined leaves it to the routing table. */
  readonly source?: string;
}

/** What ways depend on, besides the client itself. */
export interface Surroundings {
  readonly interfaces: Interfaces;
  readonly tracks: TrackStates;
  /** Client of the same backup group that uses this address already. */
  takenBy(client: string, address: IpAddress): string | undefined;
}

/** A peer that may not be used now, and why. */
export interface HeldPeer {
  readonly peer: PeerEntry;
  readonly code: "peer.track" | "peer.in-use";
  /** `track hub1 is down`, `client spare of its backup group uses it`. */
  readonly why: string;
}

export interface Ways {
  /** Best first: the best source with each peer, then the next source. */
  readonly open: readonly Way[];
  readonly sources: SourceChoice;
  readonly held: readonly HeldPeer[];
}

/** The ways of this client as things stand. */
export function waysOf(
  client: ResolvedClient,
  sources: ResolvedClient["sources"],
  peers: readonly PeerEntry[],
  around: Surroundings,
): Ways {
  const choice = selectSources(sources, around.interfaces, around.tracks);
  const held = peers.flatMap((peer) => whyHeld(client.name, peer, around) ?? []);
  const possible = peers.filter((peer) => !held.some((each) => each.peer === peer));
  const open =
    sources.length === 0
      ? possible.map((peer) => ({ peer }))
      : choice.usable.flatMap((source) => possible.map((peer) => ({ peer, source })));
  return { open, sources: choice, held };
}

/** Tells ways apart. */
export function wayKey({ source, peer }: Way): string {
  return `${source ?? ""} ${peer.key}`;
}

/** `hub1.example.net: track hub1 is down; 203.0.113.2: client spare uses it`. */
export function describeHeld(held: readonly HeldPeer[]): string {
  return held.map(({ peer, why }) => `${peer.host}: ${why}`).join("; ");
}

/** Why a peer may not be used now; undefined when it may. A peer without track object is always possible. */
export function whyHeld(
  client: string,
  peer: PeerEntry,
  around: Pick<Surroundings, "tracks" | "takenBy">,
): HeldPeer | undefined {
  if (peer.track && !isMet(peer.track, around.tracks))
    return { peer, code: "peer.track", why: describeTrack(peer.track, around.tracks) };
  if (peer.target.kind !== "address") return undefined;
  const other = around.takenBy(client, peer.target.address);
  if (other === undefined) return undefined;
  return { peer, code: "peer.in-use", why: `client ${other} of its backup group uses it` };
}
