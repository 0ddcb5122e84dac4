/** The state as Prometheus reads it. Nothing is kept between two scrapes, and nothing runs in between. */
import { Counter, Gauge, Registry } from "prom-client";
import type { StateDocument } from "#state/document.ts";
import type { Metric } from "./metric.ts";
import { metrics } from "./metrics.ts";

export interface Exposition {
  /** `Content-Type` */
  readonly type: string;
  readonly text: string;
}

/** @returns all metrics that have a sample, in Prometheus's text format. */
export async function exposition(state: StateDocument): Promise<Exposition> {
  const registry = new Registry();
  for (const metric of metrics) add(metric, state, registry);
  return { type: registry.contentType, text: await registry.metrics() };
}

function add(metric: Metric, state: StateDocument, registry: Registry): void {
  const { name, help, type, labels } = metric;
  const samples = metric.samples(state);
  if (samples.length === 0) return;
  const options = { name, help: `${help}.`, labelNames: [...labels], registers: [registry] };
  if (type === "gauge") {
    const gauge = new Gauge(options);
    for (const [labelled, value] of samples) gauge.set({ ...labelled }, value);
    return;
  }
  const counter = new Counter(options);
  for (const [labelled, value] of samples) counter.inc({ ...labelled }, value);
}
