import type { Duration } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";

const unitMilliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What `parseDuration` takes, as a regular expression for the JSON Schema. */
export const durationPattern = "^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$";

/** Reads `500ms`, `10s`, `5m`, `1h`, `1d` or a sum of them, `1h30m`; undefined when `text` is none. */
export function parseDuration(text: string): Duration | undefined {
  if (!new RegExp(durationPattern).test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g))
    total += Number(count) * unitMilliseconds[unit as keyof typeof unitMilliseconds];
  return Number.isSafeInteger(Math.round(total)) ? (Math.round(total) as Duration) : undefined;
}

/** The duration that `text` says. @throws {InvariantError} when it says none: the schema has let it through. */
export function durationOf(text: string | undefined): Duration {
  const duration = parseDuration(text ?? "");
  invariant(duration !== undefined, "durations were checked");
  return duration;
}
