/** RFC 5424 §6.2.1 names, most severe first. */
export type Severity =
  | "emergency"
  | "alert"
  | "critical"
  | "error"
  | "warning"
  | "notice"
  | "informational"
  | "debug";

/**
 * What an engine says happened, before it is given an id and a time. `message` is one sentence for an operator: what
 * happened and, for a fault, what to do. `data` is JSON: no bigint, no bytes, no secrets.
 */
export interface EventDraft {
  readonly severity: Severity;
  /** From `state/mnemonics.ts`. */
  readonly mnemonic: string;
  readonly client?: string;
  readonly peer?: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}
