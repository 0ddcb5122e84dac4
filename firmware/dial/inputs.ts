/** What the world tells the dial engine. It hears of runs and demands, never of processes, PPP or D-Bus. */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import type { EventSubject } from "#state/event.ts";
import type { LineEnd, LineFacts, LineId } from "./line.ts";

export type DialInput =
  /** These are the dialers from now on: hangs up what is gone or dialled in another way. Nothing is dialled before `start`. */
  | { readonly kind: "configure"; readonly dialers: Readonly<Record<string, ResolvedDialer>> }
  /** A run of an earlier daemon is still there for a dialer. Between `configure` and `start`. */
  | { readonly kind: "leftover"; readonly dialer: string }
  | { readonly kind: "start" }
  /** A client wants a line, or not any more; said again, it changes nothing. */
  | {
      readonly kind: "demand";
      readonly client: string;
      readonly dialer: string;
      readonly wanted: boolean;
    }
  /** A track object has this state. */
  | {
      readonly kind: "track-changed";
      readonly object: string;
      readonly state: "up" | "down";
      readonly cause?: EventSubject;
    }
  /** The line of a run is up, or what is known of it changed. */
  | { readonly kind: "line-up"; readonly line: LineId; readonly facts: LineFacts }
  /** A run is over and nothing of it is left; said once for each. */
  | { readonly kind: "line-ended"; readonly line: LineId; readonly end: LineEnd }
  /** Hang everything up and stay down. Done when `DialEngine.isQuiet`. */
  | { readonly kind: "shut-down"; readonly reason: string }
  | { readonly kind: "timeout" };
