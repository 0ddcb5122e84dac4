/** What a dialer shows of itself; the state document is made of it. */
import type { DialLine } from "#config/resolved-dialer.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { DialWhy, LineFacts } from "./line.ts";
import type { DialStatus } from "./states.ts";

export interface DialerView {
  readonly name: string;
  readonly kind: DialLine["kind"];
  readonly status: DialStatus;
  readonly since: MonotonicMs;
  readonly why: DialWhy;
  readonly interface?: string;
  readonly connectedSince?: MonotonicMs;
  readonly facts?: LineFacts;
  readonly retryAt?: MonotonicMs;
  /** When a line that nobody demands will be hung up. */
  readonly hangUpAt?: MonotonicMs;
  readonly demandedBy: readonly string[];
  readonly attempts: number;
  readonly failures: number;
  readonly failuresInARow: number;
  readonly connections: number;
  readonly resets: number;
  /** Milliseconds that lines were up, the present one too. */
  readonly connectedMs: number;
  readonly lastFailure?: { readonly why: DialWhy; readonly at: MonotonicMs };
}
