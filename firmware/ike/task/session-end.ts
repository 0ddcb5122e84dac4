/**
 * The ways out: an IKE SA that closes, a session that ends at once, a session that says good-bye first. Whoever decides
 * gives the reason; this makes sure that it is told exactly once and that nothing is left. RFC 7296 §1.4.1, §2.21.
 */

import { formatEndpoint } from "#lib/ip.ts";
import { type DownCode, downReason, type Reason } from "../down-reason.ts";
import { formatIkeSpi } from "../message/message.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import { removeChild } from "./child-install.ts";

/** A reason with the peer filled in. */
export function reasonFor(
  session: Session,
  code: DownCode,
  parameters: Readonly<Record<string, string | number>> = {},
): Reason {
  const path = session.ike?.path ?? session.path;
  return downReason(code, { peer: formatEndpoint(path.remote), ...parameters });
}

/** Closes one IKE SA and forgets it; its children stay with the session. */
export function closeIkeSa(session: Session, sa: IkeSa): void {
  sa.close();
  session.ikeSas.delete(sa);
}

/** Ends the session now: kernel SAs out, keys wiped, one event, one `session-down`. */
export function endSession(turn: Turn, session: Session, reason: Reason): void {
  if (session.isOver) return;
  session.isOver = true;
  for (const child of [...session.children]) removeChild(turn, session, child);
  const spis = session.ike && {
    "spi-initiator": formatIkeSpi(session.ike.spiInitiator),
    "spi-responder": formatIkeSpi(session.ike.spiResponder),
  };
  for (const sa of [...session.ikeSas]) closeIkeSa(session, sa);
  session.attempt = undefined;
  session.timers.cancelAll();
  turn.registry.remove(session);
  if (!session.outcome) turn.counters.sessionsFailed++;
  const { code, message, remedy, isTransient, severity, facts } = reason;
  const isAbort = !session.outcome && severity === "error";
  turn.event(
    session,
    severity,
    isAbort ? "IKEV2-3-NEG_ABORT" : "IKEV2-5-SA_DOWN",
    remedy === undefined ? message : `${message}; ${remedy}`,
    { "reason-code": code, facts, ...spis },
  );
  turn.do({
    kind: "session-down",
    session: session.id,
    reason: { code, message, ...(remedy !== undefined && { remedy }), isTransient },
  });
}

/**
 * Deletes the IKE SA at the peer, then ends the session with `reason`, answered or not. Without an authenticated IKE SA
 * it ends at once.
 */
export function closeSession(turn: Turn, session: Session, reason: Reason): void {
  if (session.isOver || session.ending) return;
  const sa = session.ike;
  // A hub that leaves a request unanswered would not answer the Delete either, which must wait for that answer.
  const isSilent = sa?.requests
    .outstanding()
    .some(({ retransmission }) => retransmission.count > 1);
  if (!sa || sa.state.name === "closed" || isSilent) {
    endSession(turn, session, reason);
    return;
  }
  session.ending = reason;
  session.timers.cancelAll();
  sa.queue.length = 0;
  sa.timers.cancelAll();
  sa.state = { name: "deleting" };
  sa.enqueue({ kind: "delete-ike" });
}
