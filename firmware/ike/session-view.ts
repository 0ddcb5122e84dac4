/** IKE SAs as `show` sees them. Reads only. */
import { elapsed, type MonotonicMs } from "#lib/duration.ts";
import { formatEndpoint } from "#lib/ip.ts";
import { formatIdentity } from "#pki/dn.ts";
import type { IkeSaState as IkeSaDocument } from "#state/document.ts";
import { formatIkeSpi } from "./message/message.ts";
import type { IkeSa } from "./sa/ike-sa.ts";
import type { Session } from "./sa/session.ts";
import { describeIkeSuite } from "./task/describe.ts";
import { formatSpi } from "./task/notify.ts";

/** Every IKE SA of a session; one line for an attempt that has none yet. */
export function viewSession(session: Session, now: MonotonicMs): readonly IkeSaDocument[] {
  const { attempt } = session;
  const sas = [...session.ikeSas].map((sa) => viewSa(session, sa, now));
  if (sas.length > 0 || !attempt) return sas;
  return [
    {
      ...viewCommon(session),
      state: attempt.name,
      "spi-initiator": formatIkeSpi(attempt.spi),
      "spi-responder": formatIkeSpi(0n),
      "is-initiator": true,
      nat: { local: false, remote: false },
      age: seconds(session.startedAt, now),
      children: [],
    },
  ];
}

function viewSa(session: Session, sa: IkeSa, now: MonotonicMs): IkeSaDocument {
  const rekeyAt = sa.timers.at("rekey");
  const { local, remote } = session.authentication;
  const isCurrent = session.ike === sa;
  return {
    ...viewCommon(session),
    ...describeIkeSuite(sa.suite),
    state: sa.state.name,
    "spi-initiator": formatIkeSpi(sa.spiInitiator),
    "spi-responder": formatIkeSpi(sa.spiResponder),
    "is-initiator": sa.isInitiator,
    ...(session.peerIdentity !== undefined && { authentication: { local, remote } }),
    nat: { local: sa.peer.natLocal, remote: sa.peer.natRemote },
    age: seconds(sa.createdAt, now),
    ...(rekeyAt !== undefined && { "rekey-in": seconds(now, rekeyAt) }),
    children: isCurrent ? viewChildren(session) : [],
  };
}

function viewCommon(session: Session) {
  const { connection, path, peerIdentity } = session;
  return {
    client: connection.name,
    session: session.id as number,
    local: formatEndpoint(path.local),
    remote: formatEndpoint(path.remote),
    "local-identity": formatIdentity(connection.local.identity),
    ...(peerIdentity !== undefined && { "remote-identity": peerIdentity }),
    rekeys: session.ikeRekeys,
  };
}

function viewChildren(session: Session): IkeSaDocument["children"] {
  return [...session.children]
    .filter((child) => child.isLive)
    .map((child) => ({ "spi-in": formatSpi(child.spiIn), "spi-out": formatSpi(child.spiOut) }));
}

function seconds(from: MonotonicMs, to: MonotonicMs): number {
  return Math.round(elapsed(from, to) / 1_000);
}
