/** What the change guard asks the daemon to do. */
import type { Duration } from "#lib/duration.ts";
import type { EventDraft } from "#state/event.ts";
import type { Expected } from "./inputs.ts";

export type GuardAction =
  /** What is in force is known to be good: keep it as what a later start may fall back on. */
  | { readonly kind: "keep" }
  /** Go back to what was in force before the trial began; `why` is one sentence. */
  | { readonly kind: "undo"; readonly why: string }
  /** Note on disk what a next life has to prove; absent when the trial is over. */
  | { readonly kind: "trial"; readonly trial?: TrialRecord }
  | { readonly kind: "event"; readonly event: EventDraft };

/** A trial as the next life of the process takes it up. */
export interface TrialRecord {
  readonly expected: readonly Expected[];
  readonly within: Duration;
}
