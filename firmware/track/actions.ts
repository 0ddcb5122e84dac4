/** What the track engine asks the world to do, in the order given. */
import type { TrackState } from "#config/resolved-track.ts";
import type { Duration } from "#lib/duration.ts";
import type { EventDraft, EventSubject } from "#state/event.ts";
import type { ScriptRun } from "./inputs.ts";

export type TrackAction =
  /**
   * The state of an object, for those who follow it: once when it is configured, then at each change. The event that
   * says the same comes before it, and `cause` names it.
   */
  | {
      readonly kind: "track-changed";
      readonly object: string;
      readonly state: TrackState;
      readonly cause: EventSubject;
    }
  /** Run a program, without a shell, and answer with `script-result` and the same run; kill it after `timeout`. */
  | {
      readonly kind: "run-script";
      readonly run: ScriptRun;
      readonly object: string;
      readonly argv: readonly string[];
      readonly timeout: Duration;
    }
  /** Nobody waits for this run any more. */
  | { readonly kind: "stop-script"; readonly run: ScriptRun }
  | { readonly kind: "event"; readonly event: EventDraft };
