/** Throughput out of counters that only ever rise: what the SAs of each client carried between two looks. */
import type { StateDocument } from "#state/document.ts";

/** One look at a client's SAs. */
export interface RatePoint {
  /** Epoch milliseconds of the device. */
  readonly at: number;
  /** Bytes a second since the look before. */
  readonly received: number;
  readonly sent: number;
}

/** What is kept between looks; a plain value. */
export interface RateHistory {
  readonly at: number;
  /** Bytes of every SA at the last look, by direction and SPI. */
  readonly counters: ReadonlyMap<string, number>;
  readonly clients: Readonly<Record<string, readonly RatePoint[]>>;
}

export const noRates: RateHistory = { at: 0, counters: new Map(), clients: {} };

/** Points that are kept: ten minutes of looks two seconds apart. */
export const KEPT_POINTS = 300;
/** The daemon reads its counters every two seconds: looks closer than this would see standstills that are none. */
const SHORTEST = 1_500;
const LONGEST_STILL = 3_500;
/** After such a gap, in milliseconds, there is no telling when what was carried was carried. */
const LONGEST = 30_000;

/** The history after one more look. @param at epoch milliseconds of the device. */
export function lookAt(
  history: RateHistory,
  { ipsec, clients }: StateDocument,
  at: number,
): RateHistory {
  const passed = at - history.at;
  const counters = new Map(ipsec.map((sa) => [`${sa.direction} ${sa.spi}`, sa.bytes]));
  if (history.at === 0 || passed < 0 || passed > LONGEST) {
    return { at, counters, clients: history.at === 0 ? {} : history.clients };
  }
  const moved = [...counters].some(([key, bytes]) => bytes !== (history.counters.get(key) ?? 0));
  if (passed < SHORTEST || (!moved && ipsec.length > 0 && passed < LONGEST_STILL)) return history;
  const seconds = passed / 1_000;
  const points = Object.keys(clients).map((name) => {
    const carried = { in: 0, out: 0 };
    for (const sa of ipsec) {
      if (sa.client !== name) continue;
      const before = history.counters.get(`${sa.direction} ${sa.spi}`) ?? 0;
      carried[sa.direction] += Math.max(0, sa.bytes - before);
    }
    const point = { at, received: carried.in / seconds, sent: carried.out / seconds };
    return [name, [...(history.clients[name] ?? []), point].slice(-KEPT_POINTS)] as const;
  });
  return { at, counters, clients: Object.fromEntries(points) };
}
