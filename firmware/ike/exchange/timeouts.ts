/**
 * What happens when time passes: retransmissions and their end, lifetimes, liveness, keepalives, children on their way
 * out. Late and early calls do no harm. RFC 7296 §2.4, §2.8; RFC 3948 §2.3.
 */

import { earliest } from "#lib/deadlines.ts";
import { formatDuration, type MonotonicMs } from "#lib/duration.ts";
import type { Reason } from "../down-reason.ts";
import { exchangeName } from "../message/iana.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { OutstandingRequest } from "../sa/operation.ts";
import type { Retransmission } from "../sa/retransmit.ts";
import type { ChildTimer, IkeTimer, SessionTimer } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";
import { expireChild } from "../task/child-delete.ts";
import { installOutbound, removeChild } from "../task/child-install.ts";
import { deleteSa } from "../task/ike-succession.ts";
import { livenessDue } from "../task/liveness.ts";
import { natKeepaliveDue } from "../task/nat-keepalive.ts";
import { closeIkeSa, closeSession, endSession, reasonFor } from "../task/session-end.ts";
import { dropCandidate, settleAttempt } from "./ike-auth.ts";
import { resendInitRequest } from "./ike-sa-init.ts";
import { resendRequest } from "./send.ts";

/** When a session next wants to be woken. */
export function nextDeadline(session: Session): MonotonicMs | undefined {
  let next = earliest(session.timers.next(), session.attempt?.retransmission?.dueAt);
  for (const sa of session.ikeSas) {
    next = earliest(next, sa.timers.next());
    for (const { retransmission } of sa.requests.outstanding())
      next = earliest(next, retransmission.dueAt);
  }
  for (const child of session.children) next = earliest(next, child.timers.next());
  return next;
}

/** Does all that is due for a session. */
export function runTimers(turn: Turn, session: Session): void {
  retransmitInit(turn, session);
  for (const sa of [...session.ikeSas]) {
    for (const request of sa.requests.outstanding())
      if (!session.isOver && request.retransmission.dueAt <= turn.now)
        retransmit(turn, sa, request);
    for (const timer of sa.timers.due(turn.now)) if (!session.isOver) ikeTimer(turn, sa, timer);
  }
  for (const child of [...session.children])
    for (const timer of child.timers.due(turn.now))
      if (!session.isOver) childTimer(turn, session, child, timer);
  for (const timer of session.timers.due(turn.now))
    if (!session.isOver) sessionTimer(turn, session, timer);
}

/** IKE_SA_INIT got no usable answer: what was refused on the way is the reason, silence otherwise. RFC 7296 §2.21.1 */
function retransmitInit(turn: Turn, session: Session): void {
  const { attempt } = session;
  const retransmission = attempt?.retransmission;
  if (!attempt || !retransmission || retransmission.dueAt > turn.now) return;
  if (resendInitRequest(turn, session, attempt)) return;
  const tries = retransmission.count + 1;
  const silence = reasonFor(session, "ike.timeout", {
    exchange: "IKE_SA_INIT",
    tries,
    ...sizeOf(retransmission),
  });
  endSession(turn, session, attempt.refusal ?? silence);
}

function retransmit(turn: Turn, sa: IkeSa, request: OutstandingRequest): void {
  const { session } = sa;
  if (request.retransmission.advance(turn.now)) {
    resendRequest(turn, sa, request);
    return;
  }
  const tries = request.retransmission.count + 1;
  const exchange = exchangeName(request.exchange);
  if (sa.state.name === "auth-sent")
    dropCandidate(turn, sa, authSilence(sa, request, { exchange, tries }));
  else if (session.ike !== sa) closeIkeSa(session, sa);
  else {
    const lost = reasonFor(session, "ike.liveness-lost", { exchange, tries });
    endSession(turn, session, session.ending ?? lost);
  }
}

/** The hub answered IKE_SA_INIT and then no more: what was lost, and where it was sent, tells why. */
function authSilence(
  sa: IkeSa,
  { retransmission }: OutstandingRequest,
  facts: { readonly exchange: string; readonly tries: number },
): Reason {
  return reasonFor(sa.session, "ike.timeout", {
    ...facts,
    ...sizeOf(retransmission),
    port: sa.path.remote.port,
    nat: sa.peer.natLocal || sa.peer.natRemote ? 1 : 0,
    "ike-fragments": sa.peer.fragmentation ? 1 : 0,
  });
}

/** Datagrams of a request, and bytes of the largest. */
function sizeOf({ datagrams }: Retransmission): Readonly<Record<string, number>> {
  const bytes = Math.max(...datagrams.map(({ length }) => length));
  return { datagrams: datagrams.length, bytes };
}

function ikeTimer(turn: Turn, sa: IkeSa, timer: IkeTimer): void {
  const { session } = sa;
  switch (timer) {
    case "rekey":
      if (!sa.isBusyWith("rekey-ike")) sa.enqueue({ kind: "rekey-ike" });
      return;
    case "expire":
      closeSession(turn, session, reasonFor(session, "ike.lifetime-expired"));
      return;
    case "abandon":
      deleteSa(sa);
      return;
  }
}

function childTimer(turn: Turn, session: Session, child: ChildSa, timer: ChildTimer): void {
  switch (timer) {
    case "rekey":
      session.ike?.enqueue({ kind: "rekey-child", child });
      return;
    case "expire":
      expireChild(turn, session, child);
      return;
    case "use-outbound":
      installOutbound(turn, session, child);
      return;
    case "remove-inbound":
      removeChild(turn, session, child);
      return;
    case "abandon":
      session.ike?.enqueue({ kind: "delete-child", child });
      return;
  }
}

function sessionTimer(turn: Turn, session: Session, timer: SessionTimer): void {
  switch (timer) {
    case "liveness":
      livenessDue(turn, session);
      return;
    case "nat-keepalive":
      natKeepaliveDue(turn, session);
      return;
    case "settle":
      settleAttempt(turn, session);
      return;
    case "reauthenticate": {
      const lifetime = session.authLifetime ? formatDuration(session.authLifetime) : "while";
      closeSession(turn, session, reasonFor(session, "ike.reauthentication", { lifetime }));
      return;
    }
    case "create-child":
      if (!session.activeChild && !session.ike?.isBusyWith("create-child"))
        session.ike?.enqueue({ kind: "create-child" });
      return;
  }
}
