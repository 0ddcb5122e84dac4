/** What the world tells the time guard. */
import type { WallClock } from "#lib/duration.ts";

/** What the clock says of itself at one instant. */
export interface ClockReading {
  readonly wall: WallClock;
  /** Something keeps it right, as far as the kernel was told. adjtimex(2) */
  readonly isSynchronised: boolean;
}

/** What an earlier life of the process left. */
export interface SavedTime {
  /** The latest time that is known to have been. */
  readonly time: WallClock;
  /**
   * How the clock stood when it was saved, if that was in this same start of the machine: `trusted`; `raised` when it was
   * set to the saved time for want of a better one.
   */
  readonly since?: "trusted" | "raised";
}

export type TimeInput =
  /** First of all inputs. */
  | {
      readonly kind: "began";
      readonly reading: ClockReading;
      /** When this software was made: no clock of a machine that runs it can be before that. */
      readonly made: WallClock;
      readonly saved?: SavedTime;
      /** The machine has a clock that goes on while it is off. */
      readonly keepsTime: boolean;
      /** The clock is ours to set; elsewhere the system has its own ways. */
      readonly maySet: boolean;
      /** When the newest of the branch's own certificates begins; absent when it has none. */
      readonly ownCertificates?: WallClock | undefined;
    }
  /** There are other certificates of the branch's own than before. */
  | { readonly kind: "own-certificates"; readonly newest: WallClock | undefined }
  /** The answer to `read-clock`, or a look of the caller's own when it saw the clock being set. */
  | { readonly kind: "reading"; readonly reading: ClockReading }
  /** An uplink or a tunnel is up: time servers may be reached that were not. */
  | { readonly kind: "way-opened" }
  /** The process ends: what is known is saved. */
  | { readonly kind: "end" }
  | { readonly kind: "timeout" };
