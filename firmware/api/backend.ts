/** What the API needs of the daemon: the only thing it knows of it. */
import type { Duration } from "#lib/duration.ts";
import type { DebugCondition, DebugLine } from "#state/debug.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaHistoryState } from "#state/document-sla.ts";
import type { UpdateBackend } from "./update-backend.ts";

export interface Backend {
  /** The state at this moment. */
  document(): StateDocument;
  /** The past of an IP SLA operation; undefined when there is none of this name. */
  slaHistory(name: string): SlaHistoryState | undefined;
  /** The newest `last` events, oldest first. */
  events(last: number): readonly StoredEvent[];
  /**
   * Calls `listener` for each event as it happens; with `fromId`, first at once, within this call and in order, for
   * those kept whose id is higher. No event is missed between the two.
   * @returns what ends it.
   */
  subscribe(listener: (event: StoredEvent) => void, fromId?: number): () => void;
  /** Why a client is not up, or what failed last; takes a moment to look around. `client` is a key of `document().clients`. */
  diagnose(client: string): Promise<Diagnosis>;
  /**
   * Calls `listener` for each line of the live trace that meets the condition; there is no past of it.
   * @returns what ends it; undefined when too many watch already.
   */
  debug?(condition: DebugCondition, listener: (line: DebugLine) => void): (() => void) | undefined;
  /** What the kernel has, as JSON without keys, for a support case. */
  survey?(): Promise<Readonly<Record<string, unknown>>>;
  /** Asks for something. `client` is a key of `document().clients`; `by` says who asks, for the event: `command line`. */
  act(client: string, action: ClientAction, by: string): ActionOutcome;
  /** Sets a stub object. `object` is a key of `document().track`. */
  setTrack(object: string, state: "up" | "down", by: string): ActionOutcome;
  /** The last inputs of the engines as text, without keys: what `flexspoke replay` takes. */
  recording(): string;
  /** Updates of the appliance. */
  readonly updates?: UpdateBackend;
  /** Changes the configuration, or keeps the change. */
  configure(change: ConfigurationChange, by: string): ConfigurationOutcome;
}

export type ConfigurationChange =
  /** Read the file anew. */
  | { readonly kind: "reload" }
  /** Make this text the configuration, and undo it after `within` unless it is confirmed or proves itself. */
  | { readonly kind: "commit"; readonly text: string; readonly within: Duration }
  | { readonly kind: "confirm" };

export type ConfigurationOutcome =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "refused";
      /** Stable, `configuration.…`. */
      readonly code: string;
      readonly reason: string;
      /** Everything that is wrong with the text, `FILE:LINE:COL: …` each. */
      readonly errors?: readonly string[];
    };

export type ClientAction =
  | { readonly kind: "connect" }
  | { readonly kind: "disconnect" }
  /** IOS: clear crypto ikev2 client flexvpn NAME: down, forget what was learnt, and up again where it was wanted. */
  | { readonly kind: "clear" }
  /** Let the session that stands by carry the traffic from now on. */
  | { readonly kind: "switch" }
  /** Try every peer over every usable source up to full authentication, without moving traffic. */
  | { readonly kind: "rehearse" }
  | { readonly kind: "rekey"; readonly what: "ike" | "child" };

export type ActionOutcome =
  /** Begun; `event` is the id of the event that says so. */
  | { readonly kind: "accepted"; readonly event: number }
  /** Not possible now; `code` is stable, `reason` one sentence with what to do. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string };
