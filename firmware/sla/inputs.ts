import type { ResolvedSla } from "#config/resolved-sla.ts";
import type { ProbeId, ProbeOutcome } from "./probe.ts";

/** What the world tells the probes. */
export type SlaInput =
  /** These are the operations from now on. Those that stay as they were go on undisturbed. */
  | { readonly kind: "configure"; readonly operations: Readonly<Record<string, ResolvedSla>> }
  /** Answer to `probe`. What comes after the run's end is ignored. */
  | { readonly kind: "probe-result"; readonly id: ProbeId; readonly outcome: ProbeOutcome }
  | { readonly kind: "timeout" };
