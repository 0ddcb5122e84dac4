/**
 * Puts a Child SA into the kernel and takes it out, half by half, so that no packet falls between two SAs.
 * RFC 7296 §2.8.
 */
import { after } from "#lib/duration.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import type { Session } from "../sa/ike-sa.ts";
import { INBOUND_GRACE } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";

/** Receive on it from now. */
export function installInbound(turn: Turn, session: Session, child: ChildSa): void {
  if (child.isInboundInstalled) return;
  child.isInboundInstalled = true;
  turn.do({ kind: "install-sa", session: session.id, sa: child.securityAssociation("in") });
}

/** Send on it from now: the newest outbound SA is the one that traffic takes. */
export function installOutbound(turn: Turn, session: Session, child: ChildSa): void {
  if (child.isOutboundInstalled) return;
  child.isOutboundInstalled = true;
  if (child.state.name === "inbound-only") child.state = { name: "installed" };
  child.timers.cancel("use-outbound");
  turn.do({ kind: "install-sa", session: session.id, sa: child.securityAssociation("out") });
}

/** Both ends are done with it: stop sending, but take what is still on its way for a moment. */
export function retireChild(turn: Turn, session: Session, child: ChildSa): void {
  removeOutbound(turn, session, child);
  if (child.state.name === "retired" || child.state.name === "removed") return;
  child.state = { name: "retired" };
  child.timers.cancelAll();
  child.timers.arm("remove-inbound", after(turn.now, INBOUND_GRACE));
}

/** Takes both halves out now; the child is still to be deleted at the peer. */
export function uninstallChild(turn: Turn, session: Session, child: ChildSa): void {
  removeOutbound(turn, session, child);
  if (!child.isInboundInstalled) return;
  child.isInboundInstalled = false;
  turn.do({ kind: "remove-sa", session: session.id, spi: child.spiIn, direction: "in" });
}

/** Takes both halves out now and forgets the child. */
export function removeChild(turn: Turn, session: Session, child: ChildSa): void {
  uninstallChild(turn, session, child);
  child.state = { name: "removed" };
  child.timers.cancelAll();
  child.wipe();
  session.children.delete(child);
}

function removeOutbound(turn: Turn, session: Session, child: ChildSa): void {
  if (!child.isOutboundInstalled) return;
  child.isOutboundInstalled = false;
  turn.do({ kind: "remove-sa", session: session.id, spi: child.spiOut, direction: "out" });
}
