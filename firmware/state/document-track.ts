/** Track objects in the state document: `track{}` by name. */
import type { TrackState } from "#config/resolved-track.ts";
import type { SlaReturnCode } from "#sla/return-code.ts";

export interface TrackObjectState {
  readonly state: TrackState;
  /** Time of the last change, or of its configuration. */
  readonly since: string;
  /** Seconds since then. */
  readonly age: number;
  /** Changes reported since it was configured. */
  readonly changes: number;
  /** Why the state is so. */
  readonly reason: string;
  /** `interface`, `ip route`, `ipv6 route`, `ip sla`, `list`, `stub-object`, `script`. */
  readonly type: string;
  /** Interface, prefix, operation or program; absent for lists and stub objects. */
  readonly instance?: string;
  /** `line-protocol`, `ip routing`, `reachability`, `boolean`, … */
  readonly parameter?: string;
  /** The expression of a boolean list. */
  readonly expression?: string;
  readonly threshold?: { readonly up: number; readonly down: number };
  /** Of a list: its members with their states. */
  readonly members?: readonly {
    readonly object: string;
    readonly state: TrackState;
    readonly weight?: number;
  }[];
  /** Of a probe: its latest result, and its round-trip time in milliseconds. */
  readonly "return-code"?: SlaReturnCode;
  readonly "latest-rtt"?: number;
  /** Seconds. */
  readonly delay?: { readonly up: number; readonly down: number };
  /** A change that waits for its delay. */
  readonly pending?: {
    readonly state: TrackState;
    readonly at: string;
    /** Seconds until it is reported, at least 0. */
    readonly in: number;
    readonly reason: string;
  };
  /** What the last change came of: `interface:wan0`, `track:hub1`. */
  readonly "last-cause"?: string;
  /** Who follows it: other objects (`track primary`) and clients (`client hq`). */
  readonly "tracked-by": readonly string[];
}
