/** Binds the transition table's `run` names to the work. RFC 7296 §1.2 to §1.4. */
import type { IkeSa } from "../sa/ike-sa.ts";
import type { InitAttempt } from "../sa/init-attempt.ts";
import type { OutstandingRequest } from "../sa/operation.ts";
import type { RunName } from "../sa/transitions.ts";
import type { Turn } from "../sa/turn.ts";
import type { PayloadSet } from "../task/payload-set.ts";
import { answerChildRekey, answerNewChild } from "./answer-child.ts";
import type { Arrived } from "./arrived.ts";
import {
  acceptChild,
  childRefused,
  replaceMissingChild,
  retryChildKeyExchange,
  retryChildLater,
  startAnew,
} from "./create-child-sa.ts";
import { acceptAuthResponse, noteAuthRefusal } from "./ike-auth.ts";
import {
  acceptInitResponse,
  answerCookie,
  noteInitRefusal,
  retryKeyExchange,
} from "./ike-sa-init.ts";
import { answerInformational, answerNotNow, childDeleted, ikeDeleted } from "./informational.ts";
import {
  acceptIkeRekey,
  answerIkeRekey,
  ikeRekeyRefused,
  retryIkeRekeyKeyExchange,
  retryIkeRekeyLater,
} from "./rekey-ike-sa.ts";

/** A protected message and everything around it. */
export interface Exchange {
  readonly turn: Turn;
  readonly sa: IkeSa;
  readonly arrived: Arrived;
  readonly payloads: PayloadSet;
  /** Our request that this answers; undefined for a request of the peer's. */
  readonly request: OutstandingRequest | undefined;
}

type AttemptHandler = (
  turn: Turn,
  attempt: InitAttempt,
  arrived: Arrived,
  payloads: PayloadSet,
) => void;

/** For IKE_SA_INIT, where there is no IKE SA yet. */
export const attemptHandlers: ReadonlyMap<RunName, AttemptHandler> = new Map<
  RunName,
  AttemptHandler
>([
  ["answerCookie", answerCookie],
  ["retryKeyExchange", retryKeyExchange],
  ["acceptInitResponse", acceptInitResponse],
  ["noteInitRefusal", noteInitRefusal],
]);

const nothing = (): void => undefined;

/** For everything protected. */
export const handlers: Readonly<Record<RunName, (exchange: Exchange) => void>> = {
  answerCookie: nothing,
  retryKeyExchange: nothing,
  acceptInitResponse: nothing,
  noteInitRefusal: nothing,
  acceptAuthResponse: ({ turn, sa, payloads }) => acceptAuthResponse(turn, sa, payloads),
  noteAuthRefusal: ({ turn, sa, payloads }) => noteAuthRefusal(turn, sa, payloads),
  answerChildRekey,
  answerNewChild,
  answerIkeRekey,
  answerNotNow,
  acceptChild,
  retryChildKeyExchange,
  retryChildLater,
  replaceMissingChild,
  startAnew,
  childRefused,
  acceptIkeRekey,
  retryIkeRekeyKeyExchange,
  retryIkeRekeyLater,
  ikeRekeyRefused,
  childDeleted,
  ikeDeleted,
  peerIsAlive: nothing,
  answerInformational,
};
