import type { Endpoint } from "#lib/ip.ts";

/** Where metrics are scraped, without a password. */
export interface ResolvedPrometheus {
  readonly listen: Endpoint;
}
