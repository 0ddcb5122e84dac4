/** What the state document says of the system in the slots and of updates; only the appliance has it. */
export interface UpdateState {
  readonly board: string;
  /** The system that runs. */
  readonly version: string;
  readonly built: string;
  readonly slot: "A" | "B";
  /** What stands in the other slot: absent when nothing whole does. */
  readonly other?: { readonly version: string; readonly built: string };
  readonly phase: UpdateStatus;
  /** A bundle that is being written, or was. */
  readonly incoming?: {
    readonly version: string;
    readonly by: string;
    readonly step: "writing" | "checking";
    /** Bytes of the system, of those that this step has to do. */
    readonly done: number;
    readonly total: number;
  };
  /** This system is on trial. */
  readonly trial?: {
    /** The version that comes back unless it stays. */
    readonly from: string;
    /** Clients that are still waited for. */
    readonly lacking: readonly string[];
    /** When it is given up, or kept where nothing has to come back; absent while no link works. */
    readonly "ends-at"?: string;
  };
  /** How the last update ended. */
  readonly last?: {
    readonly version: string;
    readonly outcome: "kept" | "rolled-back" | "refused";
    readonly reason: string;
    readonly at: string;
  };
}

/** What is being done about an update. */
export type UpdateStatus =
  | "idle"
  /** A bundle is written to the slot that is not in use. */
  | "writing"
  /** The next start tries the other system. */
  | "armed"
  | "restarting"
  | "trial";
