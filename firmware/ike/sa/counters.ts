/** What `show stats` counts of IKE. Only rises; never reset by an SA's end. */
import { exchangeName } from "../message/iana.ts";

export interface IkeCounters {
  /** Exchanges that completed, by name: `IKE_SA_INIT`, `IKE_AUTH`, `CREATE_CHILD_SA`, `INFORMATIONAL`. */
  readonly exchanges: Record<string, { sent: number; received: number }>;
  datagramsIn: number;
  datagramsOut: number;
  /** Requests of ours that were sent again. */
  retransmissions: number;
  /** Requests of the peer that came again and got the kept response. */
  repeatedRequests: number;
  fragmentsIn: number;
  fragmentsOut: number;
  /** Bytes that are no IKE message. */
  decodeErrors: number;
  /** Messages for no SA of ours. */
  unknownSpi: number;
  /** Messages whose ICV does not verify. */
  integrityFailures: number;
  /** Authentic messages outside the window, without a waiting request, or that no row of the table takes. */
  unexpectedMessages: number;
  /** Unprotected notifies: cookies, refusals, INVALID_IKE_SPI. */
  unprotectedNotifies: number;
  natKeepalives: number;
  livenessChecks: number;
  ikeRekeys: number;
  childRekeys: number;
  sessionsUp: number;
  sessionsFailed: number;
  /** Handlers that left an SA in a state their row does not list: always 0 unless the table is wrong. */
  unlistedTransitions: number;
}

/** All zero. */
export function newCounters(): IkeCounters {
  return {
    exchanges: {},
    datagramsIn: 0,
    datagramsOut: 0,
    retransmissions: 0,
    repeatedRequests: 0,
    fragmentsIn: 0,
    fragmentsOut: 0,
    decodeErrors: 0,
    unknownSpi: 0,
    integrityFailures: 0,
    unexpectedMessages: 0,
    unprotectedNotifies: 0,
    natKeepalives: 0,
    livenessChecks: 0,
    ikeRekeys: 0,
    childRekeys: 0,
    sessionsUp: 0,
    sessionsFailed: 0,
    unlistedTransitions: 0,
  };
}

/** Counts an exchange by its name, from the side that asked. */
export function countExchange(
  counters: IkeCounters,
  exchange: number,
  direction: "sent" | "received",
): void {
  const name = exchangeName(exchange);
  counters.exchanges[name] ??= { sent: 0, received: 0 };
  counters.exchanges[name][direction]++;
}
