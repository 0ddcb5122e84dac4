/**
 * The latest results of an operation, and what they came to by minute and by hour: bounded, in flat arrays, for charts
 * and for people who come late. It reads no clock.
 */
import type { MonotonicMs } from "#lib/duration.ts";
import type { SlaReturnCode } from "./return-code.ts";

export interface HistoryEntry {
  readonly at: MonotonicMs;
  readonly code: SlaReturnCode;
  /** Milliseconds; undefined when nothing came back. */
  readonly rtt?: number;
}

/** What all results of a minute or an hour came to; times in milliseconds. */
export interface HistoryPeriod {
  readonly from: MonotonicMs;
  readonly successes: number;
  readonly failures: number;
  readonly min?: number;
  readonly avg?: number;
  readonly max?: number;
}

const RESULTS = 60;
const MINUTES = 60;
const HOURS = 24;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Oldest first, all of them. */
export class ResultHistory {
  readonly #at = new Float64Array(RESULTS);
  readonly #rtt = new Float32Array(RESULTS);
  readonly #code = new Array<SlaReturnCode>(RESULTS);
  #count = 0;
  readonly #minutes = new Periods(MINUTE_MS, MINUTES);
  readonly #hours = new Periods(HOUR_MS, HOURS);

  add(at: MonotonicMs, code: SlaReturnCode, rtt: number | undefined, isSuccess: boolean): void {
    const place = this.#count++ % RESULTS;
    this.#at[place] = at;
    this.#rtt[place] = rtt ?? Number.NaN;
    this.#code[place] = code;
    this.#minutes.add(at, rtt, isSuccess);
    this.#hours.add(at, rtt, isSuccess);
  }

  /** The last 60 results. */
  results(): readonly HistoryEntry[] {
    const kept = Math.min(this.#count, RESULTS);
    return Array.from({ length: kept }, (_, index) => {
      const place = (this.#count - kept + index) % RESULTS;
      const rtt = this.#rtt[place] ?? Number.NaN;
      return {
        at: (this.#at[place] ?? 0) as MonotonicMs,
        code: this.#code[place] ?? "unknown",
        ...(!Number.isNaN(rtt) && { rtt }),
      };
    });
  }

  /** The last 60 minutes that had a result. */
  minutes(): readonly HistoryPeriod[] {
    return this.#minutes.all();
  }

  /** The last 24 hours that had a result. */
  hours(): readonly HistoryPeriod[] {
    return this.#hours.all();
  }
}

interface Period {
  readonly number: number;
  successes: number;
  failures: number;
  measured: number;
  sum: number;
  min: number;
  max: number;
}

/** Sums by period; a period without results takes no room. */
class Periods {
  readonly #length: number;
  readonly #most: number;
  readonly #kept: Period[] = [];

  constructor(length: number, most: number) {
    this.#length = length;
    this.#most = most;
  }

  add(at: MonotonicMs, rtt: number | undefined, isSuccess: boolean): void {
    const period = this.#periodOf(Math.floor(at / this.#length));
    if (isSuccess) period.successes++;
    else period.failures++;
    if (rtt === undefined) return;
    period.measured++;
    period.sum += rtt;
    period.min = Math.min(period.min, rtt);
    period.max = Math.max(period.max, rtt);
  }

  all(): readonly HistoryPeriod[] {
    return this.#kept.map(({ number, successes, failures, measured, sum, min, max }) => ({
      from: (number * this.#length) as MonotonicMs,
      successes,
      failures,
      ...(measured > 0 && { min, avg: sum / measured, max }),
    }));
  }

  #periodOf(number: number): Period {
    const latest = this.#kept.at(-1);
    if (latest?.number === number) return latest;
    const period = { number, successes: 0, failures: 0, measured: 0, sum: 0 };
    const fresh: Period = { ...period, min: Number.POSITIVE_INFINITY, max: 0 };
    this.#kept.push(fresh);
    if (this.#kept.length > this.#most) this.#kept.shift();
    return fresh;
  }
}
