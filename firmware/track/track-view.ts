/** What a track object shows of itself: the facts behind `show track`, in engine time. */
import type { ResolvedTrack, TrackState } from "#config/resolved-track.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { type TrackTypeWords, typeWords } from "./describe.ts";
import type { TrackObject } from "./track-object.ts";

export interface TrackView {
  readonly name: string;
  readonly state: TrackState;
  /** Time of the last change, or of its configuration. */
  readonly since: MonotonicMs;
  /** Changes reported since it was configured. */
  readonly changes: number;
  /** Why the state is so, a clause without a closing stop. */
  readonly reason: string;
  /** A change that waits for its delay, and why it would be. */
  readonly pending?: {
    readonly state: TrackState;
    readonly at: MonotonicMs;
    readonly reason: string;
  };
  /** What the last change came of, as a subject: `interface:wan0`. */
  readonly lastCause?: string;
  readonly words: TrackTypeWords;
  readonly config: ResolvedTrack;
  /** Names of the objects that are made of this one. */
  readonly dependents: readonly string[];
}

/** The view of an object as it stands. */
export function trackView(object: TrackObject, dependents: readonly string[]): TrackView {
  const { config, state, since, changes, reason, verdict, pending, lastCause } = object;
  return {
    name: config.name,
    state,
    since,
    changes,
    reason,
    ...(pending && { pending: { state: pending.state, at: pending.at, reason: verdict.reason } }),
    ...(lastCause === undefined ? {} : { lastCause }),
    words: typeWords(config.test),
    config,
    dependents,
  };
}
