/**
 * When a protected message is cut into fragments, and how large they may be. Cutting and joining are `message/skf.ts`.
 * RFC 7383 §2.3, §2.5.
 */
import { ipFamily } from "#lib/ip.ts";
import type { IkeConnection, Path } from "../connection.ts";
import { NotifyType } from "../message/iana.ts";
import type { IkeHeader, NotifyPayload, Payload } from "../message/message.ts";
import { sealFragments } from "../message/skf.ts";
import type { IkeSa } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";
import { notify } from "./notify.ts";

/** IKEV2_FRAGMENTATION_SUPPORTED of our IKE_SA_INIT, unless configured off. */
export function announceFragmentation(connection: IkeConnection): readonly Payload[] {
  return connection.fragmentMtu === undefined
    ? []
    : [notify(NotifyType.IKEV2_FRAGMENTATION_SUPPORTED)];
}

/** True when both ends announced it. */
export function processFragmentationSupport(
  connection: IkeConnection,
  announced: NotifyPayload | undefined,
): boolean {
  return connection.fragmentMtu !== undefined && announced !== undefined;
}

/** Seals a message, in fragments when it is too large for one datagram; undefined when fragments are not agreed. */
export function sealInFragments(
  turn: Turn,
  sa: IkeSa,
  header: IkeHeader,
  payloads: readonly Payload[],
): readonly Uint8Array[] | undefined {
  const { fragmentMtu } = sa.session.connection;
  if (fragmentMtu === undefined || !sa.peer.fragmentation) return undefined;
  const datagrams = sealFragments(header, payloads, sa.sealing, roomIn(fragmentMtu, sa.path));
  if (datagrams.length > 1) {
    turn.counters.fragmentsOut += datagrams.length;
    noteFragments(turn, sa, "sent", datagrams.length);
  }
  return datagrams;
}

/** Says once in an SA's life that fragments are in use. */
export function noteFragments(
  turn: Turn,
  sa: IkeSa,
  direction: "sent" | "received",
  count: number,
): void {
  if (sa.usedFragments) return;
  sa.usedFragments = true;
  turn.event(
    sa.session,
    "informational",
    "FLEXSPOKE-6-IKE_FRAGMENTATION",
    `an IKE message was ${direction} in ${count} fragments`,
    { direction, count },
  );
}

/** Bytes of IKE message in one IP datagram of `mtu` bytes. */
function roomIn(mtu: number, path: Path): number {
  const ipHeader = ipFamily(path.remote.address) === 4 ? 20 : 40;
  return mtu - ipHeader - UDP_HEADER - NON_ESP_MARKER;
}

const UDP_HEADER = 8;
/** Counted on port 500 too: a session may move to 4500. */
const NON_ESP_MARKER = 4;
