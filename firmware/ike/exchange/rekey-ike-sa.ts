/**
 * CREATE_CHILD_SA that replaces the IKE SA itself, asked by either side, with both sides' collisions. Keys of the new SA
 * come from the old one's SK_d; its roles follow who asked. RFC 7296 §1.3.2, §2.8.2, §2.18, §2.25.2.
 */
import { after, elapsed } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { ExchangeType, NotifyType } from "../message/iana.ts";
import type { IkeSpi, Payload } from "../message/message.ts";
import { IkeSa } from "../sa/ike-sa.ts";
import { MAX_RESTARTS } from "../sa/init-attempt.ts";
import { jittered } from "../sa/jitter.ts";
import { deriveRekeyedIkeKeys, type NoncePair } from "../sa/keymat.ts";
import type { IkeCollision, IkeDraft, Operation } from "../sa/operation.ts";
import {
  acceptIke,
  chooseIke,
  type IkeSuite,
  offeredKeyExchanges,
  offerIke,
} from "../sa/proposal.ts";
import { REKEY_RETRY, TEMPORARY_FAILURE_LIMIT, TEMPORARY_FAILURE_RETRY } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";
import { NONCE_BYTES, nonceAndKe } from "../task/child-negotiation.ts";
import { losesCollision, lowestNonce } from "../task/collision.ts";
import { describeNotify, describeProposals } from "../task/describe.ts";
import { deleteSa, succeed } from "../task/ike-succession.ts";
import { buildInvalidKe, processInvalidKe } from "../task/invalid-ke.ts";
import { ikeSpiBytes, ikeSpiFromBytes, notify } from "../task/notify.ts";
import { closeSession, reasonFor } from "../task/session-end.ts";
import type { Exchange } from "./exchange.ts";
import { sendRequest, sendResponse } from "./send.ts";

/** SA with our new SPI, Ni, KEi; skipped when the SA is going or was replaced meanwhile. */
export function requestIkeRekey(
  turn: Turn,
  sa: IkeSa,
  operation: Extract<Operation, { kind: "rekey-ike" }>,
): void {
  const { session } = sa;
  if (sa.state.name !== "established" || session.ike !== sa) return;
  const { proposals } = session.connection;
  const { again } = operation;
  const spi = turn.registry.newIkeSpi();
  const draft: IkeDraft = {
    spi,
    nonce: turn.random(NONCE_BYTES),
    keyExchange: turn.keyExchanges.take(again?.method ?? sa.suite.keyExchange),
    offered: offerIke(proposals, ikeSpiBytes(spi)),
    retries: again?.retries ?? 0,
    collision: again?.collision,
  };
  sa.state = { name: "rekeying", draft };
  const { CREATE_CHILD_SA } = ExchangeType;
  sendRequest(turn, sa, CREATE_CHILD_SA, operation, { kind: "ike", ike: draft }, [
    { type: "SA", proposals: draft.offered },
    ...nonceAndKe(draft.nonce, draft.keyExchange),
  ]);
}

/** The new IKE SA is agreed; with a collision the four nonces say which one stays. RFC 7296 §2.8.2 */
export function acceptIkeRekey(exchange: Exchange): void {
  const { turn, sa } = exchange;
  const { session, state } = sa;
  if (state.name !== "rekeying") return;
  const { draft } = state;
  const fresh = readAnswer(exchange, draft);
  if (typeof fresh === "string") {
    const parameters = { exchange: "CREATE_CHILD_SA", detail: fresh };
    closeSession(turn, session, reasonFor(session, "ike.invalid-response", parameters));
    return;
  }
  const { collision } = draft;
  if (collision && losesCollision(fresh.lowestNonce, collision.lowestNonce)) {
    session.ikeSas.add(fresh.sa);
    deleteSa(fresh.sa);
    succeedByPeer(turn, sa, collision);
  } else succeed(turn, sa, fresh.sa, "us");
}

