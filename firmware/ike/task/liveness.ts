/**
 * Dead peer detection: when the hub has been silent too long, ask it. Any authentic IKE message and any ESP packet from
 * it counts as life. What its silence leads to is decided where retransmissions end. RFC 7296 §2.4.
 */
import { after, type Duration, elapsed } from "#lib/duration.ts";
import type { Session } from "../sa/ike-sa.ts";
import { randomFraction } from "../sa/jitter.ts";
import { HINT_INTERVAL } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";

/**
 * Starts the watch of a session that is up. The first check comes at any time within the interval: branches that came up
 * together, when power returned to a region, would otherwise ask their hub in the same instant ever after.
 */
export function armLiveness(turn: Turn, session: Session): void {
  const { mode, interval } = session.connection.dpd;
  if (mode !== "periodic") return;
  session.livenessWait = Math.floor(interval * randomFraction(turn.random)) as Duration;
  session.timers.arm("liveness", after(session.lastHeard, session.livenessWait));
}

/** The timer fired: check, unless something was heard meanwhile. */
export function livenessDue(turn: Turn, session: Session): void {
  const { dpd } = session.connection;
  if (dpd.mode === "off") return;
  // The same sum as the timer was armed with: a difference could round the other way, and the check be left out.
  if (after(session.lastHeard, session.livenessWait) <= turn.now) checkLiveness(turn, session);
  session.livenessWait = dpd.interval;
  if (dpd.mode === "periodic") {
    const heard = after(session.lastHeard, dpd.interval);
    session.timers.arm("liveness", heard > turn.now ? heard : after(turn.now, dpd.interval));
  }
}

/** On-demand: traffic that gets no answer starts the watch. IOS: dpd … on-demand */
export function noteTraffic(
  turn: Turn,
  session: Session,
  traffic: { readonly inbound: boolean; readonly outbound: boolean },
): void {
  const { dpd } = session.connection;
  if (traffic.inbound) {
    session.lastHeard = turn.now;
    if (dpd.mode === "on-demand") session.timers.cancel("liveness");
  } else if (traffic.outbound && dpd.mode === "on-demand") {
    if (session.timers.at("liveness") === undefined)
      session.timers.arm("liveness", after(turn.now, dpd.interval));
  }
  if (traffic.outbound) session.lastSent = turn.now;
}

/** Sends an empty INFORMATIONAL, unless a request is under way: its answer says as much. */
export function checkLiveness(turn: Turn, session: Session): void {
  const sa = session.ike;
  if (!sa || session.ending || !sa.requests.isIdle || sa.isBusyWith("liveness")) return;
  turn.counters.livenessChecks++;
  sa.enqueue({ kind: "liveness" });
}

/** An unprotected message hints at trouble: worth a check now and then, never more. RFC 7296 §2.21.4 */
export function noteHint(turn: Turn, session: Session): void {
  const { lastHint } = session;
  if (lastHint !== undefined && elapsed(lastHint, turn.now) < HINT_INTERVAL) return;
  session.lastHint = turn.now;
  checkLiveness(turn, session);
}
