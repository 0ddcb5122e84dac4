/**
 * Which way is next. A round tries every open way once: from the top when the client starts or lost an established
 * session, otherwise below the one that failed, past the end to the top again. A way whose peer fell silent is tried last.
 * Source: IOS crypto ikev2 client flexvpn; the order after a failure is ours.
 */
import { type Way, wayKey } from "./ways.ts";

/** Where the search for a peer that answers stands. */
export interface Round {
  /** Key of the way to continue below; undefined starts at the top, or at `from`. */
  readonly below?: string;
  /** Source that has just become usable: its ways come first. */
  readonly from?: string;
  /** Keys that have had their turn in this round. */
  readonly tried: ReadonlySet<string>;
  /** Key of the way that has just fallen silent: its turn comes after all others'. */
  readonly silent?: string;
}

/** A round that has not tried anything and starts at the top. */
export const roundFromTop: Round = { tried: new Set() };

/**
 * A round from the top in which the way that fell silent has its turn last: it was asked for long enough already, and
 * each further try would cost as much again before another peer is reached.
 */
export function roundWithout(silent: Way): Round {
  return { tried: new Set(), silent: wayKey(silent) };
}

/** A round that begins with the ways from this source. */
export function roundFrom(source: string): Round {
  return { tried: new Set(), from: source };
}

/** The way to try next, or undefined when every one has had its turn. */
export function nextWay<Each extends Way>(list: readonly Each[], round: Round): Each | undefined {
  const start = startOf(list, round);
  const inTurn = [...list.slice(start), ...list.slice(0, start)];
  const isSilent = (way: Way) => wayKey(way) === round.silent;
  const order = [...inTurn.filter((way) => !isSilent(way)), ...inTurn.filter(isSilent)];
  return order.find((way) => !round.tried.has(wayKey(way)));
}

/** The round after a way failed. */
export function afterFailure({ from: _, ...round }: Round, way: Way): Round {
  const key = wayKey(way);
  return { ...round, below: key, tried: new Set([...round.tried, key]) };
}

/** The next round, once everything was tried: everything again, below the last one that failed. */
export function nextRound(round: Round): Round {
  return round.below === undefined ? roundFromTop : { below: round.below, tried: new Set() };
}

function startOf(list: readonly Way[], { below, from }: Round): number {
  if (below === undefined && from !== undefined)
    return Math.max(
      0,
      list.findIndex((way) => way.source === from),
    );
  return list.findIndex((way) => wayKey(way) === below) + 1;
}