/** INVALID_KE_PAYLOAD: again with the wanted method, if we offered it. RFC 7296 §1.3 */
export function retryIkeRekeyKeyExchange(exchange: Exchange): void {
  const { sa, payloads } = exchange;
  const { state, session } = sa;
  if (state.name !== "rekeying") return;
  const { draft } = state;
  const payload = payloads.notify(NotifyType.INVALID_KE_PAYLOAD);
  const method = payload && processInvalidKe(payload);
  const offered = offeredKeyExchanges(session.connection.proposals);
  if (method === undefined || !offered.includes(method) || draft.retries >= MAX_RESTARTS) {
    ikeRekeyRefused(exchange);
    return;
  }
  sa.state = { name: "established" };
  const again = { method, retries: draft.retries + 1, collision: draft.collision };
  sa.queue.unshift({ kind: "rekey-ike", again });
}

/** TEMPORARY_FAILURE: later; or never, when the peer's own rekey is what keeps it busy. RFC 7296 §2.8.2, §2.25 */
export function retryIkeRekeyLater(exchange: Exchange): void {
  const { turn, sa } = exchange;
  const { session } = sa;
  if (yieldToPeer(turn, sa)) return;
  session.temporaryFailureSince ??= turn.now;
  if (elapsed(session.temporaryFailureSince, turn.now) >= TEMPORARY_FAILURE_LIMIT) {
    const notifyText = "TEMPORARY_FAILURE";
    closeSession(turn, session, reasonFor(session, "ike.rekey-failed", { notify: notifyText }));
    return;
  }
  const wait = jittered(TEMPORARY_FAILURE_RETRY, 0.3, turn.random);
  sa.timers.arm("rekey", after(turn.now, wait));
}

/** Any other refusal: tried again until the hard lifetime. */
export function ikeRekeyRefused({ turn, sa, payloads }: Exchange): void {
  const { session } = sa;
  if (yieldToPeer(turn, sa)) return;
  const { error } = payloads;
  if (error?.notify === NotifyType.NO_ADDITIONAL_SAS) {
    const parameters = { notify: "NO_ADDITIONAL_SAS" };
    closeSession(turn, session, reasonFor(session, "ike.rekey-failed", parameters));
    return;
  }
  sa.timers.arm("rekey", after(turn.now, REKEY_RETRY));
  const text = `the hub refused to rekey the IKE SA with ${describeNotify(error)}; trying again`;
  turn.event(session, "warning", "FLEXSPOKE-4-REKEY_REFUSED", text, {
    notify: describeNotify(error),
  });
}

/** The peer asks: answered in kind, unless a child is being changed. RFC 7296 §2.25.1, §2.25.2 */
export function answerIkeRekey(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const respond = (answer: readonly Payload[]): void => {
    const { exchange: type, messageId } = exchange.arrived.header;
    sendResponse(turn, sa, { exchange: type, messageId, to: exchange.arrived.path }, answer);
  };
  if (isChangingChild(sa) || session.ike !== sa || hasCollision(sa)) {
    respond([notify(NotifyType.TEMPORARY_FAILURE)]);
    return;
  }
  const ke = payloads.first("KE");
  const peerNonce = payloads.first("Nonce")?.nonce;
  const offered = payloads.first("SA")?.proposals ?? [];
  if (!ke || !peerNonce) return;
  const choice = chooseIke(session.connection.proposals, offered, ke.method);
  const peerSpi = choice && ikeSpiFromBytes(choice.proposal.spi);
  if (!choice || !peerSpi) {
    respond([notify(NotifyType.NO_PROPOSAL_CHOSEN)]);
    return;
  }
  const { suite, proposal } = choice;
  if (ke.method !== suite.keyExchange) {
    respond(buildInvalidKe(suite.keyExchange));
    return;
  }
  const keyExchange = turn.keyExchanges.take(suite.keyExchange);
  const secret = keyExchange.computeSecret(ke.publicValue);
  if (!secret.ok) {
    respond([notify(NotifyType.INVALID_SYNTAX)]);
    return;
  }
  const nonce = turn.random(NONCE_BYTES);
  const spi = turn.registry.newIkeSpi();
  const spis = { initiator: peerSpi, responder: spi };
  const nonces = { initiator: peerNonce.slice(), responder: nonce };
  const fresh = makeSuccessor(turn, sa, suite, secret.value, nonces, spis, false);
  session.ikeSas.add(fresh);
  respond([
    { type: "SA", proposals: [{ ...proposal, spi: ikeSpiBytes(spi) }] },
    ...nonceAndKe(nonce, keyExchange),
  ]);
  if (sa.state.name === "rekeying")
    sa.state.draft.collision = { spi, lowestNonce: lowestNonce(peerNonce, nonce) };
  else succeed(turn, sa, fresh, "peer");
}

