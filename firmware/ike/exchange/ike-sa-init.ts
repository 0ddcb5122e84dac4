/**
 * IKE_SA_INIT from our side: the request, its changed repeats, and what an answer leads to. Nothing here is
 * authenticated, so an answer costs bounded work and never ends the attempt. RFC 7296 §1.2, §2.6, §2.21.1.
 */
import { prf } from "#crypto/prf.ts";
import { equalBytes } from "#lib/bytes.ts";
import { ExchangeType, keyExchangeName, NotifyType } from "../message/iana.ts";
import type { KePayload, NoncePayload, Payload, SaPayload } from "../message/message.ts";
import { encodeMessage } from "../message/payload-chain.ts";
import { countExchange } from "../sa/counters.ts";
import type { Session } from "../sa/ike-sa.ts";
import { IkeSa } from "../sa/ike-sa.ts";
import { type InitAttempt, MAX_ANSWERS, MAX_RESTARTS } from "../sa/init-attempt.ts";
import { deriveIkeKeys } from "../sa/keymat.ts";
import { acceptIke, offeredKeyExchanges, offerIke } from "../sa/proposal.ts";
import { Retransmission } from "../sa/retransmit.ts";
import type { Turn } from "../sa/turn.ts";
import { draftFirstChild, NONCE_BYTES } from "../task/child-negotiation.ts";
import { buildCiscoVendorIds, processVendorIds } from "../task/cisco-vendor.ts";
import { buildCookie, processCookie } from "../task/cookie.ts";
import { describeNotify, describeProposals } from "../task/describe.ts";
import { announceFragmentation, processFragmentationSupport } from "../task/fragmentation.ts";
import { identityPayload } from "../task/identity.ts";
import { processInvalidKe } from "../task/invalid-ke.ts";
import { buildNatDetection, movedTo4500, processNatDetection } from "../task/nat-detection.ts";
import { reasonFor } from "../task/session-end.ts";
import { buildSignatureHashes, processSignatureHashes } from "../task/signature-hashes.ts";
import type { InitExchange } from "./exchange.ts";
import { transmit } from "./send.ts";

/** Starts IKE_SA_INIT for a new session. */
export function startAttempt(turn: Turn, session: Session): void {
  const { proposals } = session.connection;
  const method = offeredKeyExchanges(proposals)[0] ?? 0;
  const attempt: InitAttempt = {
    name: "init-sent",
    spi: turn.registry.newIkeSpi(),
    path: session.path,
    nonce: turn.random(NONCE_BYTES),
    offered: offerIke(proposals, new Uint8Array(0)),
    keyExchanges: new Map(),
    requests: new Map(),
    method,
    cookie: undefined,
    restarts: 0,
    retransmission: undefined,
    answers: 0,
    refusal: undefined,
  };
  session.attempt = attempt;
  sendInitRequest(turn, session, attempt);
}

/** Sends the same request again, or reports that all tries are used. @returns false when they are. */
export function resendInitRequest(turn: Turn, session: Session, attempt: InitAttempt): boolean {
  const { retransmission } = attempt;
  if (!retransmission) return true;
  if (!retransmission.advance(turn.now)) return false;
  turn.counters.retransmissions++;
  transmit(turn, session, attempt.path, retransmission.datagrams);
  return true;
}

/** N(COOKIE): the identical request with the cookie in front. RFC 7296 §2.6 */
export function answerCookie(exchange: InitExchange): void {
  const { turn, session, attempt, payloads } = exchange;
  turn.counters.unprotectedNotifies++;
  const payload = payloads.notify(NotifyType.COOKIE);
  const cookie = payload && processCookie(payload);
  if (!cookie || !mayRestart(session, attempt, "COOKIE")) return;
  if (attempt.cookie && equalBytes(attempt.cookie, cookie)) {
    noteLoop(session, attempt, "COOKIE");
    return;
  }
  attempt.cookie = cookie;
  attempt.restarts++;
  sendInitRequest(turn, session, attempt);
}

