/** What the world tells the change guard. */
import type { Duration } from "#lib/duration.ts";
import type { ClientStatus } from "#state/document.ts";

/** A client that was up before a change, and the interface that its session left by, if that is known. */
export interface Expected {
  readonly client: string;
  readonly link?: string;
}

export type GuardInput =
  /** The first configuration of this process is in force. `trial` is one that an earlier life did not end. */
  | {
      readonly kind: "began";
      readonly clients: readonly string[];
      readonly trial?: { readonly expected: readonly Expected[]; readonly within: Duration };
    }
  /**
   * Another configuration is being applied: give it before the clients hear of it. Without `within` nothing is proved.
   * `by` says who, in a word or two; `isConfirmed` that silence is no consent.
   */
  | {
      readonly kind: "changed";
      readonly clients: readonly string[];
      readonly by: string;
      readonly within?: Duration;
      readonly needsConfirm?: true;
    }
  /** The configuration before is in force again. */
  | { readonly kind: "undone"; readonly clients: readonly string[] }
  /** `link` is the interface that the session leaves by; `reason` why the client is in its state, one sentence. */
  | {
      readonly kind: "client-changed";
      readonly client: string;
      readonly status: ClientStatus;
      readonly reason: string;
      readonly link?: string;
    }
  /** An interface can carry something, or can't. */
  | { readonly kind: "link-changed"; readonly link: string; readonly isUsable: boolean }
  /** An operator took a client down: it is no longer waited for. */
  | { readonly kind: "released"; readonly client: string }
  /** An operator says that the configuration is right. */
  | { readonly kind: "confirm"; readonly by: string }
  | { readonly kind: "timeout" };
