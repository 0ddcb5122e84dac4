/**
 * Puts payloads on the wire: sealed, in fragments where needed, remembered for as long as they may have to be sent
 * again. Knows nothing of what they mean. RFC 7296 §2.1, §3.14; RFC 7383 §2.5.
 */
import type { Path, RetransmitPolicy } from "../connection.ts";
import type { IkeHeader, Payload } from "../message/message.ts";
import { sealMessage } from "../message/sk.ts";
import { countExchange } from "../sa/counters.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { Draft, Operation, OutstandingRequest } from "../sa/operation.ts";
import { Retransmission } from "../sa/retransmit.ts";
import type { Turn } from "../sa/turn.ts";
import { sealInFragments } from "../task/fragmentation.ts";

/** Sends a request by the next Message ID and remembers it with `draft`. The caller has seen room in the window. */
export function sendRequest(
  turn: Turn,
  sa: IkeSa,
  exchange: number,
  operation: Operation,
  draft: Draft,
  payloads: readonly Payload[],
): void {
  const messageId = sa.requests.next;
  const datagrams = seal(turn, sa, { exchange, isResponse: false, messageId }, payloads);
  const policy = retransmitPolicy(sa.session, operation);
  const retransmission = new Retransmission(datagrams, policy, turn.now, turn.random);
  sa.requests.open({ messageId, exchange, operation, draft, retransmission });
  transmit(turn, sa.session, sa.path, datagrams);
}

/** Sends the same bytes again. RFC 7296 §2.1 */
export function resendRequest(turn: Turn, sa: IkeSa, request: OutstandingRequest): void {
  turn.counters.retransmissions++;
  transmit(turn, sa.session, sa.path, request.retransmission.datagrams);
}

/**
 * Answers the peer's expected request and keeps the answer for repeats.
 * @param to where the request came from.
 */
export function sendResponse(
  turn: Turn,
  sa: IkeSa,
  request: { readonly exchange: number; readonly messageId: number; readonly to: Path },
  payloads: readonly Payload[],
): void {
  const { exchange, messageId, to } = request;
  const datagrams = seal(turn, sa, { exchange, isResponse: true, messageId }, payloads);
  sa.responses.answered(datagrams);
  countExchange(turn.counters, exchange, "received");
  transmit(turn, sa.session, to, datagrams);
}

/** Sends datagrams as they are. */
export function transmit(
  turn: Turn,
  session: Session,
  path: Path,
  datagrams: readonly Uint8Array[],
): void {
  session.lastSent = turn.now;
  turn.counters.datagramsOut += datagrams.length;
  for (const bytes of datagrams) turn.do({ kind: "send", session: session.id, path, bytes });
}

function seal(
  turn: Turn,
  sa: IkeSa,
  part: { exchange: number; isResponse: boolean; messageId: number },
  payloads: readonly Payload[],
): readonly Uint8Array[] {
  const header: IkeHeader = {
    spiInitiator: sa.spiInitiator,
    spiResponder: sa.spiResponder,
    isInitiator: sa.isInitiator,
    ...part,
  };
  turn.trace?.({ direction: "sent", session: sa.session.id, path: sa.path, header, payloads });
  return sealInFragments(turn, sa, header, payloads) ?? [sealMessage(header, payloads, sa.sealing)];
}

function retransmitPolicy(session: Session, operation: Operation): RetransmitPolicy {
  const { retransmit, dpd } = session.connection;
  switch (operation.kind) {
    case "liveness":
      return { ...retransmit, initial: dpd.retry };
    case "delete-ike":
    case "notify":
      return { ...retransmit, limit: Math.min(retransmit.limit, LAST_WORDS_LIMIT) };
    default:
      return retransmit;
  }
}

/** Ours: an SA that is going needs its Delete answered less than the caller needs it gone. */
const LAST_WORDS_LIMIT = 2;
