/**
 * Joins the IP SLA engine to the machine: packets sent for it, interfaces that come and go, its return codes told to the
 * track objects. It decides nothing.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import { assertNever } from "#lib/assert-never.ts";
import { Prober } from "#linux/probe/prober.ts";
import type { SlaAction } from "#sla/actions.ts";
import type { SlaInput } from "#sla/inputs.ts";
import type { EventDraft } from "#state/event.ts";
import type { TrackInput } from "#track/inputs.ts";

export interface ProbesOptions {
  /** Hands an input to the IP SLA engine. */
  readonly give: (input: SlaInput) => void;
  /** Hears of every change of a return code. */
  readonly tell: (result: Extract<TrackInput, { kind: "sla-result" }>) => void;
  readonly record: (event: EventDraft) => void;
}

export class Probes {
  readonly #options: ProbesOptions;
  readonly #prober: Prober;

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#prober = new Prober((id, outcome) => options.give({ kind: "probe-result", id, outcome }));
  }

  /** Give it after the track objects' configuration: they hear the results. */
  configure({ sla }: ResolvedConfig): void {
    this.#options.give({ kind: "configure", operations: sla });
  }

  /** Interfaces or addresses of the machine changed. */
  refresh(): void {
    this.#prober.refresh();
  }

  perform(action: SlaAction): void {
    switch (action.kind) {
      case "probe":
        this.#prober.send(action);
        break;
      case "abandon":
        this.#prober.abandon(action.id);
        break;
      case "return-code-changed": {
        const { operation, code, subject } = action;
        this.#options.tell({ kind: "sla-result", operation, code, cause: subject });
        break;
      }
      case "event":
        this.#options.record(action.event);
        break;
      default:
        assertNever(action);
    }
  }

  /** Nothing is sent or told after this. */
  close(): void {
    this.#prober.close();
  }
}
