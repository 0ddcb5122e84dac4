import type { Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";

/** Tells that a session is up whose certificates still have to be judged. */
export function tellProvisional(turn: Turn, session: Session): void {
  if (!session.provisional) return;
  turn.event(
    session,
    "warning",
    "FLEXSPOKE-4-SESSION_PROVISIONAL",
    `the session with ${session.peerIdentity} is provisional: the clock can't be trusted, and the hub's certificate is judged again when it can`,
  );
}