/** N(INVALID_KE_PAYLOAD): the same offer with the wanted method, if we offered it. RFC 7296 §1.2 */
export function retryKeyExchange(exchange: InitExchange): void {
  const { turn, session, attempt, payloads } = exchange;
  turn.counters.unprotectedNotifies++;
  const payload = payloads.notify(NotifyType.INVALID_KE_PAYLOAD);
  const method = payload && processInvalidKe(payload);
  const offered = offeredKeyExchanges(session.connection.proposals);
  if (method === undefined || !offered.includes(method)) {
    attempt.refusal = reasonFor(session, "ike.key-exchange.no-match", {
      wanted: method === undefined ? "?" : keyExchangeName(method),
      offered: offered.map(keyExchangeName).join(", "),
    });
    return;
  }
  if (method === attempt.method) {
    noteLoop(session, attempt, "INVALID_KE_PAYLOAD");
    return;
  }
  if (!mayRestart(session, attempt, "INVALID_KE_PAYLOAD")) return;
  attempt.method = method;
  attempt.restarts++;
  sendInitRequest(turn, session, attempt);
}

/** An error notify, or an answer without what it needs: noted, and the retransmissions go on. RFC 7296 §2.21.1 */
export function noteInitRefusal(exchange: InitExchange): void {
  const { turn, session, attempt, payloads } = exchange;
  turn.counters.unprotectedNotifies++;
  const { error } = payloads;
  if (!error) return;
  const { offered } = attempt;
  attempt.refusal =
    error.notify === NotifyType.NO_PROPOSAL_CHOSEN
      ? reasonFor(session, "ike.proposal.no-match", {
          offered: describeProposals(offered),
          chosen: "none (NO_PROPOSAL_CHOSEN)",
        })
      : reasonFor(session, "ike.refused", {
          exchange: "IKE_SA_INIT",
          notify: describeNotify(error),
        });
}

/** A full answer: becomes a candidate that IKE_AUTH is sent to. Several may be, one will authenticate. RFC 7296 §2.4 */
export function acceptInitResponse(exchange: InitExchange): void {
  const { turn, session, attempt, payloads } = exchange;
  const { spiResponder } = exchange.arrived.header;
  if (session.candidates.some((one) => one.spiResponder === spiResponder)) return;
  if (attempt.answers >= MAX_ANSWERS) return;
  attempt.answers++;
  const sa = payloads.first("SA");
  const ke = payloads.first("KE");
  const nonce = payloads.first("Nonce");
  if (!sa || !ke || !nonce) return;
  const candidate = makeCandidate(exchange, { sa, ke, nonce });
  if (typeof candidate === "string") {
    attempt.refusal = reasonFor(session, "ike.invalid-response", {
      exchange: "IKE_SA_INIT",
      detail: candidate,
    });
    return;
  }
  if (!candidate) return;
  countExchange(turn.counters, ExchangeType.IKE_SA_INIT, "sent");
  attempt.retransmission = undefined;
  if (attempt.answers === 1) turn.do({ kind: "session-authenticating", session: session.id });
  session.ikeSas.add(candidate);
  session.timers.cancel("settle");
  candidate.enqueue({ kind: "authenticate" });
}

