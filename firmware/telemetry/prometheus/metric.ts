import type { StateDocument } from "#state/document.ts";

/** One metric: what it is called, and how its samples are read off the state. */
export interface Metric {
  /** Prometheus: base units, `_total` for counters. */
  readonly name: string;
  /** One sentence without its full stop. */
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly labels: readonly string[];
  /** Label values, all of `labels`, each with the value. */
  samples(state: StateDocument): readonly Sample[];
}

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];
