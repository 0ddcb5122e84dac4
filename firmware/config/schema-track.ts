/** The `track` section of the file as data. IOS: track N interface, ip route, ip sla, list, stub-object. */
import * as z from "zod/mini";
import { hours, milliseconds, seconds } from "#lib/duration.ts";
import { parsePrefix } from "#lib/ip.ts";
import { duration, interfaceName, name, oneOf, text, whole } from "./schema-scalars.ts";

/** A reference to something with a free name; YAML reads names such as 10 as numbers. */
export const reference = z.union([name, whole(0, 2_147_483_647)]);

const noTime = duration(milliseconds(0), hours(1));

const prefix = text("a prefix such as 0.0.0.0/0 or 2001:db8::/32", (value) => {
  const parsed = value.includes("/") ? parsePrefix(value) : undefined;
  if (!parsed) return "not a prefix (0.0.0.0/0, 10.1.0.0/16, 2001:db8::/32)";
  return parsed === value.toLowerCase() ? undefined : `not how the prefix is written (${parsed})`;
});

/** IOS: threshold metric up 0..254 down 2..255 */
const metricThreshold = z.strictObject({
  up: z._default(whole(0, 254), 254),
  down: z._default(whole(2, 255), 255),
});

/** The sum of many weights may be larger than the 255 that IOS takes. */
const sum = whole(0, 65_535);

const threshold = z.strictObject({
  weight: z.optional(z.record(name, whole(1, 255))),
  up: z.optional(sum),
  down: z.optional(sum),
  percentage: z.optional(
    z.strictObject({
      objects: z.array(reference).check(z.minLength(1)),
      up: whole(0, 100),
      down: z.optional(whole(0, 100)),
    }),
  ),
});

const kinds = ["interface", "route", "sla", "boolean", "threshold", "stub", "script"] as const;
const checks = [
  "line-protocol",
  "ip-routing",
  "ipv6-routing",
  "reachability",
  "state",
  "metric-threshold",
] as const;
/** Keys that only some kinds have. */
const only = {
  check: ["interface", "route", "sla"],
  "metric-threshold": ["route"],
  frequency: ["script"],
  timeout: ["script"],
} as const;
/** The checks of the kinds that have any; the first is what is meant when none is named. */
export const checksOf = {
  interface: ["line-protocol", "ip-routing", "ipv6-routing"],
  route: ["reachability", "metric-threshold"],
  // What IOS means without a word. Unconfirmed, see reference/flexvpn-client.md 2.2.
  sla: ["state", "reachability"],
} as const;

const track = z
  .strictObject({
    interface: z.optional(interfaceName),
    route: z.optional(prefix),
    sla: z.optional(reference),
    boolean: z.optional(text("an expression of names, and, or, not, parentheses", () => undefined)),
    threshold: z.optional(threshold),
    stub: z.optional(oneOf(["up", "down"])),
    script: z.optional(
      z.array(z.string().check(z.minLength(1), z.maxLength(4096))).check(z.minLength(1)),
    ),
    check: z.optional(oneOf(checks)),
    "metric-threshold": z.optional(metricThreshold),
    frequency: z.optional(duration(seconds(1), hours(24 * 7))),
    timeout: z.optional(duration(milliseconds(100), hours(1))),
    delay: z.prefault(
      z.strictObject({ up: z._default(noTime, "0s"), down: z._default(noTime, "0s") }),
      {},
    ),
  })
  .check(
    z.check(({ value, issues }) => {
      const fault = faultOf(value);
      if (fault !== undefined) issues.push({ code: "custom", input: value, message: fault });
    }),
  );

/** What `track` holds: objects by name. */
export const trackSection = z._default(z.record(name, track), {});
export type FileTrack = z.output<typeof track>;
export type TrackKind = (typeof kinds)[number];

/** The kind of an object that passed the schema. */
export function kindOf(object: FileTrack): TrackKind {
  return kinds.find((kind) => object[kind] !== undefined) ?? "stub";
}

function faultOf(object: Omit<FileTrack, "delay">): string | undefined {
  const present = kinds.filter((kind) => object[kind] !== undefined);
  const [kind] = present;
  if (kind === undefined || present.length > 1)
    return `not a track object (exactly one of ${kinds.join(", ")})`;
  for (const [key, owners] of Object.entries(only))
    if (object[key as keyof typeof only] !== undefined && !owners.some((owner) => owner === kind))
      return `${key} does not belong to ${kind} (it belongs to ${owners.join(", ")})`;
  const { check } = object;
  const allowed: readonly string[] =
    kind in checksOf ? checksOf[kind as keyof typeof checksOf] : [];
  if (check !== undefined && !allowed.includes(check))
    return `check ${check} does not belong to ${kind} (${allowed.join(", ")})`;
  if (object["metric-threshold"] !== undefined && check === "reachability")
    return "reachability and metric-threshold are two checks (leave one out)";
  return object.threshold && thresholdFault(object.threshold);
}

function thresholdFault({
  weight,
  up,
  percentage,
}: z.output<typeof threshold>): string | undefined {
  if ((weight === undefined) === (percentage === undefined))
    return "not a threshold (exactly one of weight and percentage)";
  if (percentage)
    return up === undefined ? undefined : "up and down of a percentage stand inside percentage";
  if (weight && Object.keys(weight).length === 0) return "weight names no object (at least 1)";
  return up === undefined ? "up is required with weight (the sum from which it is up)" : undefined;
}
