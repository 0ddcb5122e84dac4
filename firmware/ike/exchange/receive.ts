/**
 * The way of a datagram: finds its SA, opens it, checks the window, and lets the transition table choose who handles it.
 * Before the ICV verifies nothing changes but counters. RFC 7296 §2.1 to §2.5, §2.21; RFC 7383 §2.6.
 */

import type { Result } from "#lib/result.ts";
import type { IkeInput } from "../inputs.ts";
import type { DecodeError } from "../message/decode-error.ts";
import { ExchangeType, exchangeName, NotifyType } from "../message/iana.ts";
import type { ClearMessage, IkeHeader, Payload, SealedMessage } from "../message/message.ts";
import { decodeMessage } from "../message/payload-chain.ts";
import { openMessage } from "../message/sk.ts";
import { countExchange } from "../sa/counters.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import type { OutstandingRequest } from "../sa/operation.ts";
import { findTransition } from "../sa/transition-lookup.ts";
import type { Turn } from "../sa/turn.ts";
import { noteFragments } from "../task/fragmentation.ts";
import { noteHint } from "../task/liveness.ts";
import { notify } from "../task/notify.ts";
import { PayloadSet } from "../task/payload-set.ts";
import { followPeer } from "../task/peer-address.ts";
import { closeSession, endSession, reasonFor } from "../task/session-end.ts";
import type { Arrived } from "./exchange.ts";
import { attemptHandlers, handlers } from "./handlers.ts";
import { dropCandidate } from "./ike-auth.ts";
import { sendResponse, transmit } from "./send.ts";
import { noteUnreadable } from "./unreadable-answer.ts";

type Datagram = Extract<IkeInput, { readonly kind: "datagram" }>;
type Opened = Result<readonly Payload[], DecodeError>;

/** Takes one datagram from the network. Never throws because of its bytes. */
export function receiveDatagram(turn: Turn, datagram: Datagram): void {
  turn.counters.datagramsIn++;
  const decoded = decodeMessage(datagram.bytes);
  if (!decoded.ok) {
    turn.counters.decodeErrors++;
    noteUnreadable(turn, datagram.bytes, decoded.error);
    return;
  }
  const message = decoded.value;
  const { local, remote, source, bytes } = datagram;
  const path = { local, remote, ...(source !== undefined && { source }) };
  const arrived: Arrived = { header: message.header, bytes, path };
  if (message.kind === "clear") receiveClear(turn, arrived, message);
  else receiveSealed(turn, arrived, message);
}

/** IKE_SA_INIT for an attempt, or an unprotected notify: a hint at most. RFC 7296 §2.21.4 */
function receiveClear(turn: Turn, arrived: Arrived, { header, payloads }: ClearMessage): void {
  const { spiInitiator, spiResponder } = header;
  const session = turn.registry.attempt(spiInitiator);
  const attempt = session?.attempt;
  if (attempt && header.exchange === ExchangeType.IKE_SA_INIT) {
    const set = new PayloadSet(payloads);
    const row = findTransition({
      state: "init-sent",
      role: header.isResponse ? "response" : "request",
      exchange: header.exchange,
      operation: undefined,
      has: set.has,
    });
    const handler = row && attemptHandlers.get(row.run);
    if (handler && header.messageId === 0)
      handler({ turn, session, attempt, arrived, payloads: set });
    else turn.counters.unexpectedMessages++;
    return;
  }
  const sa =
    turn.registry.ikeSa(spiInitiator, spiResponder, true) ??
    turn.registry.ikeSa(spiResponder, spiInitiator, false);
  if (!sa) turn.counters.unknownSpi++;
  else if (new PayloadSet(payloads).error) {
    turn.counters.unprotectedNotifies++;
    noteHint(turn, sa.session);
  } else turn.counters.unexpectedMessages++;
}

function receiveSealed(turn: Turn, arrived: Arrived, message: SealedMessage): void {
  const { header } = message;
  // The I flag is its sender's: set, and we are the responder of this SA. RFC 7296 §3.1
  const [own, peer] = header.isInitiator
    ? [header.spiResponder, header.spiInitiator]
    : [header.spiInitiator, header.spiResponder];
  const sa = turn.registry.ikeSa(own, peer, !header.isInitiator);
  if (!sa) turn.counters.unknownSpi++;
  else if (header.isResponse) receiveResponse(turn, sa, arrived, message);
  else receiveRequest(turn, sa, arrived, message);
}

function receiveResponse(turn: Turn, sa: IkeSa, arrived: Arrived, message: SealedMessage): void {
  const { header } = message;
  const request = sa.requests.find(header.messageId);
  if (!request || request.exchange !== header.exchange) {
    turn.counters.unexpectedMessages++;
    return;
  }
  const opened = open(turn, sa, message);
  if (!opened) return;
  traceOpened(turn, sa, arrived, opened);
  sa.session.lastHeard = turn.now;
  sa.requests.close(header.messageId);
  countExchange(turn.counters, header.exchange, "sent");
  if (!opened.ok) failOn(turn, sa, header, opened.error);
  else dispatch(turn, sa, arrived, opened.value, request);
}

