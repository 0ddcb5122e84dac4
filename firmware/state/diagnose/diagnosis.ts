/** What `diagnose` says: the shape that the command, the page, MQTT and `GET /api/v1/diagnose/CLIENT` share. */

/** Why a client is not up, or what failed last, in plain words. */
export interface Diagnosis {
  readonly client: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** Nothing stands in the way now; findings may still tell of what failed last. */
  readonly healthy: boolean;
  /** One sentence for the operator. */
  readonly summary: string;
  /** The most certain and most consequential first. */
  readonly findings: readonly Finding[];
}

/** One fault that the evidence speaks for. */
export interface Finding {
  /** Stable, kebab-case: `psk-differs`, `esp-blocked`. */
  readonly code: string;
  readonly certainty: "certain" | "likely" | "possible";
  /** It stands in the way now, or it was the last thing that did. */
  readonly when: "now" | "last";
  /** What is wrong, one or two sentences. */
  readonly explanation: string;
  /** What to do, and where: on this branch, at the hub, at the provider. */
  readonly remedy: string;
  readonly evidence: readonly Evidence[];
}

/** What was seen. */
export interface Evidence {
  readonly kind:
    | "event"
    | "exchange"
    | "notify"
    | "counter"
    | "track"
    | "probe"
    | "route"
    | "interface"
    | "dialer"
    | "certificate"
    | "configuration"
    | "kernel"
    | "clock";
  /** One line. */
  readonly text: string;
  /** Id of the event that says it. */
  readonly event?: number;
  /** Two columns side by side, as the proposals of both ends. */
  readonly comparison?: {
    readonly ours: readonly string[];
    readonly theirs: readonly string[];
  };
}
