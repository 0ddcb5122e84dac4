/**
 * Sessions that were made while the clock could not be trusted: when it can, the chain that the hub showed is judged again in
 * full, and a session that would not have been made then is over.
 */
import { validateChain } from "#pki/chain.ts";
import { chainReason } from "../auth/chain-reason.ts";
import type { Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import { closeSession, endSession } from "../task/session-end.ts";
import { sendQueued } from "./request-queue.ts";

/** Judges what was taken provisionally, if the clock can be trusted now. */
export function judgeAgain(turn: Turn, session: Session): void {
  const { provisional } = session;
  if (!provisional || !turn.wallClock || turn.wallClock.isEarliest || session.ending) return;
  session.provisional = undefined;
  const chain = validateChain({ ...provisional, time: turn.wallClock.time });
  if (!chain.ok) {
    const reason = chainReason(session, chain.error);
    // Who may not be the hub is told good-bye and not waited for.
    closeSession(turn, session, reason);
    sendQueued(turn, session);
    endSession(turn, session, reason);
    return;
  }
  if (session.outcome)
    turn.event(
      session,
      "informational",
      "FLEXSPOKE-6-SESSION_CONFIRMED",
      `the session with ${session.peerIdentity} stays: the clock can be trusted now, and the hub's certificate is valid`,
    );
}