/** @returns the candidate; a sentence when the answer breaks the protocol; undefined when the refusal is noted. */
function makeCandidate(
  { turn, session, attempt, arrived, payloads }: InitExchange,
  { sa, ke, nonce }: { sa: SaPayload; ke: KePayload; nonce: NoncePayload },
): IkeSa | string | undefined {
  const { spiResponder } = arrived.header;
  if (spiResponder === 0n) return "the responder's SPI is zero";
  const choice = acceptIke(attempt.offered, sa.proposals);
  if (!choice.ok) {
    attempt.refusal = reasonFor(session, "ike.proposal.no-match", {
      offered: describeProposals(attempt.offered),
      chosen: `${describeProposals(sa.proposals)} (${choice.error})`,
    });
    return undefined;
  }
  const { suite } = choice.value;
  if (ke.method !== suite.keyExchange) return "KE is of another method than the one chosen";
  if (2 * nonce.nonce.length < prf(suite.prf).keyLength) return "the nonce is too short";
  const keyExchange = attempt.keyExchanges.get(ke.method);
  const request = attempt.requests.get(ke.method);
  if (!keyExchange || !request) return "KE is of a method that we sent no value for";
  const secret = keyExchange.computeSecret(ke.publicValue);
  if (!secret.ok) return secret.error.message;
  const spis = { initiator: attempt.spi, responder: spiResponder };
  const nonces = { initiator: attempt.nonce, responder: nonce.nonce.slice() };
  const keys = deriveIkeKeys(suite, secret.value, nonces, spis);
  secret.value.wipe();
  const nat = processNatDetection(
    payloads.every("Notify"),
    attempt.spi,
    spiResponder,
    attempt.path,
  );
  return new IkeSa({
    session,
    isInitiator: true,
    spiInitiator: attempt.spi,
    spiResponder,
    suite,
    keys,
    path: nat.natLocal || nat.natRemote ? movedTo4500(attempt.path) : attempt.path,
    peer: {
      ...nat,
      isCisco: processVendorIds(payloads.every("VendorId")).length > 0,
      fragmentation: processFragmentationSupport(
        session.connection,
        payloads.notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED),
      ),
      signatureHashes: processSignatureHashes(
        payloads.notify(NotifyType.SIGNATURE_HASH_ALGORITHMS),
      ),
    },
    state: {
      name: "auth-sent",
      transcript: {
        request,
        response: arrived.bytes.slice(),
        nonceInitiator: nonces.initiator,
        nonceResponder: nonces.responder,
      },
      identity: identityPayload("IDi", session.connection.local.identity),
      child: draftFirstChild(turn, session),
    },
    firstMessageId: 1,
    now: turn.now,
    random: turn.random,
  });
}

function sendInitRequest(turn: Turn, session: Session, attempt: InitAttempt): void {
  const { method, spi, path } = attempt;
  const keyExchange = attempt.keyExchanges.get(method) ?? turn.keyExchanges.take(method);
  attempt.keyExchanges.set(method, keyExchange);
  const { connection } = session;
  const payloads: readonly Payload[] = [
    ...buildCookie(attempt.cookie),
    { type: "SA", proposals: attempt.offered },
    { type: "KE", method, publicValue: keyExchange.publicValue },
    { type: "Nonce", nonce: attempt.nonce },
    ...buildNatDetection(spi, 0n, path),
    ...announceFragmentation(connection),
    ...buildSignatureHashes(),
    ...buildCiscoVendorIds(connection.announceFlexVpn),
  ];
  const bytes = encodeMessage(
    {
      spiInitiator: spi,
      spiResponder: 0n,
      exchange: ExchangeType.IKE_SA_INIT,
      isInitiator: true,
      isResponse: false,
      messageId: 0,
    },
    payloads,
  );
  attempt.requests.set(method, bytes);
  const { retransmit } = connection;
  attempt.retransmission = new Retransmission([bytes], retransmit, turn.now, turn.random);
  transmit(turn, session, path, [bytes]);
}

/**
 * A candidate may be a forgery, but two of our requests under way would confuse which one the hub answered.
 * @param asked the notify that asks for it.
 */
function mayRestart(session: Session, attempt: InitAttempt, asked: string): boolean {
  if (session.candidates.length > 0) return false;
  if (attempt.restarts < MAX_RESTARTS) return true;
  noteLoop(session, attempt, asked);
  return false;
}

/** The hub asks for what it got. A repeated datagram looks the same; it is the reason only when nothing better comes. */
function noteLoop(session: Session, attempt: InitAttempt, asked: string): void {
  const rounds = attempt.restarts;
  attempt.refusal ??= reasonFor(session, "ike.init-loop", { notify: asked, rounds });
}
