/** What the dial engine asks the world to do, in the order given. */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import type { EventDraft, EventSubject } from "#state/event.ts";
import type { DialWhy, LineId } from "./line.ts";
import type { DialStatus } from "./states.ts";

export type DialAction =
  /** Start a run that dials; tell `line-up` when it is up, and always `line-ended` in the end. */
  | { readonly kind: "dial"; readonly line: LineId; readonly dialer: ResolvedDialer }
  /** Start a run that resets the modem; `line-ended` when it is over. */
  | { readonly kind: "reset"; readonly line: LineId; readonly dialer: ResolvedDialer }
  /** Take over the run that an earlier daemon left for this dialer, and ask it to end. */
  | { readonly kind: "recover"; readonly line: LineId; readonly dialer: ResolvedDialer }
  /** Ask a run to end: the program gets SIGTERM, a modem is told to disconnect. */
  | { readonly kind: "hang-up"; readonly line: LineId }
  /** End a run by force: SIGKILL to all that it started. */
  | { readonly kind: "kill"; readonly line: LineId }
  /** A dialer is in another state, or known for the first time. */
  | {
      readonly kind: "dialer-changed";
      readonly dialer: string;
      readonly state: DialStatus;
      /** Of the line that is up; before that as configured, where the configuration can tell. */
      readonly interface?: string;
      readonly why?: DialWhy;
      readonly cause: EventSubject;
    }
  | { readonly kind: "event"; readonly event: EventDraft };
