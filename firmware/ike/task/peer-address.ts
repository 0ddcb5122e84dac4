/**
 * Follows a peer whose NAT gives it another address or port. A peer that is not behind a NAT does not move without
 * MOBIKE, and neither do we when we are the one behind it. RFC 7296 §2.23.
 */
import { type Endpoint, formatEndpoint } from "#lib/ip.ts";
import type { Path } from "../connection.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { Turn } from "../sa/turn.ts";

/** An authentic new message came along `path`: send there from now on, if that is where the peer's NAT moved it. */
export function followPeer(turn: Turn, sa: IkeSa, path: Path): void {
  if (sa.session.ike === sa) followMapping(turn, sa.session, path.remote);
}

/** The kernel saw ESP from a new address of the peer's NAT: the same rule as for IKE. linux: XFRM_MSG_MAPPING */
export function followMapping(turn: Turn, session: Session, remote: Endpoint): void {
  const peer = session.ike?.peer;
  if (!peer?.natRemote || peer.natLocal) return;
  const { address, port } = session.path.remote;
  if (remote.address === address && remote.port === port) return;
  const moved: Path = { ...session.path, remote };
  session.path = moved;
  for (const one of session.ikeSas) one.path = moved;
  const spis: number[] = [];
  for (const child of session.children) {
    child.path = moved;
    if (child.isInboundInstalled) spis.push(child.spiIn);
    if (child.isOutboundInstalled) spis.push(child.spiOut);
  }
  turn.do({ kind: "move-sas", session: session.id, spis, path: moved });
  const text = `the hub's NAT moved it to ${formatEndpoint(remote)}`;
  turn.event(session, "informational", "FLEXSPOKE-6-NAT_MAPPING", text);
}
