/** What the time guard asks the world to do, in the order given. */
import type { WallClock } from "#lib/duration.ts";
import type { EventDraft } from "#state/event.ts";

export type TimeAction =
  /** Look at the clock and give a `reading`. */
  | { readonly kind: "read-clock" }
  /** Set the clock of the machine, which is behind what is known. */
  | { readonly kind: "set-clock"; readonly time: WallClock }
  /** Ask the time servers now, whenever it was their turn. */
  | { readonly kind: "ask-servers" }
  /** Tell everybody who goes by the date. With `isEarliest` it is only the earliest that it can be. */
  | { readonly kind: "time"; readonly time: WallClock; readonly isEarliest: boolean }
  /** Keep this for the next life of the process, safe from power loss. */
  | {
      readonly kind: "save";
      readonly time: WallClock;
      /** See `SavedTime.since`. */
      readonly since?: "trusted" | "raised";
    }
  | { readonly kind: "event"; readonly event: EventDraft };
