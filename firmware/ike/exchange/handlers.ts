/** Binds the transition table's `run` names to the work. RFC 7296 §1.2 to §1.4. */
import type { RunName } from "../sa/transitions.ts";
import { answerChildRekey, answerNewChild } from "./answer-child.ts";
import {
  acceptChild,
  childRefused,
  replaceMissingChild,
  retryChildKeyExchange,
  retryChildLater,
  startAnew,
} from "./create-child-sa.ts";
import type { Exchange, InitExchange } from "./exchange.ts";
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

/** For IKE_SA_INIT, where there is no IKE SA yet. */
export const attemptHandlers: ReadonlyMap<RunName, (exchange: InitExchange) => void> = new Map([
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
