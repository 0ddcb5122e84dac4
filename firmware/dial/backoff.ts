/**
 * How long a dialer waits after a failure. It knows levels, not what failed. A wait is never shorter than the nominal
 * one: modems and providers that lock out those who dial too often must be able to rely on it.
 */
import { type BackoffPolicy, nominalBackoff } from "#lib/backoff.ts";
import type { Duration } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";

/** The wait to take: the nominal one and up to a quarter more, so that branches do not all dial at one instant. */
export function waitOf(policy: BackoffPolicy, level: number, random: RandomSource): Duration {
  const [high = 0, low = 0] = random(2);
  const fraction = ((high << 8) | low) / 0x1_0000;
  return Math.round(nominalBackoff(policy, level) * (1 + fraction / 4)) as Duration;
}
