/** Metrics of the machine, while it is sampled. */

import type { StateDocument } from "#state/document.ts";
import type { HostState, InterfaceCounters } from "#state/document-host.ts";
import type { Metric, Sample } from "./metric.ts";

const ofHost =
  (value: (host: HostState) => number | undefined) =>
  ({ system }: StateDocument): readonly Sample[] => {
    const found = system.host && value(system.host);
    return found === undefined ? [] : [[{}, found]];
  };

const byInterface =
  (what: "bytes" | "packets" | "errors" | "drops") =>
  ({ system }: StateDocument): readonly Sample[] =>
    Object.entries(system.host?.interfaces ?? {}).flatMap(([name, counters]) =>
      (["in", "out"] as const).map((direction) => {
        const key: keyof InterfaceCounters = `${what}-${direction}`;
        return [{ interface: name, direction }, counters[key]] as const;
      }),
    );

export const hostMetrics: readonly Metric[] = [
  {
    name: "flexspoke_host_cpu_busy_ratio",
    help: "Share of all processors that was busy since the sample before",
    type: "gauge",
    labels: [],
    samples: ofHost(({ cpu }) => cpu),
  },
  {
    name: "flexspoke_host_memory_available_bytes",
    help: "Memory of the machine that is free or can be freed",
    type: "gauge",
    labels: [],
    samples: ofHost(({ memory }) => memory.available),
  },
  {
    name: "flexspoke_host_memory_bytes",
    help: "Memory of the machine",
    type: "gauge",
    labels: [],
    samples: ofHost(({ memory }) => memory.total),
  },
  {
    name: "flexspoke_host_temperature_celsius",
    help: "The hottest sensor of the machine",
    type: "gauge",
    labels: [],
    samples: ofHost(({ temperature }) => temperature),
  },
  {
    name: "flexspoke_host_disk_available_bytes",
    help: "Space left in the file system of the state directory",
    type: "gauge",
    labels: [],
    samples: ofHost(({ disk }) => disk?.available),
  },
  {
    name: "flexspoke_host_uptime_seconds",
    help: "Time since the machine started",
    type: "gauge",
    labels: [],
    samples: ofHost(({ uptime }) => uptime),
  },
  ...(["bytes", "packets", "errors", "drops"] as const).map(
    (what): Metric => ({
      name: `flexspoke_interface_${what}_total`,
      help: `${what[0]?.toUpperCase()}${what.slice(1)} of the interface since it came into being`,
      type: "counter",
      labels: ["interface", "direction"],
      samples: byInterface(what),
    }),
  ),
];
