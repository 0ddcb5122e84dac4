/**
 * IKE_SA_INIT before anything is authenticated: what we sent, and which answers we follow up. A forged answer adds a
 * candidate or a note here and changes nothing else. RFC 7296 §1.2, §2.4, §2.6.
 */
import type { KeyExchange } from "#crypto/key-exchange.ts";
import type { Path } from "../connection.ts";
import type { Reason } from "../down-reason.ts";
import type { IkeSpi, Proposal } from "../message/message.ts";
import type { Retransmission } from "./retransmit.ts";

export interface InitAttempt {
  readonly name: "init-sent";
  readonly spi: IkeSpi;
  readonly path: Path;
  readonly nonce: Uint8Array;
  readonly offered: readonly Proposal[];
  /** Key pairs by method: an answer to an earlier request must still be readable. */
  readonly keyExchanges: Map<number, KeyExchange>;
  /** The latest request for each method: AUTH signs the one that was answered. */
  readonly requests: Map<number, Uint8Array>;
  /** Method of the latest request. */
  method: number;
  cookie: Uint8Array | undefined;
  /** Requests changed because of COOKIE or INVALID_KE_PAYLOAD. */
  restarts: number;
  retransmission: Retransmission | undefined;
  /** Answers looked into at all: bounds what a stranger can make us compute. */
  answers: number;
  /** Most telling refusal seen so far; the reason when nothing better comes. */
  refusal: Reason | undefined;
}

/** Ours: rounds of COOKIE and INVALID_KE_PAYLOAD together. */
export const MAX_RESTARTS = 5;
/** Ours: IKE_SA_INIT answers that cost a key exchange each. */
export const MAX_ANSWERS = 4;
