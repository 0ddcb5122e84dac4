import { type Duration, formatDuration, milliseconds, seconds } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import type { ConfigPath } from "./config-error.ts";
import { parseDuration } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import type { FileSla } from "./schema-sla.ts";

/** An operation with all its times; `packets` and `interval` where it sends more than one. */
export type CompleteSla = FileSla & { readonly timeout: string; readonly threshold: string };

/**
 * Gives an operation the times that it does not name: IOS's, or as much of them as its frequency has room for.
 * Source: IOS defaults of `ip sla`: timeout 5000 ms, threshold 5000 ms, packets 20 ms apart.
 */
export function completeSla(file: FileSla, path: ConfigPath, problems: Problems): CompleteSla {
  const frequency = read(file.frequency);
  const asked = file.threshold === undefined ? undefined : read(file.threshold);
  const timeout =
    file.timeout === undefined
      ? shorter(frequency, longer(DEFAULT_WAIT, asked ?? DEFAULT_WAIT))
      : read(file.timeout);
  const threshold = asked ?? shorter(timeout, DEFAULT_WAIT);
  if (timeout > frequency)
    problems.error(
      [...path, "timeout"],
      `longer than the frequency, ${formatDuration(frequency)} (threshold <= timeout <= frequency)`,
    );
  if (threshold > timeout)
    problems.error(
      [...path, "threshold"],
      `longer than the timeout, ${formatDuration(timeout)} (threshold <= timeout <= frequency)`,
    );
  const packets = file.packets ?? 1;
  const interval = file.interval === undefined ? PACKET_INTERVAL : read(file.interval);
  if ((packets - 1) * interval >= timeout)
    problems.error(
      [...path, "packets"],
      `${packets} packets, ${formatDuration(interval)} apart, take longer than the timeout, ${formatDuration(timeout)} (fewer packets, or a longer timeout)`,
    );
  return {
    ...file,
    ...(packets > 1 && { interval: file.interval ?? formatDuration(interval) }),
    timeout: file.timeout ?? formatMilliseconds(timeout),
    threshold: file.threshold ?? formatMilliseconds(threshold),
  };
}

/** Packets of one operation are this far apart. IOS: udp-jitter, interval 20 ms */
export const PACKET_INTERVAL = milliseconds(20);
const DEFAULT_WAIT = seconds(5);

/** Exact, where `formatDuration` rounds to seconds. */
const formatMilliseconds = (duration: Duration): string =>
  duration % 1_000 === 0 ? `${duration / 1_000}s` : `${duration}ms`;

const shorter = (a: Duration, b: Duration): Duration => (a < b ? a : b);
const longer = (a: Duration, b: Duration): Duration => (a > b ? a : b);

function read(text: string): Duration {
  const duration = parseDuration(text);
  invariant(duration !== undefined, "durations were checked");
  return duration;
}
