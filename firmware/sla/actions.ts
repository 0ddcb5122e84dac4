import type { EventDraft, EventSubject } from "#state/event.ts";
import type { ProbeId, ProbeRequest } from "./probe.ts";
import type { SlaReturnCode } from "./return-code.ts";

/** What the probes ask the world to do, in the order given. */
export type SlaAction =
  /** Send; answer with `probe-result` and the same id and sequence. */
  | ({ readonly kind: "probe" } & ProbeRequest)
  /** Nobody waits for answers to this id any more: let go of its sockets. Given only where something is still open. */
  | { readonly kind: "abandon"; readonly id: ProbeId }
  /** The latest result means something else than the one before; `subject` is what the event about it is about. */
  | {
      readonly kind: "return-code-changed";
      readonly operation: string;
      readonly code: SlaReturnCode;
      readonly subject: EventSubject;
    }
  | { readonly kind: "event"; readonly event: EventDraft };
