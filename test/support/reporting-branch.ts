/** A branch as reporters see it: a real event log, a document that a test may change, and what was asked of it. */
import type { ActionOutcome, Backend, ClientAction, ConfigurationOutcome } from "#api/backend.ts";
import type { WallClock } from "#lib/duration.ts";
import type { Endpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { connectTcp } from "#linux/probe/tied-tcp.ts";
import type { StateDocument } from "#state/document.ts";
import type { EventDraft } from "#state/event.ts";
import { EventLog, type EventStore } from "#state/event-log.ts";
import type { ReporterContext } from "#telemetry/reporter.ts";
import { exampleState } from "#test/unit/api/example-state.ts";

export class ReportingBranch {
  readonly events: EventLog;
  readonly actions: string[] = [];
  configured: ConfigurationOutcome = { kind: "accepted" };
  readonly logged: string[] = [];
  state: StateDocument = exampleState;
  outcome: ActionOutcome = { kind: "accepted", event: 7 };
  /** Documents that were asked for. */
  looks = 0;
  readonly #stateDir: string;

  constructor(stateDir: string, store?: EventStore) {
    this.#stateDir = stateDir;
    const started = performance.now();
    this.events = new EventLog(
      () => ({ time: Date.now() as WallClock, uptime: (performance.now() - started) / 1_000 }),
      2_000,
      () => {},
    );
    this.events.open(store);
  }

  get context(): ReporterContext {
    return {
      backend: this.#backend(),
      log: this.#log(),
      stateDir: this.#stateDir,
      record: (event) => this.events.record(event),
      tie: (to: Endpoint, device: string) => connectTcp(to, device),
    };
  }

  /** Something happens, `count` times. */
  happen(count = 1, draft: Partial<EventDraft> = {}): void {
    for (let each = 0; each < count; each++)
      this.events.record({
        severity: "notice",
        mnemonic: "FLEXSPOKE-5-CLIENT_REQUEST",
        client: "hq",
        message: `clear asked for by test ${each}`,
        data: { action: "clear", by: "test" },
        ...draft,
      });
  }

  /** Mnemonics of the events, oldest first. */
  get story(): readonly string[] {
    return this.events.last(10_000).map(({ mnemonic }) => mnemonic);
  }

  #backend(): Backend {
    const ask = (text: string): ActionOutcome => {
      this.actions.push(text);
      return this.outcome;
    };
    const used: Omit<Backend, "recording"> = {
      document: () => {
        this.looks++;
        return this.state;
      },
      slaHistory: () => undefined,
      diagnose: (client) =>
        Promise.resolve({
          client,
          at: "2026-11-24T10:00:00.000Z",
          healthy: true,
          summary: `client ${client} is up`,
          findings: [],
        }),
      events: (last) => this.events.last(last),
      subscribe: (listener, fromId) => this.events.subscribe(listener, fromId),
      act: (client, action: ClientAction, by) =>
        ask(`${action.kind}${action.kind === "rekey" ? ` ${action.what}` : ""} ${client} by ${by}`),
      setTrack: (object, state, by) => ask(`track ${object} ${state} by ${by}`),
      configure: (change, by) => {
        this.actions.push(`${change.kind} by ${by}`);
        return this.configured;
      },
    };
    // No reporter asks for a recording.
    return used as Backend;
  }

  #log(): Log {
    const write = (text: string | (() => string)) =>
      void this.logged.push(typeof text === "string" ? text : text());
    const log: Log = { error: write, warn: write, info: write, debug: () => {}, with: () => log };
    return log;
  }
}
