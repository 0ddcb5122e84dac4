/** The part `dialers` of the state document. */
import type { DialStatus } from "#dial/states.ts";

export interface DialerState {
  readonly state: DialStatus;
  readonly since: string;
  /** `pppd`, `pppoe`, `modem-manager` or `commands`. */
  readonly kind: string;
  readonly interface?: string;
  /** Why it is in this state, one sentence; with what to do when it is a fault. */
  readonly reason: string;
  readonly "reason-code"?: string;
  /** `client hq`, `track primary down`. */
  readonly "demanded-by": readonly string[];
  readonly addresses: readonly string[];
  readonly dns: readonly string[];
  readonly "connected-since"?: string;
  readonly "next-attempt"?: string;
  /** When the line, which nobody demands, will be hung up. */
  readonly "hang-up-at"?: string;
  readonly attempts: number;
  readonly failures: number;
  readonly "failures-in-a-row": number;
  readonly connections: number;
  readonly resets: number;
  /** How long lines were up since the daemon started, the present one too; seconds. */
  readonly "seconds-connected": number;
  readonly "last-failure"?: {
    readonly reason: string;
    readonly code?: string;
    readonly time: string;
  };
  /** Of the present line, bytes. */
  readonly traffic?: LineTraffic;
}

/** Bytes that an interface carried. */
export interface LineTraffic {
  readonly received: number;
  readonly sent: number;
}
