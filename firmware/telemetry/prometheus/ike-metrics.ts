/** Metrics of IKE and of the security associations. */
import type { IpsecSaState, StateDocument } from "#state/document.ts";
import type { IkeCountersState } from "#state/document-ike.ts";
import type { Metric, Sample } from "./metric.ts";

type CounterName = Exclude<keyof IkeCountersState, "exchanges">;

/** The counters of the document that have no labels. */
const counters: Readonly<Record<CounterName, string>> = {
  "datagrams-in": "IKE datagrams received",
  "datagrams-out": "IKE datagrams sent",
  retransmissions: "Requests sent again because no answer came",
  "repeated-requests": "Requests of a peer that were answered before",
  "fragments-in": "IKE fragments received",
  "fragments-out": "IKE fragments sent",
  "decode-errors": "Datagrams that were no IKE message",
  "unknown-spi": "Messages of no SA that exists",
  "integrity-failures": "IKE messages that were not the peer's own",
  "unexpected-messages": "Messages that no exchange waited for",
  "unprotected-notifies": "Notifies that anybody could have sent, and that were not believed",
  "nat-keepalives": "NAT keepalives sent",
  "liveness-checks": "Dead peer detection requests sent",
  "ike-rekeys": "IKE SAs replaced before their end",
  "child-rekeys": "Child SAs replaced before their end",
  "sessions-up": "Sessions that were authenticated",
  "sessions-failed": "Sessions that were not",
};

const counterMetrics = (Object.keys(counters) as CounterName[]).map(
  (key): Metric => ({
    name: `flexspoke_ike_${key.replaceAll("-", "_")}_total`,
    help: counters[key],
    type: "counter",
    labels: [],
    samples: ({ system }) => (system.ike ? [[{}, system.ike[key]]] : []),
  }),
);

/** Sums over the SAs of a client that exist now. */
const bySa =
  (value: (sa: IpsecSaState) => number) =>
  (state: StateDocument): readonly Sample[] => {
    const sums = new Map<string, number>();
    for (const sa of state.ipsec) sums.set(sa.client, (sums.get(sa.client) ?? 0) + value(sa));
    return [...sums].map(([client, sum]) => [{ client }, sum]);
  };

export const ikeMetrics: readonly Metric[] = [
  {
    name: "flexspoke_ike_exchanges_total",
    help: "Exchanges that completed, by who asked",
    type: "counter",
    labels: ["exchange", "asked_by"],
    samples: ({ system }) =>
      Object.entries(system.ike?.exchanges ?? {}).flatMap(([exchange, { sent, received }]) => [
        [{ exchange, asked_by: "branch" }, sent] as const,
        [{ exchange, asked_by: "hub" }, received] as const,
      ]),
  },
  ...counterMetrics,
  {
    name: "flexspoke_ike_sa_age_seconds",
    help: "Age of the IKE SA",
    type: "gauge",
    labels: ["client", "session"],
    samples: ({ ike }) =>
      ike.map(({ client, session, age }) => [{ client, session: String(session) }, age]),
  },
  {
    name: "flexspoke_ipsec_sas",
    help: "IPsec SAs of a client in the kernel",
    type: "gauge",
    labels: ["client"],
    samples: bySa(() => 1),
  },
  {
    name: "flexspoke_ipsec_replay_drops",
    help: "Packets dropped as repeated or too late, by the SAs that exist now",
    type: "gauge",
    labels: ["client"],
    samples: bySa((sa) => sa["replay-drops"]),
  },
  {
    name: "flexspoke_ipsec_integrity_failures",
    help: "Packets whose integrity check failed, by the SAs that exist now",
    type: "gauge",
    labels: ["client"],
    samples: bySa((sa) => sa["integrity-failures"]),
  },
];
