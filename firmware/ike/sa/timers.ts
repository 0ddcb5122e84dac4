/** Names of every timer of a session, of its IKE SAs and of its Child SAs, with where each length comes from. */
import { milliseconds, minutes, seconds } from "#lib/duration.ts";

export type SessionTimer =
  /** Nothing heard for the DPD interval: send an empty INFORMATIONAL. RFC 7296 §2.4 */
  | "liveness"
  /** Nothing sent for the configured time from behind a NAT: send 0xFF. RFC 3948 §2.3 */
  | "nat-keepalive"
  /** The only answer to IKE_SA_INIT led nowhere: wait for one that a forger may have overtaken. RFC 7296 §2.4 */
  | "settle"
  /** The hub wants a new authentication by then. RFC 4478 */
  | "reauthenticate"
  /** A child is wanted again after a refusal that may pass. RFC 7296 §2.25 */
  | "create-child";

export type IkeTimer =
  /** Soft lifetime: start a rekey; jittered so that two ends rarely collide. RFC 7296 §2.8 */
  | "rekey"
  /** Hard lifetime: the keys may not be used any more. */
  | "expire"
  /** Replaced by a rekey of the peer's, which should have deleted it by now. RFC 7296 §2.18 */
  | "abandon";

export type ChildTimer =
  /** Soft lifetime, or a rekey that is to be tried again. */
  | "rekey"
  /** Hard lifetime; the kernel's own comes at the same time. */
  | "expire"
  /** Made by the peer's rekey, and no sign yet that it uses it: send on it now. RFC 7296 §2.8 */
  | "use-outbound"
  /** Replaced or deleted: packets on their way have had time to arrive. */
  | "remove-inbound"
  /** Replaced by a rekey of the peer's, which should have deleted it by now. */
  | "abandon";

/** How long a replaced inbound SA still takes packets that were on their way. Ours; RFC 7296 §2.8 asks for "enough time". */
export const INBOUND_GRACE = seconds(5);
/** Ours: a hub that never deletes the old child must not keep us from the new one. */
export const USE_OUTBOUND_AFTER = seconds(10);
/** Ours: RFC 7296 §2.8 leaves the Delete to the rekey's initiator, but it may be lost with its sender. */
export const ABANDON_REPLACED = seconds(60);
/** RFC 7296 §2.25: not at once, and over several minutes. */
export const TEMPORARY_FAILURE_RETRY = seconds(5);
export const TEMPORARY_FAILURE_LIMIT = minutes(3);
/** Other refusals of a rekey: tried again until the hard lifetime. */
export const REKEY_RETRY = seconds(30);
/** At most one liveness check in this time because of what unprotected messages say. RFC 7296 §2.21.4 */
export const HINT_INTERVAL = seconds(10);
/** Wait of `settle` when the profile's first retransmission is longer. */
export const SETTLE_MAX = milliseconds(500);
