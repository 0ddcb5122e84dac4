/** What the world tells the judge of a new system, and what the judge asks for. */
import type { Expected, GuardInput } from "#guard/inputs.ts";
import type { Duration } from "#lib/duration.ts";
import type { EventDraft } from "#state/event.ts";

/** A system on trial. */
export interface SystemTrial {
  /** Versions, for the events. */
  readonly from: string;
  readonly to: string;
  readonly expected: readonly Expected[];
  readonly within: Duration;
}

export type TrialInput =
  /** This process runs in a system that the boot loader tries once. */
  | { readonly kind: "try"; readonly trial: SystemTrial }
  /** How the branch fares, in the words of the change guard. */
  | Extract<
      GuardInput,
      {
        kind: "began" | "changed" | "undone" | "client-changed" | "link-changed" | "released";
      }
    >
  /** An operator says that it stays. */
  | { readonly kind: "accept"; readonly by: string }
  /** An operator wants the system from before. */
  | { readonly kind: "reject"; readonly by: string }
  | { readonly kind: "timeout" };

export type TrialAction =
  /** The system stays: tell the boot loader. `why` is one sentence, for the event. */
  | { readonly kind: "keep"; readonly why: string }
  /** Restart into the system from before. */
  | { readonly kind: "give-up"; readonly why: string }
  | { readonly kind: "event"; readonly event: EventDraft };
