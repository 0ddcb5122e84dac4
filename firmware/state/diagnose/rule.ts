/** A rule of the table: what it looks for, and the words in which it says that it found it. */
import type { Case } from "./case.ts";
import type { Finding } from "./diagnosis.ts";

/** What a fault is about; the manual's table has a part for each. */
export type Theme =
  | "the operator's wish"
  | "the configuration"
  | "this machine"
  | "interfaces and addresses"
  | "dialled lines"
  | "names"
  | "track objects and probes"
  | "the way to the hub"
  | "proposals and versions"
  | "authentication"
  | "certificates and the clock"
  | "the Child SA"
  | "a session that ends"
  | "traffic in the tunnel"
  | "backup";

/** How much it hurts: nothing works, something does not, something will not when it is needed. */
export type Consequence = "blocks" | "degrades" | "endangers";

export type Found = Omit<Finding, "code"> & {
  /** When it hurts less than the rule says. */
  readonly consequence?: Consequence;
};

export interface Rule {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly theme: Theme;
  readonly consequence: Consequence;
  /** For the manual: the fault in a few words. */
  readonly fault: string;
  /** For the manual: what shows it. */
  readonly shownBy: string;
  /** For the manual: what to do, and where. */
  readonly remedy: string;
  /** Codes of findings that only follow from this one, or that it makes untenable. */
  readonly explains?: readonly string[];
  /** @returns undefined when the evidence does not speak for it. */
  find(given: Case): Found | undefined;
}
