/**
 * Routes as track objects: is exactly this prefix in the table, with a next hop that can be used, and at what metric.
 * Source: IOS track N ip route P M reachability | metric threshold.
 */
import type { TrackTest } from "#config/resolved-track.ts";
import type { RouteFact } from "./inputs.ts";
import { seen, unseen, type Verdict } from "./verdict.ts";

/** What is known of a prefix: a route, or why there is none. */
export interface PrefixFact {
  readonly route?: RouteFact;
  readonly why?: string;
}

type RouteTest = Extract<TrackTest, { kind: "route" }>;

/** @param wasUp the state between the thresholds stays what it was. */
export function judgeRoute(test: RouteTest, fact: PrefixFact | undefined, wasUp: boolean): Verdict {
  const { prefix } = test;
  if (!fact) return unseen("the routes were not read yet");
  const { route } = fact;
  if (!route) return seen(false, fact.why ?? `no route to ${prefix}`);
  if (test.check === "reachability") return seen(true, `${prefix} is reachable${wayOf(route)}`);
  const metric = scaledMetric(route);
  const text = `the scaled metric of ${prefix} is ${metric}`;
  if (metric <= test.up) return seen(true, `${text}, up to ${test.up} is up`);
  if (metric >= test.down) return seen(false, `${text}, from ${test.down} on is down`);
  return seen(wasUp, `${text}, between ${test.up} and ${test.down} nothing changes`);
}

/**
 * The kernel's metric on the scale of IOS: 0 is connected, 255 would be no route. IOS divides by a resolution that differs
 * by protocol; the kernel has one metric for all, which is scaled as a static route's. Unconfirmed, see
 * reference/flexvpn-client.md 2.1 and 2.2.
 */
export function scaledMetric({ metric, isConnected }: RouteFact): number {
  if (isConnected) return 0;
  return Math.min(WORST_METRIC, Math.floor(metric / STATIC_RESOLUTION));
}

function wayOf({ device, gateway }: RouteFact): string {
  const by = gateway === undefined ? "" : ` by ${gateway}`;
  return device === undefined ? by : `${by} on ${device}`;
}

/** IOS: track resolution ip route static; unconfirmed. */
const STATIC_RESOLUTION = 10;
/** A route that exists is always better than none. */
const WORST_METRIC = 254;
