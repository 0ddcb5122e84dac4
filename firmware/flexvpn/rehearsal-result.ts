import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { Why } from "./states.ts";
import type { Way } from "./ways.ts";

/** What was found of one way. */
export interface RehearsalResult {
  readonly way: Way;
  readonly isWorking: boolean;
  /** Why it does not work; or why it need not be tried: it is in use, or stands by. */
  readonly why?: Why;
  readonly at: MonotonicMs;
  /** From the first question to full authentication, or to the failure. */
  readonly took: Duration;
}
