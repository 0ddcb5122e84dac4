/** What people hear of track objects. */
import type { ResolvedTrack, TrackState } from "#config/resolved-track.ts";
import { type EventDraft, trackSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";
import { changeText } from "./describe.ts";
import type { TrackChange } from "./track-object.ts";

/** IOS: %TRACK-6-STATE, with the reason behind its text. */
export function stateEvent({ name, test }: ResolvedTrack, change: TrackChange): EventDraft {
  const { from, to, reason, cause } = change;
  return {
    severity: severityOf("TRACK-6-STATE"),
    mnemonic: "TRACK-6-STATE",
    message: `${changeText(name, test, from, to)}: ${reason}`,
    data: { object: name, from, to, reason },
    subjects: [trackSubject(name)],
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Somebody asks for a state of a stub object. */
export function stubEvent(object: string, state: TrackState, by: string): EventDraft {
  return {
    severity: severityOf("FLEXSPOKE-5-TRACK_REQUEST"),
    mnemonic: "FLEXSPOKE-5-TRACK_REQUEST",
    message: `track ${object} was set ${state} by ${by}`,
    data: { object, state, by },
    subjects: [trackSubject(object)],
  };
}
