/** IKE SAs as `show` sees them. Reads only. */
import { keyExchangeMethod } from "#crypto/key-exchange.ts";
import { elapsed, type MonotonicMs } from "#lib/duration.ts";
import { formatEndpoint, type IpAddress, type Prefix } from "#lib/ip.ts";
import { formatIdentity } from "#pki/dn.ts";
import type { SessionOutcome } from "./actions.ts";
import { formatIkeSpi } from "./message/message.ts";
import type { IkeSa, Session } from "./sa/ike-sa.ts";
import { describeIkeSuite } from "./task/describe.ts";
import { formatSpi } from "./task/notify.ts";

/** One IKE SA as the state document has it: keys in the document's spelling, times in seconds. */
export interface IkeSaView {
  readonly client: string;
  readonly session: number;
  readonly state: string;
  readonly "spi-initiator": string;
  readonly "spi-responder": string;
  readonly "is-initiator": boolean;
  readonly local: string;
  readonly remote: string;
  readonly "local-identity": string;
  readonly "remote-identity"?: string;
  readonly encryption?: string;
  readonly integrity?: string;
  readonly prf?: string;
  readonly "key-exchange"?: string;
  readonly authentication?: { readonly local: string; readonly remote: string };
  /** Made while the clock could not be trusted; judged again when it can. */
  readonly provisional?: true;
  readonly nat: { readonly local: boolean; readonly remote: boolean };
  readonly age: number;
  readonly "rekey-in"?: number;
  readonly rekeys: number;
  readonly children: readonly {
    readonly "spi-in": string;
    readonly "spi-out": string;
    readonly "key-exchange"?: string;
  }[];
  readonly lifetime: number;
  readonly dpd: { readonly mode: string; readonly interval: number; readonly retry: number };
  readonly fragmentation: { readonly mtu?: number; readonly agreed: boolean };
  readonly "message-ids"?: {
    readonly request: number;
    readonly next: number;
    readonly expected: number;
    readonly queued: number;
  };
  readonly window?: { readonly local: number; readonly remote: number };
  readonly "peer-vendor"?: "cisco";
  readonly assigned?: { readonly ipv4?: IpAddress; readonly ipv6?: Prefix };
  readonly subnets?: readonly Prefix[];
}

/** Every IKE SA of a session; one line for an attempt that has none yet. */
export function viewSession(session: Session, now: MonotonicMs): readonly IkeSaView[] {
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
      fragmentation: viewFragmentation(session, false),
      age: seconds(session.startedAt, now),
      children: [],
    },
  ];
}

function viewSa(session: Session, sa: IkeSa, now: MonotonicMs): IkeSaView {
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
    fragmentation: viewFragmentation(session, sa.peer.fragmentation),
    ...viewWindows(sa),
    ...(sa.peer.isCisco && { "peer-vendor": "cisco" as const }),
    age: seconds(sa.createdAt, now),
    ...(rekeyAt !== undefined && { "rekey-in": seconds(now, rekeyAt) }),
    children: isCurrent ? viewChildren(session) : [],
    ...(isCurrent && session.outcome && viewOutcome(session.outcome)),
  };
}

/** We promise a window of one. RFC 7296 §2.3 */
function viewWindows({ requests, responses, queue }: IkeSa) {
  return {
    "message-ids": {
      request: requests.outstanding()[0]?.messageId ?? requests.next,
      next: requests.next,
      expected: responses.expected,
      queued: queue.length,
    },
    window: { local: 1, remote: requests.size },
  };
}

function viewOutcome({ assigned, subnets }: SessionOutcome) {
  return { assigned, subnets };
}

function viewFragmentation({ connection: { fragmentMtu } }: Session, agreed: boolean) {
  return fragmentMtu === undefined ? { agreed: false } : { mtu: fragmentMtu, agreed };
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
    ...(session.provisional && { provisional: true as const }),
    rekeys: session.ikeRekeys,
    lifetime: connection.lifetime / 1_000,
    dpd: {
      mode: connection.dpd.mode,
      interval: connection.dpd.interval / 1_000,
      retry: connection.dpd.retry / 1_000,
    },
  };
}

function viewChildren(session: Session): IkeSaView["children"] {
  return [...session.children]
    .filter((child) => child.isLive)
    .map(({ spiIn, spiOut, parameters: { suite } }) => ({
      "spi-in": formatSpi(spiIn),
      "spi-out": formatSpi(spiOut),
      ...(suite.keyExchange !== undefined && {
        "key-exchange": keyExchangeMethod(suite.keyExchange).name,
      }),
    }));
}

function seconds(from: MonotonicMs, to: MonotonicMs): number {
  return Math.round(elapsed(from, to) / 1_000);
}
