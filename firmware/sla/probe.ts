/** What passes between an operation and whoever sends its packets. Plain data; neither side knows the other. */
import type { SlaOperation } from "#config/resolved-sla.ts";
import type { Duration } from "#lib/duration.ts";
import type { SlaReturnCode } from "./return-code.ts";

/** Names one run of one operation, never used again. */
export type ProbeId = number & { readonly __brand: "ProbeId" };

/** One packet, connection or request to be made now. */
export interface ProbeRequest {
  readonly id: ProbeId;
  /** Which packet of the run this is, 0 and up; a run of one packet has only 0. */
  readonly sequence: number;
  readonly operation: SlaOperation;
  readonly sourceInterface?: string;
  /** Nobody waits longer for an answer to this packet. */
  readonly timeout: Duration;
}

/** What came of it. No answer is no outcome: the operation has a clock of its own. */
export type ProbeOutcome =
  /** `rtt` in milliseconds with fractions, from sending to receiving. */
  | { readonly kind: "answered"; readonly sequence: number; readonly rtt: number }
  /** `reason` is one sentence for an operator, without a full stop. */
  | {
      readonly kind: "failed";
      readonly sequence: number;
      readonly code: Exclude<SlaReturnCode, "unknown" | "ok" | "over-threshold">;
      readonly reason: string;
      /** The interface whose being down or missing is the reason. */
      readonly interface?: string;
    };
