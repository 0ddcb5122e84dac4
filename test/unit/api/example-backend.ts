import type {
  ActionOutcome,
  Backend,
  ClientAction,
  ConfigurationChange,
  ConfigurationOutcome,
} from "#api/backend.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaHistoryState } from "#state/document-sla.ts";
import { exampleDiagnosis } from "./example-diagnosis.ts";
import { exampleSlaHistory } from "./example-sla.ts";
import { exampleEvents, exampleState } from "./example-state.ts";

/** A daemon made of a document and a list of events, which remembers what it was asked to do. */
export class ExampleBackend implements Backend {
  readonly actions: { client: string; action: ClientAction }[] = [];
  /** Who asked for each of the actions. */
  readonly askers: string[] = [];
  readonly #listeners = new Set<(event: StoredEvent) => void>();
  readonly #events: StoredEvent[] = [...exampleEvents];
  outcome: ActionOutcome = { kind: "accepted", event: 44 };
  state: () => StateDocument = () => exampleState;

  get subscribers(): number {
    return this.#listeners.size;
  }

  document(): StateDocument {
    return this.state();
  }

  slaHistory(name: string): SlaHistoryState | undefined {
    return name in this.state().sla ? exampleSlaHistory : undefined;
  }

  events(last: number): readonly StoredEvent[] {
    return this.#events.slice(-last);
  }

  subscribe(listener: (event: StoredEvent) => void, fromId?: number): () => void {
    if (fromId !== undefined)
      for (const event of this.#events) if (event.id > fromId) listener(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly stubs: Record<string, "up" | "down"> = {};

  setTrack(object: string, state: "up" | "down"): ActionOutcome {
    this.stubs[object] = state;
    return this.outcome;
  }

  diagnose(client: string): Promise<Diagnosis> {
    return Promise.resolve({ ...exampleDiagnosis, client });
  }

  recording(): string {
    return this.recorded;
  }

  recorded = "";
  readonly changes: { change: ConfigurationChange; by: string }[] = [];
  change: ConfigurationOutcome = { kind: "accepted" };

  configure(change: ConfigurationChange, by: string): ConfigurationOutcome {
    this.changes.push({ change, by });
    return this.change;
  }

  act(client: string, action: ClientAction, by: string): ActionOutcome {
    this.actions.push({ client, action });
    this.askers.push(by);
    return this.outcome;
  }

  /** Something happens: readers of the stream hear of it. */
  happen(id: number, message: string): void {
    this.#events.push(this.tell(id, message));
  }

  /** The same, but nothing is kept of it. */
  tell(id: number, message: string, more: Partial<StoredEvent> = {}): StoredEvent {
    const event: StoredEvent = {
      id,
      time: "2026-11-24T10:00:00.000Z",
      uptime: 6000,
      severity: "notice",
      mnemonic: "FLEXSPOKE-5-TEST",
      message,
      data: {},
      ...more,
    };
    for (const listener of this.#listeners) listener(event);
    return event;
  }
}

/** A log that keeps nothing. */
export const silentLog = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
  with: () => silentLog,
};
