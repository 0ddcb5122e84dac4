import * as z from "zod/mini";
import { count, list, text, texts, time } from "./words.ts";

const upDown = z.enum(["up", "down"]);
const returnCode = z.enum([
  "unknown",
  "ok",
  "over-threshold",
  "timeout",
  "no-connection",
  "busy",
  "dns-error",
  "http-error",
  "verify-error",
  "certificate-error",
]);

/** One of `track`. */
export const track = z.object({
  state: upDown,
  since: time,
  age: z.number(),
  changes: count,
  reason: text,
  type: text,
  instance: z.optional(text),
  parameter: z.optional(text),
  expression: z.optional(text),
  threshold: z.optional(z.object({ up: z.number(), down: z.number() })),
  members: z.optional(
    list(z.object({ object: text, state: upDown, weight: z.optional(z.number()) })),
  ),
  "return-code": z.optional(returnCode),
  "latest-rtt": z.optional(z.number()),
  delay: z.optional(z.object({ up: z.number(), down: z.number() })),
  pending: z.optional(z.object({ state: upDown, at: time, in: z.number(), reason: text })),
  "last-cause": z.optional(text),
  "tracked-by": texts,
});

/** One of `sla`. Lengths of time are milliseconds. */
export const sla = z.object({
  "return-code": returnCode,
  since: time,
  reason: text,
  type: text,
  target: text,
  "source-interface": z.optional(text),
  frequency: z.number(),
  timeout: z.number(),
  threshold: z.number(),
  packets: count,
  "latest-start": z.optional(time),
  successes: count,
  failures: count,
  rtt: z.optional(
    z.object({
      latest: z.optional(z.number()),
      min: z.number(),
      avg: z.number(),
      max: z.number(),
    }),
  ),
  jitter: z.optional(z.number()),
  loss: z.number().check(z.gte(0), z.lte(1)),
});

const period = z.object({
  from: time,
  successes: count,
  failures: count,
  min: z.optional(z.number()),
  avg: z.optional(z.number()),
  max: z.optional(z.number()),
});

/** An operation with its past, oldest first. */
export const slaDetail = z.extend(sla, {
  history: z.object({
    results: list(z.object({ time, "return-code": returnCode, rtt: z.optional(z.number()) })),
    minutes: list(period),
    hours: list(period),
  }),
});
