/**
 * CREATE_CHILD_SA for Child SAs, asked by us: new ones and rekeys, and every answer there is to them. The peer's own
 * requests are in `answer-child.ts`. RFC 7296 §1.3.1, §1.3.3, §2.8.1, §2.25.
 */
import { after, elapsed } from "#lib/duration.ts";
import { ExchangeType, NotifyType } from "../message/iana.ts";
import type { Payload } from "../message/message.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import { MAX_RESTARTS } from "../sa/init-attempt.ts";
import { jittered } from "../sa/jitter.ts";
import type { ChildDraft, Operation } from "../sa/operation.ts";
import { offeredKeyExchanges } from "../sa/proposal.ts";
import {
  REKEY_RETRY,
  TEMPORARY_FAILURE_LIMIT,
  TEMPORARY_FAILURE_RETRY,
  USE_OUTBOUND_AFTER,
} from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";
import { readChildAnswer } from "../task/child-answer.ts";
import { installInbound, installOutbound, removeChild } from "../task/child-install.ts";
import { buildChildRequest, draftChild, makeChild } from "../task/child-negotiation.ts";
import { losesCollision, lowestNonce } from "../task/collision.ts";
import { describeEspSuite, describeNotify } from "../task/describe.ts";
import { processInvalidKe } from "../task/invalid-ke.ts";
import { espNotify, formatSpi } from "../task/notify.ts";
import { closeSession, reasonFor } from "../task/session-end.ts";
import type { Exchange } from "./exchange.ts";
import { childRefusal } from "./first-child.ts";
import { sendRequest } from "./send.ts";

/** SA, Ni, [KEi,] TSi, TSr for a child that replaces none. */
export function requestChild(
  turn: Turn,
  sa: IkeSa,
  operation: Extract<Operation, { kind: "create-child" }>,
): void {
  if (sa.session.activeChild) return;
  const draft = draftChild(turn, sa.session, undefined, operation.again);
  send(turn, sa, operation, draft, buildChildRequest(sa.session, draft));
}

/** The same with N(REKEY_SA), unless the child is going or the peer replaced it meanwhile. */
export function requestChildRekey(
  turn: Turn,
  sa: IkeSa,
  operation: Extract<Operation, { kind: "rekey-child" }>,
): void {
  const { child, again } = operation;
  const { name } = child.state;
  if (child.replacedBy?.isLive) return;
  if (name === "inbound-only") {
    // The peer may not have our answer that made it: "not found" would cost the child that it is about to use.
    child.timers.arm("rekey", after(turn.now, USE_OUTBOUND_AFTER));
    return;
  }
  if (name !== "installed") return;
  child.state = { name: "rekeying" };
  const draft = draftChild(turn, sa.session, child, again);
  const rekey = espNotify(NotifyType.REKEY_SA, child.spiIn);
  send(turn, sa, operation, draft, [rekey, ...buildChildRequest(sa.session, draft)]);
}

/** The child is agreed: receive on it, send on it, delete what it replaces. RFC 7296 §2.8 */
export function acceptChild(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const draft = draftOf(exchange);
  if (!draft) return;
  settle(draft);
  const agreed = readChildAnswer(session, draft, payloads);
  const nonce = payloads.first("Nonce")?.nonce;
  if (!agreed.ok || !nonce) {
    if (!agreed.ok) closeSession(turn, session, agreed.error);
    return;
  }
  const secret = sharedSecret(draft, agreed.value.suite.keyExchange, exchange);
  if (typeof secret === "string") {
    const parameters = { exchange: "CREATE_CHILD_SA", detail: secret };
    closeSession(turn, session, reasonFor(session, "ike.invalid-response", parameters));
    return;
  }
  session.temporaryFailureSince = undefined;
  const nonces = { initiator: draft.nonce, responder: nonce };
  const child = makeChild(turn, sa, {
    ...agreed.value,
    nonces,
    sharedSecret: secret,
    isInitiator: true,
  });
  installInbound(turn, session, child);
  const { collision } = draft;
  if (collision && losesCollision(lowestNonce(draft.nonce, nonce), collision.lowestNonce))
    sa.enqueue({ kind: "delete-child", child });
  else takeOver(turn, sa, draft, child);
}

/** TEMPORARY_FAILURE: not at once, over some minutes, then the IKE SA is out of step. RFC 7296 §2.25 */
export function retryChildLater(exchange: Exchange): void {
  const { turn, sa } = exchange;
  const { session } = sa;
  const draft = draftOf(exchange);
  if (!draft) return;
  settle(draft);
  if (draft.collision) return;
  session.temporaryFailureSince ??= turn.now;
  if (elapsed(session.temporaryFailureSince, turn.now) >= TEMPORARY_FAILURE_LIMIT) {
    const notify = "TEMPORARY_FAILURE";
    closeSession(turn, session, reasonFor(session, "ike.rekey-failed", { notify }));
    return;
  }
  const at = after(turn.now, jittered(TEMPORARY_FAILURE_RETRY, 0.3, turn.random));
  if (draft.replaces) draft.replaces.timers.arm("rekey", at);
  else session.timers.arm("create-child", at);
}

