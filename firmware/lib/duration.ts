/** Milliseconds since an arbitrary start that never steps back: the only time engines know. */
export type MonotonicMs = number & { readonly __brand: "MonotonicMs" };
/** A length of time in milliseconds, never negative. */
export type Duration = number & { readonly __brand: "Duration" };
/** Milliseconds since 1970-01-01T00:00:00Z. Only certificates, logs and events see it. */
export type WallClock = number & { readonly __brand: "WallClock" };

export const milliseconds = (count: number): Duration => count as Duration;
export const seconds = (count: number): Duration => (count * 1_000) as Duration;
export const minutes = (count: number): Duration => (count * 60_000) as Duration;
export const hours = (count: number): Duration => (count * 3_600_000) as Duration;
export const days = (count: number): Duration => hours(count * 24);

/** The instant `delay` after `start`. */
export function after(start: MonotonicMs, delay: Duration): MonotonicMs {
  return (start + delay) as MonotonicMs;
}

/** Time passed from `earlier` to `later`; zero when they are the wrong way round. */
export function elapsed(earlier: MonotonicMs, later: MonotonicMs): Duration {
  return Math.max(0, later - earlier) as Duration;
}

/** Writes a duration as the configuration writes it: `500ms`, `10s`, `5m`, `1h`, or the two largest units, `1h30m`. */
export function formatDuration(duration: Duration): string {
  if (duration < 1_000) return `${Math.round(duration)}ms`;
  const units = [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const;
  let rest = Math.round(duration / 1_000) * 1_000;
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(`${count}${name}`);
  }
  return parts.join("");
}
