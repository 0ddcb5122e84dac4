/**
 * What the client machine knows of track objects: their state as last told, and whether a condition on one is met. What
 * an object stands for is the track engine's business.
 * Source: IOS crypto ikev2 client flexvpn, peer … track OBJ [up|down].
 */
import type { TrackCondition } from "#config/resolved.ts";
import type { EventSubject } from "#state/event.ts";

export interface TrackState {
  readonly state: "up" | "down";
  /** Event that told of it. */
  readonly cause: EventSubject;
}

/** By name; an object that has not been evaluated yet is missing. */
export type TrackStates = ReadonlyMap<string, TrackState>;

/** @returns undefined while the object is not known: neither met nor refused. */
export function isMet(
  condition: TrackCondition | undefined,
  tracks: TrackStates,
): boolean | undefined {
  if (condition === undefined) return true;
  const track = tracks.get(condition.object);
  return track && track.state === condition.state;
}

/** `track hub1 is down`, or `track hub1 has no result yet`. */
export function describeTrack({ object }: TrackCondition, tracks: TrackStates): string {
  const track = tracks.get(object);
  return `track ${object} ${track ? `is ${track.state}` : "has no result yet"}`;
}
