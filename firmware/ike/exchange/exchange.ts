/** What handlers are given: a message as it came, and everything around it. RFC 7296 §1.2 to §1.4. */
import type { Path } from "../connection.ts";
import type { IkeHeader } from "../message/message.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { InitAttempt } from "../sa/init-attempt.ts";
import type { OutstandingRequest } from "../sa/operation.ts";
import type { Turn } from "../sa/turn.ts";
import type { PayloadSet } from "../task/payload-set.ts";

/** A message as it came: header, whole bytes (a view on the datagram), and the way it took, seen from us. */
export interface Arrived {
  readonly header: IkeHeader;
  readonly bytes: Uint8Array;
  readonly path: Path;
}

/** A protected message and everything around it. */
export interface Exchange {
  readonly turn: Turn;
  readonly sa: IkeSa;
  readonly arrived: Arrived;
  readonly payloads: PayloadSet;
  /** Our request that this answers; undefined for a request of the peer's. */
  readonly request: OutstandingRequest | undefined;
}

/** A message of IKE_SA_INIT, where there is no IKE SA yet. */
export interface InitExchange {
  readonly turn: Turn;
  readonly session: Session;
  readonly attempt: InitAttempt;
  readonly arrived: Arrived;
  readonly payloads: PayloadSet;
}
