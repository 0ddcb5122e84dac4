/** Track objects as the engine works with them: every default filled in, every reference known to exist, no loops. */
import type { Duration } from "#lib/duration.ts";
import type { Prefix } from "#lib/ip.ts";
import type { BooleanExpression } from "./boolean-syntax.ts";

/** State of a track object. */
export type TrackState = "up" | "down";

/** IOS: track N */
export interface ResolvedTrack {
  readonly name: string;
  /** How long a new state must hold before it is reported. IOS: delay up S down S */
  readonly delay: Readonly<Record<TrackState, Duration>>;
  readonly test: TrackTest;
}

/** What an object looks at. Plain data, comparable as JSON. */
export type TrackTest =
  | {
      readonly kind: "interface";
      readonly interface: string;
      readonly check: "line-protocol" | "ip-routing" | "ipv6-routing";
    }
  | { readonly kind: "route"; readonly prefix: Prefix; readonly check: "reachability" }
  /** Scaled metrics, 0 to 255. */
  | {
      readonly kind: "route";
      readonly prefix: Prefix;
      readonly check: "metric-threshold";
      readonly up: number;
      readonly down: number;
    }
  | { readonly kind: "sla"; readonly operation: string; readonly check: "reachability" | "state" }
  /** `text` is the expression as it was written. */
  | { readonly kind: "boolean"; readonly expression: BooleanExpression; readonly text: string }
  /** Up from the sum `up` on, down from the sum `down` on downwards; between them it stays. */
  | {
      readonly kind: "weight";
      readonly members: readonly { readonly object: string; readonly weight: number }[];
      readonly up: number;
      readonly down: number;
    }
  /** The same with the share of objects that are up, in percent. */
  | {
      readonly kind: "percentage";
      readonly objects: readonly string[];
      readonly up: number;
      readonly down: number;
    }
  | { readonly kind: "stub"; readonly initial: TrackState }
  /** `argv` is a program and its arguments, never a line for a shell. */
  | {
      readonly kind: "script";
      readonly argv: readonly string[];
      readonly frequency: Duration;
      readonly timeout: Duration;
    };
