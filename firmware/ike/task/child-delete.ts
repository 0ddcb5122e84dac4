/** Deletes of Child SAs, asked by either side, and their crossings. RFC 7296 §1.4.1, §2.25.1. */
import { after, seconds } from "#lib/duration.ts";
import { SecurityProtocol } from "../message/iana.ts";
import type { DeletePayload, Payload } from "../message/message.ts";
import type { ChildSa } from "../sa/child-sa.ts";
import type { Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import { installOutbound, removeChild, retireChild, uninstallChild } from "./child-install.ts";
import { spiBytes, spiFromBytes } from "./notify.ts";

/**
 * The peer deletes children: traffic moves to their replacements first, if there are any.
 * @returns the Delete payload of our halves; nothing for those that we are deleting ourselves or do not know.
 */
export function processChildDelete(
  turn: Turn,
  session: Session,
  payload: DeletePayload,
): readonly Payload[] {
  const deleted: ChildSa[] = [];
  for (const spi of payload.spis) {
    const child = session.childByOutboundSpi(spiFromBytes(spi) ?? 0);
    if (!child || child.state.name === "retired" || child.state.name === "removed") continue;
    if (child.state.name !== "deleting") deleted.push(child);
    finishChild(turn, session, child);
  }
  if (deleted.length === 0) return [];
  const spis = deleted.map(({ spiIn }) => spiBytes(spiIn));
  return [{ type: "Delete", protocol: SecurityProtocol.ESP, spis }];
}

/** A child is over for both ends. Without another one a new one is wanted, unless the IKE SA goes too. */
export function finishChild(turn: Turn, session: Session, child: ChildSa): void {
  const { replacedBy } = child;
  if (replacedBy?.isLive) installOutbound(turn, session, replacedBy);
  retireChild(turn, session, child);
  if (session.activeChild || session.ending) return;
  session.timers.arm("create-child", after(turn.now, RECREATE_AFTER));
}

/** Ours: a hub that tears down deletes the child first and the IKE SA right after. */
const RECREATE_AFTER = seconds(1);

/** A child's hard lifetime is over: it carries nothing any more, the hub is told, and a new one is made. RFC 7296 §2.8 */
export function expireChild(turn: Turn, session: Session, child: ChildSa): void {
  const { ike } = session;
  if (!child.isLive || !ike) {
    removeChild(turn, session, child);
    return;
  }
  uninstallChild(turn, session, child);
  ike.enqueue({ kind: "delete-child", child });
  ike.enqueue({ kind: "create-child" });
  const text = "the lifetime of the Child SA ran out before it was rekeyed; making a new one";
  turn.event(session, "warning", "FLEXSPOKE-4-CHILD_EXPIRED", text);
}
