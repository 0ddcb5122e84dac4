/** What the API needs of the daemon for updates of the appliance. */
import type { Duration } from "#lib/duration.ts";
import type { UpdateState } from "#state/document-update.ts";

export interface UpdateWish {
  /** Who asks, for the events: `command line`. */
  readonly by: string;
  /** Whatever its version is. */
  readonly force?: boolean;
  /** How long the new system has to bring back what was up. */
  readonly within?: Duration;
  /** At once; else the next start tries it. */
  readonly restart: boolean;
}

export type UpdateOutcome =
  | { readonly kind: "accepted"; readonly state: UpdateState }
  /** `code` is stable, `update.…`; `message` says what to do. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface UpdateBackend {
  /** Undefined on a machine that is not the appliance. */
  state(): UpdateState | undefined;
  /** Takes a bundle in as it comes, reading no further than to its first fault. */
  install(bundle: AsyncIterable<Uint8Array>, wish: UpdateWish): Promise<UpdateOutcome>;
  /** Goes back to the system from before. */
  rollBack(by: string): Promise<UpdateOutcome>;
  /** Keeps the system on trial without waiting for its proof. */
  keep(by: string): UpdateOutcome;
}
