/**
 * Every metric that is exposed, and where in the state document it comes from. Names are a promise to dashboards and alert
 * rules: `docs/monitoring/` uses them, and a test holds the two together.
 */
import { clientStatuses, type StateDocument } from "#state/document.ts";
import { hostMetrics } from "./host-metrics.ts";
import { ikeMetrics } from "./ike-metrics.ts";
import { linkMetrics } from "./link-metrics.ts";
import type { Metric } from "./metric.ts";

const clientsOf = ({ clients }: StateDocument) => Object.entries(clients);

const clientMetrics: readonly Metric[] = [
  {
    name: "flexspoke_client_up",
    help: "1 while the client has a session with a hub and carries traffic",
    type: "gauge",
    labels: ["client"],
    samples: (state) =>
      clientsOf(state).map(([client, { state: now }]) => [{ client }, now === "up" ? 1 : 0]),
  },
  {
    name: "flexspoke_client_state",
    help: "1 for the state that the client is in, 0 for the others",
    type: "gauge",
    labels: ["client", "state"],
    samples: (state) =>
      clientsOf(state).flatMap(([client, { state: now }]) =>
        clientStatuses.map((each) => [{ client, state: each }, each === now ? 1 : 0] as const),
      ),
  },
  {
    name: "flexspoke_client_state_since_seconds",
    help: "Unix time of the client's last change of state",
    type: "gauge",
    labels: ["client"],
    samples: (state) =>
      clientsOf(state).map(([client, { since }]) => [{ client }, Date.parse(since) / 1_000]),
  },
  {
    name: "flexspoke_client_peer_info",
    help: "1 for the peer and source that the client uses or tries",
    type: "gauge",
    labels: ["client", "peer", "address", "source"],
    samples: (state) =>
      clientsOf(state).flatMap(([client, { peer, source = "" }]) =>
        peer ? [[{ client, peer: peer.host, address: peer.address ?? "", source }, 1]] : [],
      ),
  },
  {
    name: "flexspoke_client_attempts",
    help: "Attempts since the client was last up",
    type: "gauge",
    labels: ["client"],
    samples: (state) => clientsOf(state).map(([client, { attempts }]) => [{ client }, attempts]),
  },
  {
    name: "flexspoke_client_standby_ready",
    help: "1 while a session with another peer stands by, 0 while it is being made; absent without one",
    type: "gauge",
    labels: ["client"],
    samples: (state) =>
      clientsOf(state).flatMap(([client, { standby }]) =>
        standby ? [[{ client }, standby.state === "ready" ? 1 : 0]] : [],
      ),
  },
  {
    name: "flexspoke_client_rehearsal_works",
    help: "1 when the last rehearsal got through to this peer from this source",
    type: "gauge",
    labels: ["client", "peer", "source"],
    samples: (state) =>
      clientsOf(state).flatMap(([client, { rehearsal }]) =>
        rehearsal.results.map(
          ({ host, source = "", works }) =>
            [{ client, peer: host, source }, works ? 1 : 0] as const,
        ),
      ),
  },
];

const systemMetrics: readonly Metric[] = [
  {
    name: "flexspoke_info",
    help: "1, with the version of the daemon and the name of the device",
    type: "gauge",
    labels: ["version", "hostname"],
    samples: ({ version, hostname }) => [[{ version, hostname }, 1]],
  },
  {
    name: "flexspoke_uptime_seconds",
    help: "Time since the daemon started",
    type: "gauge",
    labels: [],
    samples: ({ uptime }) => [[{}, uptime]],
  },
  {
    name: "flexspoke_memory_bytes",
    help: "Resident memory of the daemon",
    type: "gauge",
    labels: [],
    samples: ({ system }) => [[{}, system.memory]],
  },
  {
    name: "flexspoke_system_faults",
    help: "What the kernel lacks or refuses; show version names it",
    type: "gauge",
    labels: [],
    samples: ({ system }) => [[{}, system.faults.length]],
  },
  {
    name: "flexspoke_configuration_on_trial",
    help: "1 while a new configuration is undone unless it proves itself or is confirmed",
    type: "gauge",
    labels: [],
    samples: ({ configuration }) => [[{}, configuration?.trial ? 1 : 0]],
  },
];

/** All of them, in the order of the exposition. */
export const metrics: readonly Metric[] = [
  ...systemMetrics,
  ...clientMetrics,
  ...ikeMetrics,
  ...linkMetrics,
  ...hostMetrics,
];
