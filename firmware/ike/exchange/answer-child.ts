/**
 * CREATE_CHILD_SA for Child SAs, asked by the peer. We receive on a new child before we answer, and send on a rekeyed one
 * only when the peer shows that it has it. RFC 7296 §1.3.1, §1.3.3, §2.8, §2.25.1.
 */
import { after } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload, Payload, WireTrafficSelector } from "../message/message.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import { chooseEsp } from "../sa/proposal.ts";
import { ABANDON_REPLACED, USE_OUTBOUND_AFTER } from "../sa/timers.ts";
import { isNarrowing, narrow, selectorOf } from "../sa/traffic-selector.ts";
import { installInbound, installOutbound } from "../task/child-install.ts";
import { makeChild, NONCE_BYTES, nonceAndKe } from "../task/child-negotiation.ts";
import { lowestNonce } from "../task/collision.ts";
import { buildInvalidKe } from "../task/invalid-ke.ts";
import { notify, spiBytes, spiFromBytes } from "../task/notify.ts";
import { noteChild } from "./create-child-sa.ts";
import type { Exchange } from "./exchange.ts";
import { sendResponse } from "./send.ts";

/** A child that the peer asked for, and what our answer says of it. */
interface Answer {
  readonly child: ChildSa;
  readonly payloads: readonly Payload[];
  readonly lowestNonce: Uint8Array;
}

interface Selectors {
  readonly local: readonly WireTrafficSelector[];
  readonly remote: readonly WireTrafficSelector[];
}

/** N(REKEY_SA): the peer replaces one of our children. */
export function answerChildRekey(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const rekey = payloads.notify(NotifyType.REKEY_SA);
  const old = rekey && session.childByOutboundSpi(spiFromBytes(rekey.spi) ?? 0);
  // The answer to our own request may be lost: then the peer has a child that we can't know yet. Were it told "not
  // found", it would drop the child just before the repeated answer makes us use it.
  if (rekey && !old && sa.requests.outstanding().some(({ draft }) => draft.kind === "child")) {
    respond(exchange, [notify(NotifyType.TEMPORARY_FAILURE)]);
    return;
  }
  if (!rekey || !old || old.state.name === "retired" || old.state.name === "removed") {
    respond(exchange, [notFound(rekey)]);
    return;
  }
  if (old.state.name === "deleting" || old.replacedBy?.isLive) {
    respond(exchange, [notify(NotifyType.TEMPORARY_FAILURE)]);
    return;
  }
  const { local, remote } = old.parameters;
  const answer = negotiate(exchange, { local, remote });
  if (!answer) return;
  const { child } = answer;
  child.replaces = old;
  child.state = { name: "inbound-only" };
  child.timers.arm("use-outbound", after(turn.now, USE_OUTBOUND_AFTER));
  installInbound(turn, session, child);
  respond(exchange, answer.payloads);
  old.replacedBy = child;
  old.timers.cancel("rekey");
  old.timers.arm("abandon", after(turn.now, ABANDON_REPLACED));
  for (const { draft } of sa.requests.outstanding())
    if (draft.kind === "child" && draft.child.replaces === old)
      draft.child.collision = { child, lowestNonce: answer.lowestNonce };
  noteChild(turn, session, child, old);
}

/** A child that replaces none. We keep one set of selectors: a second child must cover what the first does. */
export function answerNewChild(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const { child: config } = session.connection;
  const wished = {
    local: config.local.map(({ prefix }) => selectorOf(prefix)),
    remote: config.remote.map(({ prefix }) => selectorOf(prefix)),
  };
  const active = session.activeChild?.parameters;
  if (active && !covers(payloads.first("TSr")?.selectors, active.local)) {
    respond(exchange, [notify(NotifyType.NO_ADDITIONAL_SAS)]);
    return;
  }
  const answer = negotiate(exchange, active ?? wished);
  if (!answer) return;
  installInbound(turn, session, answer.child);
  respond(exchange, answer.payloads);
  installOutbound(turn, session, answer.child);
  session.timers.cancel("create-child");
  noteChild(turn, session, answer.child, undefined);
}

/** @returns undefined when the refusal has been sent. */
function negotiate(exchange: Exchange, allowed: Selectors): Answer | undefined {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const { child: config } = session.connection;
  const refuse = (refusal: readonly Payload[]): undefined => respond(exchange, refusal);
  const ke = payloads.first("KE");
  const peerNonce = payloads.first("Nonce")?.nonce;
  const choice = chooseEsp(config.proposals, payloads.first("SA")?.proposals ?? [], ke?.method);
  const spiOut = choice && spiFromBytes(choice.proposal.spi);
  if (!choice || !peerNonce || spiOut === undefined)
    return refuse([notify(NotifyType.NO_PROPOSAL_CHOSEN)]);
  const { suite, proposal } = choice;
  if (suite.keyExchange !== undefined && ke?.method !== suite.keyExchange)
    return refuse(buildInvalidKe(suite.keyExchange));
  // The peer is the initiator here: TSi is its side. RFC 7296 §2.9
  const remote = narrow(payloads.first("TSi")?.selectors ?? [], allowed.remote);
  const local = narrow(payloads.first("TSr")?.selectors ?? [], allowed.local);
  if (remote.length === 0 || local.length === 0)
    return refuse([notify(NotifyType.TS_UNACCEPTABLE)]);
  const keyExchange =
    suite.keyExchange === undefined ? undefined : turn.keyExchanges.take(suite.keyExchange);
  let sharedSecret: SecretBytes | undefined;
  if (keyExchange && ke) {
    const secret = keyExchange.computeSecret(ke.publicValue);
    if (!secret.ok) return refuse([notify(NotifyType.INVALID_SYNTAX)]);
    sharedSecret = secret.value;
  }
  const isTransport =
    config.mode === "transport" && payloads.notify(NotifyType.USE_TRANSPORT_MODE) !== undefined;
  const nonce = turn.random(NONCE_BYTES);
  const spiIn = turn.registry.newEspSpi();
  const child = makeChild(turn, sa, {
    spiIn,
    spiOut,
    suite,
    mode: isTransport ? "transport" : "tunnel",
    local,
    remote,
    nonces: { initiator: peerNonce, responder: nonce },
    sharedSecret,
    isInitiator: false,
  });
  return {
    child,
    lowestNonce: lowestNonce(peerNonce, nonce),
    payloads: [
      { type: "SA", proposals: [{ ...proposal, spi: spiBytes(spiIn) }] },
      ...nonceAndKe(nonce, keyExchange),
      { type: "TSi", selectors: remote },
      { type: "TSr", selectors: local },
      ...(isTransport ? [notify(NotifyType.USE_TRANSPORT_MODE)] : []),
    ],
  };
}

function respond({ turn, sa, arrived }: Exchange, payloads: readonly Payload[]): undefined {
  const { exchange, messageId } = arrived.header;
  sendResponse(turn, sa, { exchange, messageId, to: arrived.path }, payloads);
}

/** CHILD_SA_NOT_FOUND names the SA as the request did. RFC 7296 §2.25 */
function notFound(rekey: NotifyPayload | undefined): Payload {
  const found = notify(NotifyType.CHILD_SA_NOT_FOUND);
  return rekey ? { ...found, protocol: rekey.protocol, spi: rekey.spi } : found;
}

function covers(
  offered: readonly WireTrafficSelector[] | undefined,
  needed: readonly WireTrafficSelector[],
): boolean {
  return offered !== undefined && isNarrowing(needed, offered);
}