/** INVALID_KE_PAYLOAD: authenticated here, so followed, within what we offered. RFC 7296 §1.3 */
export function retryChildKeyExchange(exchange: Exchange): void {
  const { sa, payloads } = exchange;
  const draft = draftOf(exchange);
  const payload = payloads.notify(NotifyType.INVALID_KE_PAYLOAD);
  const method = payload && processInvalidKe(payload);
  if (!draft) return;
  const offered = offeredKeyExchanges(sa.session.connection.child.proposals);
  if (method === undefined || !offered.includes(method) || draft.retries >= MAX_RESTARTS) {
    childRefused(exchange);
    return;
  }
  settle(draft);
  const again = { method, retries: draft.retries + 1, collision: draft.collision };
  if (draft.replaces) sa.queue.unshift({ kind: "rekey-child", child: draft.replaces, again });
  else sa.queue.unshift({ kind: "create-child", again });
}

/** CHILD_SA_NOT_FOUND: the peer replaced it already, or lost it: then a new one. RFC 7296 §2.8.1, §2.25 */
export function replaceMissingChild(exchange: Exchange): void {
  const { turn, sa } = exchange;
  const draft = draftOf(exchange);
  if (!draft) return;
  settle(draft);
  if (draft.collision || !draft.replaces) return;
  if (draft.replaces.isLive) removeChild(turn, sa.session, draft.replaces);
  sa.enqueue({ kind: "create-child" });
}

/** NO_ADDITIONAL_SAS: the hub can't rekey in place; the session starts anew. RFC 7296 §1.3 */
export function startAnew(exchange: Exchange): void {
  const { turn, sa } = exchange;
  const notify = "NO_ADDITIONAL_SAS";
  closeSession(turn, sa.session, reasonFor(sa.session, "ike.rekey-failed", { notify }));
}

/** Any other refusal: a rekey is tried again until the hard lifetime; without another child there is no session. */
export function childRefused(exchange: Exchange): void {
  const { turn, sa, payloads } = exchange;
  const { session } = sa;
  const { error } = payloads;
  const draft = draftOf(exchange);
  if (!draft) return;
  settle(draft);
  if (!error) {
    const parameters = { exchange: "CREATE_CHILD_SA", detail: "payloads are missing" };
    closeSession(turn, session, reasonFor(session, "ike.invalid-response", parameters));
    return;
  }
  if (draft.replaces?.isLive) {
    draft.replaces.timers.arm("rekey", after(turn.now, REKEY_RETRY));
    const text = `the hub refused to rekey the Child SA with ${describeNotify(error)}; trying again`;
    turn.event(session, "warning", "FLEXSPOKE-4-REKEY_REFUSED", text, {
      notify: describeNotify(error),
    });
  } else if (!session.activeChild) {
    closeSession(turn, session, childRefusal(sa, draft, error));
  }
}

/** The new child won: traffic moves to it, then the old one goes. RFC 7296 §2.8 */
function takeOver(turn: Turn, sa: IkeSa, draft: ChildDraft, child: ChildSa): void {
  const { session } = sa;
  const { replaces, collision } = draft;
  installOutbound(turn, session, child);
  collision?.child.timers.cancel("use-outbound");
  if (replaces) {
    child.replaces = replaces;
    replaces.replacedBy = child;
    replaces.timers.cancel("rekey");
    if (replaces.isLive) sa.enqueue({ kind: "delete-child", child: replaces });
  }
  noteChild(turn, session, child, replaces);
}

/** Says that a child is there. */
export function noteChild(
  turn: Turn,
  session: Session,
  child: ChildSa,
  replaces: ChildSa | undefined,
): void {
  const data = {
    "spi-in": formatSpi(child.spiIn),
    "spi-out": formatSpi(child.spiOut),
    ...describeEspSuite(child.parameters.suite),
  };
  if (!replaces) {
    turn.event(session, "informational", "FLEXSPOKE-6-CHILD_UP", "a Child SA is up", data);
    return;
  }
  session.childRekeys++;
  turn.counters.childRekeys++;
  turn.event(session, "informational", "FLEXSPOKE-6-CHILD_REKEYED", "the Child SA was rekeyed", {
    ...data,
    replaces: formatSpi(replaces.spiIn),
  });
}

function send(
  turn: Turn,
  sa: IkeSa,
  operation: Operation,
  child: ChildDraft,
  payloads: readonly Payload[],
): void {
  const { CREATE_CHILD_SA } = ExchangeType;
  sendRequest(turn, sa, CREATE_CHILD_SA, operation, { kind: "child", child }, payloads);
}

function draftOf({ request }: Exchange): ChildDraft | undefined {
  return request?.draft.kind === "child" ? request.draft.child : undefined;
}

/** The exchange is over: the old child is no longer being rekeyed, whatever comes next. */
function settle({ replaces }: ChildDraft): void {
  if (replaces?.state.name !== "rekeying") return;
  replaces.state = { name: replaces.isOutboundInstalled ? "installed" : "inbound-only" };
}

/** @returns undefined without PFS; a sentence when KE does not fit. */
function sharedSecret(draft: ChildDraft, method: number | undefined, { payloads }: Exchange) {
  if (method === undefined) return undefined;
  const ke = payloads.first("KE");
  if (!ke || ke.method !== method || draft.keyExchange?.method !== method)
    return "KE does not fit the chosen proposal";
  const secret = draft.keyExchange.computeSecret(ke.publicValue);
  return secret.ok ? secret.value : secret.error.message;
}
