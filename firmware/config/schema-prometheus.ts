/** The section `prometheus` of the configuration file. */
import * as z from "zod/mini";
import type { Endpoint } from "#lib/ip.ts";
import { parseListenEndpoint } from "./listen-syntax.ts";
import type { ResolvedPrometheus } from "./resolved-prometheus.ts";
import { text } from "./schema-scalars.ts";

const listen = text("an address with port such as 127.0.0.1:9464", (value) =>
  parseListenEndpoint(value) ? undefined : "not an address with port (127.0.0.1:9464)",
);

/** Left out, nothing listens; the metrics are at `/metrics` of the page all the same. */
export const prometheusSection = z.optional(
  z.strictObject({ listen: z._default(listen, "127.0.0.1:9464") }),
);

export type FilePrometheus = z.output<typeof prometheusSection>;

/** @param prometheus was validated by its schema. */
export function resolvePrometheus(prometheus: FilePrometheus): ResolvedPrometheus | undefined {
  return prometheus && { listen: parseListenEndpoint(prometheus.listen) as Endpoint };
}
