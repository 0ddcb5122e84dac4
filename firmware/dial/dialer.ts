/**
 * One dialer of the configuration: runs the table of `states.ts`, keeps its timers, and shows what it is doing. It
 * decides nothing itself and knows no other dialer.
 */
import { sameValue } from "#config/diff.ts";
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import { elapsed, type MonotonicMs } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import { invariant } from "#lib/invariant.ts";
import { clientSubject, dialerSubject, type EventSubject, trackSubject } from "#state/event.ts";
import type { DialAction } from "./actions.ts";
import { DialerEvents } from "./dialer-events.ts";
import { DialerMemory } from "./dialer-memory.ts";
import { DialerMoves } from "./dialer-moves.ts";
import type { DialerView } from "./dialer-view.ts";
import type { LineId } from "./line.ts";
import { type Trigger, transitionFor } from "./states.ts";

/** The machine of one dialer; `engine.ts` feeds it. */
export class Dialer {
  readonly #memory: DialerMemory;
  readonly #moves: DialerMoves;
  #told = "";

  constructor(
    config: ResolvedDialer,
    random: RandomSource,
    nextLine: () => LineId,
    now: MonotonicMs,
  ) {
    this.#memory = new DialerMemory(config, now);
    this.#moves = new DialerMoves(this.#memory, random, nextLine);
  }

  /** Runs of this dialer that are not over. */
  get lines(): readonly LineId[] {
    const { state } = this.#memory;
    if (!("line" in state)) return [];
    return state.status === "resetting" && state.stuck !== undefined
      ? [state.line, state.stuck]
      : [state.line];
  }

  /** Nothing of it runs. */
  get isQuiet(): boolean {
    return this.lines.length === 0;
  }

  /** Runs the row of the table for this trigger; a trigger without a row changes nothing. */
  take(trigger: Trigger, now: MonotonicMs): void {
    const row = transitionFor(this.#memory.state.status, trigger.on);
    if (!row) return;
    this.#memory.now = now;
    const move: (trigger: never) => void = this.#moves[row.run].bind(this.#moves);
    move(trigger as never);
    const { status } = this.#memory.state;
    invariant(row.to.includes(status), `${row.run} on ${row.on} led to ${status}`);
  }

  /** From now on it may dial. */
  start(now: MonotonicMs): void {
    this.#changeDemand(now, undefined, () => {
      this.#memory.isStarted = true;
    });
  }

  /** A client wants the line, or not any more. */
  demand(client: string, wanted: boolean, now: MonotonicMs): void {
    const { clients } = this.#memory;
    this.#changeDemand(now, clientSubject(client), () => {
      if (wanted) clients.add(client);
      else clients.delete(client);
    });
  }

  /** What is known of the track object that this dialer names; undefined while nothing is. */
  track(state: "up" | "down" | undefined, cause: EventSubject | undefined, now: MonotonicMs): void {
    const { demand } = this.#memory.config;
    const named = demand === "always" ? undefined : demand;
    const subject = cause ?? (named && trackSubject(named.track));
    this.#changeDemand(now, subject, () => {
      this.#memory.trackDemands = named !== undefined && state === named.state;
    });
  }

  /** The configuration of this dialer is another one now. */
  reconfigure(config: ResolvedDialer, now: MonotonicMs): void {
    const memory = this.#memory;
    const before = memory.config;
    if (sameValue(before, config)) {
      memory.config = config;
      return;
    }
    this.#changeDemand(now, undefined, () => {
      memory.config = config;
    });
    const events = new DialerEvents(config.name);
    this.#record(events.changed("changed in the configuration"));
    const isOther =
      !sameValue(before.line, config.line) ||
      before.interface !== config.interface ||
      before.metric !== config.metric;
    if (isOther)
      this.take({ on: "replaced", reason: "it is dialled in another way from now on" }, now);
  }

  /** It is gone from the configuration. */
  remove(now: MonotonicMs): void {
    const reason = "removed from the configuration";
    this.#record(new DialerEvents(this.#memory.config.name).changed(reason));
    this.#end({ on: "replaced", reason }, now);
  }

  /** It is in the configuration again before it was hung up. */
  revive(now: MonotonicMs): void {
    this.#changeDemand(now, undefined, () => {
      this.#memory.isEnding = false;
    });
  }

  shutDown(reason: string, now: MonotonicMs): void {
    this.#end({ on: "shut-down", reason }, now);
  }

  /** When a timer comes. */
  nextTimeout(): MonotonicMs | undefined {
    return this.#memory.deadlines.next();
  }

  /** Fires the timers whose time has come. */
  timeout(now: MonotonicMs): void {
    for (const timer of this.#memory.deadlines.due(now)) this.take({ on: timer }, now);
  }

  /** Takes what the moves made since the last call, with the news of another state when there is any. */
  drain(): readonly DialAction[] {
    const memory = this.#memory;
    const { config, state, why } = memory;
    const device = state.status === "connected" ? state.facts.interface : undefined;
    const shown = device ?? config.interface;
    const news: DialAction = {
      kind: "dialer-changed",
      dialer: config.name,
      state: state.status,
      ...(shown === undefined ? {} : { interface: shown }),
      why,
      cause: dialerSubject(config.name),
    };
    const told = JSON.stringify(news);
    if (told !== this.#told) memory.actions.push(news);
    this.#told = told;
    const { actions } = memory;
    memory.actions = [];
    return actions;
  }

  view(now: MonotonicMs): DialerView {
    const { config, state, since, why, counts, lastFailure, demanders, deadlines, level } =
      this.#memory;
    const held = state.status === "connected" ? elapsed(state.since, now) : 0;
    const device = (state.status === "connected" && state.facts.interface) || config.interface;
    const hangUpAt = deadlines.at("idle");
    return {
      name: config.name,
      kind: config.line.kind,
      status: state.status,
      since,
      why,
      ...(device === undefined ? {} : { interface: device }),
      ...(state.status === "connected" ? { connectedSince: state.since, facts: state.facts } : {}),
      ...(state.status === "backoff" ? { retryAt: state.until } : {}),
      ...(hangUpAt === undefined ? {} : { hangUpAt }),
      demandedBy: demanders,
      attempts: counts.attempts,
      failures: counts.failures,
      failuresInARow: level,
      connections: counts.connections,
      resets: counts.resets,
      connectedMs: counts.connectedMs + held,
      ...(lastFailure === undefined ? {} : { lastFailure }),
    };
  }

  /** Makes a change to who demands the line, and tells the table when the first one came or the last one went. */
  #changeDemand(now: MonotonicMs, cause: EventSubject | undefined, change: () => void): void {
    const before = this.#memory.isDemanded;
    change();
    const { isDemanded } = this.#memory;
    if (isDemanded && !before) this.take({ on: "demanded", cause }, now);
    if (!isDemanded && before) this.take({ on: "released", cause }, now);
  }

  #end(trigger: Extract<Trigger, { on: "replaced" | "shut-down" }>, now: MonotonicMs): void {
    this.#memory.isEnding = true;
    this.take(trigger, now);
  }

  #record(event: ReturnType<DialerEvents["changed"]>): void {
    this.#memory.actions.push({ kind: "event", event });
  }
}
