/** Status notifies by which the hub tells about itself: its window, and how long it trusts us. RFC 7296 §2.3, RFC 4478. */
import { after, type Duration, formatDuration, seconds } from "#lib/duration.ts";
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload } from "../message/message.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import type { PayloadSet } from "./payload-set.ts";

/** Reads SET_WINDOW_SIZE and AUTH_LIFETIME of a message whose sender is authenticated. */
export function readPeerStatus(turn: Turn, sa: IkeSa, payloads: PayloadSet): void {
  const { session } = sa;
  const window = numberIn(payloads.notify(NotifyType.SET_WINDOW_SIZE));
  if (window !== undefined) sa.requests.allow(window);
  const lifetime = numberIn(payloads.notify(NotifyType.AUTH_LIFETIME));
  if (lifetime === undefined) return;
  const total = seconds(lifetime);
  session.authLifetime = total;
  session.timers.arm("reauthenticate", after(turn.now, (total * REAUTHENTICATE_AT) as Duration));
  const text = `the hub wants a new authentication within ${formatDuration(total)}`;
  turn.event(session, "informational", "FLEXSPOKE-6-AUTH_LIFETIME", text, { seconds: lifetime });
}

function numberIn(payload: NotifyPayload | undefined): number | undefined {
  const data = payload?.data;
  if (data?.length !== 4) return undefined;
  return new DataView(data.buffer, data.byteOffset, 4).getUint32(0);
}

/** Ours: share of AUTH_LIFETIME after which we start anew. */
const REAUTHENTICATE_AT = 0.9;
