/** Keeps the NAT in front of us from forgetting us: one octet when nothing else was sent for a while. RFC 3948 §2.3. */
import { after } from "#lib/duration.ts";
import type { Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";

/** Starts or goes on with keepalives; only a host behind a NAT sends them. */
export function armNatKeepalive(session: Session): void {
  const { natKeepalive } = session.connection;
  if (!session.ike?.peer.natLocal || natKeepalive === 0) return;
  session.timers.arm("nat-keepalive", after(session.lastSent, natKeepalive));
}

/** The timer fired: send one, unless something was sent meanwhile. */
export function natKeepaliveDue(turn: Turn, session: Session): void {
  const { natKeepalive } = session.connection;
  // The same sum as the timer was armed with: a difference could round the other way, and the timer would spin.
  if (after(session.lastSent, natKeepalive) <= turn.now) {
    session.lastSent = turn.now;
    turn.counters.natKeepalives++;
    turn.do({ kind: "send-nat-keepalive", session: session.id, path: session.path });
  }
  armNatKeepalive(session);
}
