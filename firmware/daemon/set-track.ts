import type { ActionOutcome } from "#api/backend.ts";
import type { TrackState } from "#config/resolved-track.ts";
import type { Services } from "./services.ts";

/** Sets a stub object; every other kind goes by what it looks at. */
export function setTrack(
  services: Services,
  object: string,
  state: TrackState,
  by: string,
): ActionOutcome {
  const { events, track } = services;
  const kind = track.testOf(object)?.kind;
  if (kind !== "stub") {
    return {
      kind: "refused",
      code: "track.not-a-stub",
      reason: `track ${object} ${kind === undefined ? "does not exist" : `goes by its ${kind}`}: only a stub object can be set`,
    };
  }
  const before = events.lastId;
  services.giveTrack({ kind: "set-stub", object, state, by });
  return { kind: "accepted", event: events.after(before)[0]?.id ?? before };
}
