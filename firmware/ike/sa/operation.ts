/**
 * What we want to say to the peer, and what we remember while it has not answered. Operations wait in the IKE SA's
 * queue until the window has room. RFC 7296 §1.2 to §1.4.
 */
import type { KeyExchange } from "#crypto/key-exchange.ts";
import type { IkeSpi, Payload, Proposal, WireTrafficSelector } from "../message/message.ts";
import type { ChildSa } from "./child-sa.ts";
import type { Retransmission } from "./retransmit.ts";

/** A request that is wanted. */
export type Operation =
  | { readonly kind: "authenticate" }
  | { readonly kind: "create-child"; readonly again?: Again<ChildCollision> }
  | {
      readonly kind: "rekey-child";
      readonly child: ChildSa;
      readonly again?: Again<ChildCollision>;
    }
  | { readonly kind: "rekey-ike"; readonly again?: Again<IkeCollision> }
  | { readonly kind: "delete-child"; readonly child: ChildSa }
  | { readonly kind: "delete-ike" }
  | { readonly kind: "liveness" }
  /** An error found in a response, told in a request of its own. RFC 7296 §2.21.2 */
  | { readonly kind: "notify"; readonly payloads: readonly Payload[] };

export type OperationKind = Operation["kind"];

/** INVALID_KE_PAYLOAD asked for another method: the same request again, and what is known meanwhile. RFC 7296 §1.3 */
export interface Again<Collision> {
  readonly method: number;
  /** Answers of this kind so far. */
  readonly retries: number;
  readonly collision: Collision | undefined;
}

/** The peer rekeyed the same child meanwhile. RFC 7296 §2.8.1 */
export interface ChildCollision {
  readonly child: ChildSa;
  readonly lowestNonce: Uint8Array;
}

/** The peer rekeyed the same IKE SA meanwhile. RFC 7296 §2.8.2 */
export interface IkeCollision {
  /** Our SPI of the IKE SA that the peer's rekey made. */
  readonly spi: IkeSpi;
  readonly lowestNonce: Uint8Array;
}

/** Our half of a Child SA being negotiated. */
export interface ChildDraft {
  readonly spi: number;
  readonly nonce: Uint8Array;
  /** Absent in IKE_AUTH and without PFS. */
  readonly keyExchange: KeyExchange | undefined;
  readonly offered: readonly Proposal[];
  readonly local: readonly WireTrafficSelector[];
  readonly remote: readonly WireTrafficSelector[];
  readonly replaces: ChildSa | undefined;
  /** INVALID_KE_PAYLOAD answers so far. */
  readonly retries: number;
  collision: ChildCollision | undefined;
}

/** Our half of an IKE rekey. */
export interface IkeDraft {
  readonly spi: IkeSpi;
  readonly nonce: Uint8Array;
  readonly keyExchange: KeyExchange;
  readonly offered: readonly Proposal[];
  readonly retries: number;
  collision: IkeCollision | undefined;
}

/** What the answer will be read with. */
export type Draft =
  | { readonly kind: "child"; readonly child: ChildDraft }
  | { readonly kind: "ike"; readonly ike: IkeDraft }
  | { readonly kind: "none" };

/** A request on its way. */
export interface OutstandingRequest {
  readonly messageId: number;
  readonly exchange: number;
  readonly operation: Operation;
  readonly draft: Draft;
  readonly retransmission: Retransmission;
}
