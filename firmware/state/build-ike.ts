/** What the IKE engine counted, in the terms of the state document. */
import type { IkeCounters } from "#ike/sa/counters.ts";
import type { IkeCountersState } from "./document-ike.ts";

/** The counts of this instant; `system.ike`. */
export function ikeCounters(counters: Readonly<IkeCounters>): IkeCountersState {
  return {
    exchanges: Object.fromEntries(
      Object.entries(counters.exchanges).map(([name, count]) => [name, { ...count }]),
    ),
    "datagrams-in": counters.datagramsIn,
    "datagrams-out": counters.datagramsOut,
    retransmissions: counters.retransmissions,
    "repeated-requests": counters.repeatedRequests,
    "fragments-in": counters.fragmentsIn,
    "fragments-out": counters.fragmentsOut,
    "decode-errors": counters.decodeErrors,
    "unknown-spi": counters.unknownSpi,
    "integrity-failures": counters.integrityFailures,
    "unexpected-messages": counters.unexpectedMessages,
    "unprotected-notifies": counters.unprotectedNotifies,
    "nat-keepalives": counters.natKeepalives,
    "liveness-checks": counters.livenessChecks,
    "ike-rekeys": counters.ikeRekeys,
    "child-rekeys": counters.childRekeys,
    "sessions-up": counters.sessionsUp,
    "sessions-failed": counters.sessionsFailed,
  };
}
