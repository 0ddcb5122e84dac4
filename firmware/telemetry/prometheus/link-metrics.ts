/** Metrics of tunnels, track objects, probes and dialers. */
import type { StateDocument, TunnelState } from "#state/document.ts";
import type { SlaState } from "#state/document-sla.ts";
import type { Metric, Sample } from "./metric.ts";

type Traffic = NonNullable<TunnelState["traffic"]>;

const byTunnel =
  (inbound: (traffic: Traffic) => number, outbound: (traffic: Traffic) => number) =>
  ({ tunnels }: StateDocument): readonly Sample[] =>
    Object.entries(tunnels).flatMap(([tunnel, { traffic }]) =>
      traffic
        ? [
            [{ tunnel, direction: "in" }, inbound(traffic)] as const,
            [{ tunnel, direction: "out" }, outbound(traffic)] as const,
          ]
        : [],
    );

/** Milliseconds become seconds; what is not known has no sample. */
const bySla =
  (milliseconds: (state: SlaState) => number | undefined) =>
  ({ sla }: StateDocument): readonly Sample[] =>
    Object.entries(sla).flatMap(([operation, state]) => {
      const value = milliseconds(state);
      return value === undefined ? [] : [[{ operation }, value / 1_000] as const];
    });

export const linkMetrics: readonly Metric[] = [
  {
    name: "flexspoke_tunnel_up",
    help: "1 while the tunnel interface is up",
    type: "gauge",
    labels: ["tunnel"],
    samples: ({ tunnels }) =>
      Object.entries(tunnels).map(([tunnel, { state }]) => [{ tunnel }, state === "up" ? 1 : 0]),
  },
  {
    name: "flexspoke_tunnel_bytes_total",
    help: "Bytes that the tunnel interface carried since it exists",
    type: "counter",
    labels: ["tunnel", "direction"],
    samples: byTunnel(
      (traffic) => traffic["bytes-in"],
      (traffic) => traffic["bytes-out"],
    ),
  },
  {
    name: "flexspoke_tunnel_errors_total",
    help: "Packets that the tunnel interface could not carry",
    type: "counter",
    labels: ["tunnel", "direction"],
    samples: byTunnel(
      (traffic) => traffic["errors-in"],
      (traffic) => traffic["errors-out"],
    ),
  },
  {
    name: "flexspoke_track_up",
    help: "1 while the track object is up",
    type: "gauge",
    labels: ["object"],
    samples: ({ track }) =>
      Object.entries(track).map(([object, { state }]) => [{ object }, state === "up" ? 1 : 0]),
  },
  {
    name: "flexspoke_track_changes_total",
    help: "Changes of the track object since it was configured",
    type: "counter",
    labels: ["object"],
    samples: ({ track }) =>
      Object.entries(track).map(([object, { changes }]) => [{ object }, changes]),
  },
  {
    name: "flexspoke_sla_ok",
    help: "1 while the operation's latest return code is OK",
    type: "gauge",
    labels: ["operation", "target"],
    samples: ({ sla }) =>
      Object.entries(sla).map(([operation, state]) => [
        { operation, target: state.target },
        state["return-code"] === "ok" ? 1 : 0,
      ]),
  },
  {
    name: "flexspoke_sla_rtt_seconds",
    help: "Round-trip time of the operation's latest run; absent when it had no answer",
    type: "gauge",
    labels: ["operation"],
    samples: bySla(({ rtt }) => rtt?.latest),
  },
  {
    name: "flexspoke_sla_jitter_seconds",
    help: "Jitter of the operation",
    type: "gauge",
    labels: ["operation"],
    samples: bySla(({ jitter }) => jitter),
  },
  {
    name: "flexspoke_sla_loss_ratio",
    help: "Share of the last hundred packets or so that were lost",
    type: "gauge",
    labels: ["operation"],
    samples: ({ sla }) => Object.entries(sla).map(([operation, { loss }]) => [{ operation }, loss]),
  },
  {
    name: "flexspoke_sla_runs_total",
    help: "Runs of the operation by how they ended",
    type: "counter",
    labels: ["operation", "result"],
    samples: ({ sla }) =>
      Object.entries(sla).flatMap(([operation, { successes, failures }]) => [
        [{ operation, result: "success" }, successes] as const,
        [{ operation, result: "failure" }, failures] as const,
      ]),
  },
  {
    name: "flexspoke_dialer_connected",
    help: "1 while the dialer's line is up",
    type: "gauge",
    labels: ["dialer"],
    samples: ({ dialers }) =>
      Object.entries(dialers).map(([dialer, { state }]) => [
        { dialer },
        state === "connected" ? 1 : 0,
      ]),
  },
  {
    name: "flexspoke_dialer_connected_seconds_total",
    help: "How long the dialer's lines were up since the daemon started",
    type: "counter",
    labels: ["dialer"],
    samples: ({ dialers }) =>
      Object.entries(dialers).map(([dialer, state]) => [{ dialer }, state["seconds-connected"]]),
  },
  {
    name: "flexspoke_dialer_failures_total",
    help: "Lines that did not come up",
    type: "counter",
    labels: ["dialer"],
    samples: ({ dialers }) =>
      Object.entries(dialers).map(([dialer, { failures }]) => [{ dialer }, failures]),
  },
];
