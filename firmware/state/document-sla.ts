/** IP SLA operations in the state document: `sla{}` by name. Lengths of time are milliseconds, with fractions. */
import type { SlaReturnCode } from "#sla/return-code.ts";

export interface SlaState {
  readonly "return-code": SlaReturnCode;
  /** Since when the return code is what it is. */
  readonly since: string;
  /** Why, one sentence. */
  readonly reason: string;
  /** `icmp-echo`, `tcp-connect`, `udp-echo`, `dns`, `http`. */
  readonly type: string;
  readonly target: string;
  readonly "source-interface"?: string;
  readonly frequency: number;
  readonly timeout: number;
  readonly threshold: number;
  /** Packets of a run. */
  readonly packets: number;
  readonly "latest-start"?: string;
  readonly successes: number;
  readonly failures: number;
  /** `latest` is missing when the latest run had no answer. */
  readonly rtt?: {
    readonly latest?: number;
    readonly min: number;
    readonly avg: number;
    readonly max: number;
  };
  readonly jitter?: number;
  /** Share of the last hundred packets or so that were lost, 0 to 1. */
  readonly loss: number;
}

/** One operation with its past, as `GET /api/v1/state/sla/NAME` shows it. */
export interface SlaDetail extends SlaState {
  readonly history: SlaHistoryState;
}

/** Oldest first. */
export interface SlaHistoryState {
  readonly results: readonly {
    readonly time: string;
    readonly "return-code": SlaReturnCode;
    readonly rtt?: number;
  }[];
  readonly minutes: readonly SlaPeriodState[];
  readonly hours: readonly SlaPeriodState[];
}

export interface SlaPeriodState {
  readonly from: string;
  readonly successes: number;
  readonly failures: number;
  readonly min?: number;
  readonly avg?: number;
  readonly max?: number;
}
