/** What the kernel reports about children: traffic on them, and SAs that it refused. RFC 7296 §2.8. */
import type { ChildSa } from "../sa/child-sa.ts";
import type { Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import { installOutbound, removeChild } from "./child-install.ts";
import { formatSpi } from "./notify.ts";
import { closeSession, reasonFor } from "./session-end.ts";

/** ESP arrived on these inbound SPIs: the peer uses the child, so may we. */
export function noteChildTraffic(turn: Turn, session: Session, spis: readonly number[]): void {
  for (const spi of spis) {
    const child = session.childByInboundSpi(spi);
    if (child?.isLive) installOutbound(turn, session, child);
  }
}

/** The driver could not install a half: the child is of no use, and with it the session starts anew. */
export function childInstallFailed(
  turn: Turn,
  session: Session,
  child: ChildSa,
  fault: { readonly spi: number; readonly message: string },
): void {
  const { replaces } = child;
  removeChild(turn, session, child);
  const detail = replaces ? `${fault.message} (after a rekey)` : fault.message;
  const parameters = { spi: formatSpi(fault.spi), detail };
  closeSession(turn, session, reasonFor(session, "ike.child.install-failed", parameters));
}
