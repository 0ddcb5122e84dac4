/** A recording that was run again; see the daemon's `replay.ts`. */
export interface ReplayReport {
  readonly header: {
    readonly version: string;
    readonly started: string;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly inputs: number;
  readonly steps: readonly {
    readonly time: string;
    readonly part: string;
    readonly lines: readonly string[];
    readonly isSame: boolean;
  }[];
}
