/** The results of a rehearsal as a matrix: peers down, sources across. */
import type { RehearsedWay } from "#state/document.ts";

export interface RehearsalMatrix {
  /** Names of the columns; one without a name when the routing table decides. */
  readonly sources: readonly (string | undefined)[];
  readonly rows: readonly {
    readonly host: string;
    readonly seq: number;
    /** One for each source; undefined where this way was not tried. */
    readonly cells: readonly (RehearsedWay | undefined)[];
  }[];
}

/** The matrix, rows and columns in the order in which they were tried. */
export function rehearsalMatrix(results: readonly RehearsedWay[]): RehearsalMatrix {
  const sources = [...new Set(results.map(({ source }) => source))];
  const peers = new Map(results.map((way) => [`${way.seq} ${way.host}`, way]));
  const rows = [...peers.values()].map(({ host, seq }) => ({
    host,
    seq,
    cells: sources.map((source) =>
      results.find((way) => way.seq === seq && way.host === host && way.source === source),
    ),
  }));
  return { sources, rows };
}
