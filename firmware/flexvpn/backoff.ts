/**
 * How long to wait before the next round of attempts. It knows levels, not what failed.
 * IOS does not document its own pace; 5, 10, 20, 40, 60 s is ours.
 */
import { type BackoffPolicy, nominalBackoff } from "#lib/backoff.ts";
import type { Duration } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";

/**
 * The wait to take at this level: evenly spread over the upper half of the nominal one, so that branches which lost
 * their hub at the same instant do not come back at the same instant.
 */
export function backoffDelay(policy: BackoffPolicy, level: number, random: RandomSource): Duration {
  return Math.round(nominalBackoff(policy, level) * (0.5 + fraction(random) / 2)) as Duration;
}

/** 0 up to, not including, 1. */
function fraction(random: RandomSource): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return ((a << 16) | (b << 8) | c) / 0x100_0000;
}