/**
 * Our own rekey leads nowhere. @returns true when the peer's rekey, which crossed it, serves the session now.
 */
export function yieldToPeer(turn: Turn, sa: IkeSa): boolean {
  const { state } = sa;
  if (state.name !== "rekeying") return false;
  const { collision } = state.draft;
  sa.state = { name: "established" };
  return collision !== undefined && succeedByPeer(turn, sa, collision);
}

/** The SA that the peer's rekey made takes over. @returns false when it is gone already. */
function succeedByPeer(turn: Turn, sa: IkeSa, { spi }: IkeCollision): boolean {
  const fresh = [...sa.session.ikeSas].find((one) => one.ownSpi === spi);
  if (fresh) succeed(turn, sa, fresh, "peer");
  return fresh !== undefined;
}

/** @returns the new SA; a sentence when the answer breaks the protocol. */
function readAnswer(
  { turn, sa, payloads }: Exchange,
  draft: IkeDraft,
): { readonly sa: IkeSa; readonly lowestNonce: Uint8Array } | string {
  const ke = payloads.first("KE");
  const nonce = payloads.first("Nonce")?.nonce;
  const answered = payloads.first("SA")?.proposals ?? [];
  const choice = acceptIke(draft.offered, answered);
  if (!choice.ok) return `${describeProposals(answered)}: ${choice.error}`;
  const { suite, proposal } = choice.value;
  const peerSpi = ikeSpiFromBytes(proposal.spi);
  if (!peerSpi) return "the new SPI is not valid";
  if (!ke || !nonce || ke.method !== suite.keyExchange) return "KE does not fit the proposal";
  if (ke.method !== draft.keyExchange.method) return "KE is of another method than ours";
  const secret = draft.keyExchange.computeSecret(ke.publicValue);
  if (!secret.ok) return secret.error.message;
  const nonces = { initiator: draft.nonce, responder: nonce };
  const spis = { initiator: draft.spi, responder: peerSpi };
  return {
    sa: makeSuccessor(turn, sa, suite, secret.value, nonces, spis, true),
    lowestNonce: lowestNonce(draft.nonce, nonce),
  };
}

/** Wipes the shared secret. */
function makeSuccessor(
  turn: Turn,
  old: IkeSa,
  suite: IkeSuite,
  sharedSecret: SecretBytes,
  nonces: NoncePair,
  spis: { readonly initiator: IkeSpi; readonly responder: IkeSpi },
  isInitiator: boolean,
): IkeSa {
  const parent = { prf: old.suite.prf, skD: old.keys.skD };
  const keys = deriveRekeyedIkeKeys(suite, parent, sharedSecret, nonces, spis);
  sharedSecret.wipe();
  return new IkeSa({
    session: old.session,
    isInitiator,
    spiInitiator: spis.initiator,
    spiResponder: spis.responder,
    suite,
    keys,
    path: old.path,
    peer: old.peer,
    state: { name: "established" },
    firstMessageId: 0,
    now: turn.now,
    random: turn.random,
  });
}

function isChangingChild(sa: IkeSa): boolean {
  const kinds = sa.requests.outstanding().map(({ operation }) => operation.kind);
  return kinds.some((kind) => kind.endsWith("-child"));
}

function hasCollision({ state }: IkeSa): boolean {
  return state.name === "rekeying" && state.draft.collision !== undefined;
}
