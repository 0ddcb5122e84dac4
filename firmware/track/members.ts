import type { TrackState } from "#config/resolved-track.ts";

/** What an object shows to those that are made of it: its reported state, delays included. */
export interface Member {
  readonly state: TrackState;
  readonly isKnown: boolean;
}

/** Looks members up by name; the configuration names none that does not exist. */
export type Members = (name: string) => Member;
