/** What the world tells the IKE engine. */
import type { WallClock } from "#lib/duration.ts";
import type { Endpoint } from "#lib/ip.ts";
import type { IkeConnection, Path } from "./connection.ts";

/**
 * Names one wish to be connected to one peer, chosen by the caller and never used again. It survives IKE rekeys: the
 * SPIs behind it change, the session does not.
 */
export type SessionId = number & { readonly __brand: "SessionId" };

export type IkeInput =
  /** Start IKE_SA_INIT over `path`. Port 500 unless the caller wants to begin on 4500 (RFC 7296 §2.23). */
  | {
      readonly kind: "initiate";
      readonly session: SessionId;
      readonly connection: IkeConnection;
      readonly path: Path;
    }
  /** Delete the IKE SA (or forget the attempt); answered by `session-down` at once or when the hub has answered. */
  | {
      readonly kind: "terminate";
      readonly session: SessionId;
      readonly reason: string;
      /** False when the way to the hub is gone: the Delete is sent once and `session-down` comes at once. */
      readonly expectAnswer?: boolean;
    }
  /** An IKE message without the non-ESP marker. */
  | {
      readonly kind: "datagram";
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly source?: string;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "rekey-ike"; readonly session: SessionId }
  | { readonly kind: "rekey-child"; readonly session: SessionId }
  /** Send a liveness check now. */
  | { readonly kind: "check-liveness"; readonly session: SessionId }
  /** The kernel's lifetime of the SA with this inbound or outbound SPI ran out: soft asks for a rekey, hard removed it. */
  | { readonly kind: "sa-expired"; readonly spi: number; readonly hard: boolean }
  /** The driver could not install an SA: the child is unusable. */
  | {
      readonly kind: "sa-install-failed";
      readonly spi: number;
      readonly code: string;
      readonly message: string;
    }
  /** ESP arrived on, or left through, the children of this session since the last such input; feeds liveness and keepalives. */
  | {
      readonly kind: "traffic";
      readonly session: SessionId;
      readonly inbound: boolean;
      readonly outbound: boolean;
      /** Inbound SPIs that packets arrived on, where the caller knows: a child made by the hub's rekey is used for sending from then on. */
      readonly inboundSpis?: readonly number[];
    }
  /** The kernel saw the peer's NAT mapping change (XFRM_MSG_MAPPING). */
  | { readonly kind: "mapping-changed"; readonly spi: number; readonly remote: Endpoint }
  /**
   * What the wall clock says at this `now`; sent at start and whenever it steps. Certificates need it. With `isEarliest` it
   * can't be trusted: sessions made by certificates are provisional until an input without it comes.
   */
  | { readonly kind: "wall-clock"; readonly time: WallClock; readonly isEarliest?: boolean }
  | { readonly kind: "timeout" };
