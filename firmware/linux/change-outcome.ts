import type { DataPlaneFault } from "#dataplane/port.ts";

/** How one change ended: done or not, with what is to be reported; notices may come with what is done. */
export interface Outcome {
  readonly isDone: boolean;
  readonly faults: readonly DataPlaneFault[];
}
