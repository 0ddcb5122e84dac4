/**
 * Which peer is next. A round tries every possible peer once: from the top when the client starts or lost an
 * established session, otherwise below the peer that failed, past the end to the top again. A peer that fell silent is
 * tried last.
 * What makes a peer possible is the caller's business.
 * Source: IOS crypto ikev2 client flexvpn; the order after a failure is ours.
 */
import type { PeerEntry } from "./peer-list.ts";

/** Whether a peer may be used now. */
export type PeerFilter = (peer: PeerEntry) => boolean;

/** Where the search for a peer that answers stands. */
export interface PeerRound {
  /** Key of the peer to continue below; undefined starts at the top. */
  readonly below?: string;
  /** Keys that have had their turn in this round. */
  readonly tried: ReadonlySet<string>;
  /** Key of a peer that has just fallen silent: its turn comes after all others'. */
  readonly silent?: string;
}

/** A round that has not tried anybody and starts at the top. */
export const roundFromTop: PeerRound = { tried: new Set() };

/**
 * A round from the top in which the peer that fell silent has its turn last: it was asked for long enough already, and
 * each further try would cost as much again before another peer is reached.
 */
export function roundWithout(silent: PeerEntry): PeerRound {
  return { tried: new Set(), silent: silent.key };
}

/** The peer to try next, or undefined when every possible one has had its turn. */
export function nextPeer(
  list: readonly PeerEntry[],
  round: PeerRound,
  isPossible: PeerFilter,
): PeerEntry | undefined {
  const start = list.findIndex((peer) => peer.key === round.below) + 1;
  const inTurn = [...list.slice(start), ...list.slice(0, start)];
  const isSilent = ({ key }: PeerEntry) => key === round.silent;
  const order = [...inTurn.filter((peer) => !isSilent(peer)), ...inTurn.filter(isSilent)];
  return order.find((peer) => !round.tried.has(peer.key) && isPossible(peer));
}

/** The round after `peer` failed. */
export function afterFailure(round: PeerRound, peer: PeerEntry): PeerRound {
  return { ...round, below: peer.key, tried: new Set([...round.tried, peer.key]) };
}

/** The next round, once everybody was tried: everybody again, below the last one that failed. */
export function nextRound(round: PeerRound): PeerRound {
  return round.below === undefined ? roundFromTop : { below: round.below, tried: new Set() };
}
