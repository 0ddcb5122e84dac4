/** The states of an IKE SA and what is known of its peer, as plain data. RFC 7296 §1.2, §2.8, §2.15. */
import type { IdPayload } from "../message/message.ts";
import type { ChildDraft, IkeDraft } from "./operation.ts";

/** What AUTH signs, kept from IKE_SA_INIT until the peer is authenticated. RFC 7296 §2.15 */
export interface InitTranscript {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
}

export type IkeSaState =
  /** IKE_AUTH sent to one answer of IKE_SA_INIT; the peer is not authenticated. */
  | {
      readonly name: "auth-sent";
      readonly transcript: InitTranscript;
      /** IDi as sent. */
      readonly identity: IdPayload;
      readonly child: ChildDraft;
    }
  | { readonly name: "established" }
  /** Our rekey of it is under way. */
  | { readonly name: "rekeying"; readonly draft: IkeDraft }
  /** Another IKE SA has its children; a Delete will end it. */
  | { readonly name: "replaced" }
  /** Our Delete, or our last word, is under way. */
  | { readonly name: "deleting" }
  | { readonly name: "closed" };

/** The state in which a candidate waits for its IKE_AUTH answer. */
export type AuthSent = Extract<IkeSaState, { readonly name: "auth-sent" }>;

export type IkeSaStateName = IkeSaState["name"] | "init-sent";

/** What the peer said about itself. */
export interface PeerAbilities {
  readonly fragmentation: boolean;
  /** It announced a vendor ID of Cisco's: a FlexVPN hub. */
  readonly isCisco: boolean;
  /** RFC 7427 hash ids; empty when it announced none: older signature methods only. */
  readonly signatureHashes: readonly number[];
  /** We, the peer, are behind a NAT. */
  readonly natLocal: boolean;
  readonly natRemote: boolean;
}
