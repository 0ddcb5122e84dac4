/**
 * Chance in timing, drawn from the engine's random source so that a run repeats. Owns no timer and knows no exchange.
 * RFC 7296 §2.4 and §2.8 ask for spread; how much is ours.
 */
import type { Duration } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";

/** A number in [0, 1) with 32 bits of chance. */
export function randomFraction(random: RandomSource): number {
  const bytes = random(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

/** `duration` spread evenly over ± `spread` (0 to 1) of itself. */
export function jittered(duration: Duration, spread: number, random: RandomSource): Duration {
  if (spread === 0) return duration;
  return Math.round(duration * (1 + spread * (2 * randomFraction(random) - 1))) as Duration;
}

/** When a lifetime should be renewed: 80 to 90 % of it, so that two ends with one policy rarely ask together. RFC 7296 §2.8 */
export function softLifetime(hard: Duration, random: RandomSource): Duration {
  return Math.floor(hard * (0.8 + 0.1 * randomFraction(random))) as Duration;
}