function receiveRequest(turn: Turn, sa: IkeSa, arrived: Arrived, message: SealedMessage): void {
  const { header } = message;
  const place = sa.responses.classify(header.messageId);
  // Before the peer is authenticated it has nothing to ask; it will ask again.
  if (place === "outside" || sa.state.name === "auth-sent") {
    turn.counters.unexpectedMessages++;
    return;
  }
  if (place === "repeated") {
    repeatResponse(turn, sa, arrived, message);
    return;
  }
  const opened = open(turn, sa, message);
  if (!opened) return;
  traceOpened(turn, sa, arrived, opened);
  sa.session.lastHeard = turn.now;
  followPeer(turn, sa, arrived.path);
  if (!opened.ok) refuseMalformed(turn, sa, arrived, opened.error);
  else dispatch(turn, sa, arrived, opened.value, undefined);
}

/** The peer did not get our response: the same bytes again, once for a fragmented request. RFC 7383 §2.6.1 */
function repeatResponse(turn: Turn, sa: IkeSa, arrived: Arrived, message: SealedMessage): void {
  if (message.fragment && message.fragment.number !== 1) return;
  if (sa.opening.open(message.associatedData, message.sealed) === undefined) {
    turn.counters.integrityFailures++;
    return;
  }
  turn.counters.repeatedRequests++;
  sa.session.lastHeard = turn.now;
  transmit(turn, sa.session, arrived.path, sa.responses.lastResponse);
}

/** @returns the payloads or their fault; undefined when the message is incomplete or not authentic. */
function open(turn: Turn, sa: IkeSa, message: SealedMessage): Opened | undefined {
  if (!message.fragment) {
    const opened = openMessage(message, sa.opening);
    if (!opened) turn.counters.integrityFailures++;
    return opened;
  }
  turn.counters.fragmentsIn++;
  if (!sa.peer.fragmentation) return undefined;
  const side = message.header.isResponse ? sa.reassembly.response : sa.reassembly.request;
  const step = side.accept(message, sa.opening);
  if (step.kind === "complete") {
    noteFragments(turn, sa, "received", message.fragment.total);
    return step.payloads;
  }
  if (step.kind === "dropped" && step.reason === "unverified") turn.counters.integrityFailures++;
  return undefined;
}

function traceOpened(turn: Turn, sa: IkeSa, { header, path }: Arrived, opened: Opened): void {
  if (!opened.ok) return;
  const { id: session } = sa.session;
  turn.trace?.({ direction: "received", session, path, header, payloads: opened.value });
}

function dispatch(
  turn: Turn,
  sa: IkeSa,
  arrived: Arrived,
  payloads: readonly Payload[],
  request: OutstandingRequest | undefined,
): void {
  const set = new PayloadSet(payloads);
  const row = findTransition({
    state: sa.state.name,
    role: request ? "response" : "request",
    exchange: arrived.header.exchange,
    operation: request?.operation.kind,
    has: set.has,
  });
  if (row) {
    handlers[row.run]({ turn, sa, arrived, payloads: set, request });
    if (!row.to.includes(sa.state.name)) turn.counters.unlistedTransitions++;
    return;
  }
  turn.counters.unexpectedMessages++;
  if (request || arrived.header.exchange !== ExchangeType.CREATE_CHILD_SA) return;
  // Exchanges that nobody agreed on are dropped; this one is ours, and its errors are answered. RFC 7296 §2.21.3
  refuseMalformed(turn, sa, arrived, {
    code: "ike.decode.syntax",
    at: "",
    offset: 0,
    message: `${exchangeName(arrived.header.exchange)} request without the payloads it needs`,
    source: "RFC 7296 §1.2",
  });
}

/** A request that is authentic but broken. INVALID_SYNTAX ends the SA at both ends; an unknown critical payload does not. RFC 7296 §2.21.3 */
function refuseMalformed(turn: Turn, sa: IkeSa, arrived: Arrived, error: DecodeError): void {
  const { exchange, messageId } = arrived.header;
  const answer = error.notify ?? { type: NotifyType.INVALID_SYNTAX, data: new Uint8Array(0) };
  const to = { exchange, messageId, to: arrived.path };
  sendResponse(turn, sa, to, [notify(answer.type, answer.data)]);
  if (answer.type === NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD) return;
  endSession(turn, sa.session, faultReason(sa, "ike.invalid-request", exchange, error));
}

/** A response that is authentic but broken: nothing is sent back for it, the SA is cleaned up. RFC 7296 §2.21 */
function failOn(turn: Turn, sa: IkeSa, header: IkeHeader, error: DecodeError): void {
  const reason = faultReason(sa, "ike.invalid-response", header.exchange, error);
  if (sa.state.name === "auth-sent") dropCandidate(turn, sa, reason);
  else closeSession(turn, sa.session, reason);
}

function faultReason(
  sa: IkeSa,
  code: "ike.invalid-request" | "ike.invalid-response",
  exchange: number,
  { at, code: fault, message, source }: DecodeError,
) {
  const detail = `${at ? `${at}: ` : ""}${message} (${source})`;
  return reasonFor(sa.session, code, { exchange: exchangeName(exchange), detail, fault });
}
