/** Carries what the dial engine asks for to those who dial, and what they tell back to the engine. It decides nothing. */
import path from "node:path";
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import type { DialAction } from "#dial/actions.ts";
import { DialEngine } from "#dial/engine.ts";
import type { DialInput } from "#dial/inputs.ts";
import type { LineId } from "#dial/line.ts";
import { assertNever } from "#lib/assert-never.ts";
import { type MonotonicMs, seconds } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { Log } from "#lib/log.ts";
import { startDial } from "#linux/dial/dial.ts";
import { endLeftover, isLeft } from "#linux/dial/leftover.ts";
import { resetModem } from "#linux/dial/reset-modem.ts";
import type { DialTools, Run, RunListener } from "#linux/dial/run.ts";
import { type RunNote, readRecords } from "#linux/dial/run-record.ts";
import { readTraffic } from "#linux/kernel/interface-traffic.ts";
import { readInterface } from "#linux/kernel/interfaces.ts";
import { dialerStates } from "#state/build-dialer-state.ts";
import type { DialerState } from "#state/dialer-state.ts";
import type { EventDraft } from "#state/event.ts";
import type { Calendar } from "./clock.ts";

/** How long hanging up may take when the daemon ends; what then still runs is ended by the next one. */
const FAREWELL = seconds(12);
/** What an earlier daemon left for a dialer that is not configured any more is killed when it did not end by then. */
const LEFTOVER_GRACE = seconds(5);

/** What the dialers need of the daemon. */
export interface DialSurroundings {
  readonly runDir: string;
  readonly log: Log;
  readonly random: RandomSource;
  give(input: DialInput): void;
  record(event: EventDraft): void;
  /** Hears of every dialer that is in another state. */
  changed(action: Extract<DialAction, { kind: "dialer-changed" }>): void;
  /** A line is up with these name servers, or without `servers` down. */
  nameServers(device: string, metric: number, servers: readonly string[] | undefined): void;
}

export class Dialers {
  readonly engine: DialEngine;
  readonly #around: DialSurroundings;
  readonly #tools: DialTools;
  readonly #runs = new Map<LineId, Run>();
  #leftovers: ReadonlyMap<string, RunNote> = new Map();
  #quiet: () => void = () => {};

  constructor(around: DialSurroundings) {
    const { PATH = "" } = process.env;
    this.engine = new DialEngine(around.random);
    this.#around = around;
    this.#tools = {
      log: around.log,
      path: `${PATH}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      recordDir: path.join(around.runDir, "dialers"),
      readInterface,
    };
  }

  /** Looks for what an earlier daemon left; then the dialers may dial. */
  start(dialers: Readonly<Record<string, ResolvedDialer>>): void {
    const { give } = this.#around;
    give({ kind: "configure", dialers });
    this.#leftovers = readRecords(this.#tools.recordDir);
    for (const [name, note] of this.#leftovers) {
      if (!isLeft(name, note, this.#tools)) continue;
      if (Object.hasOwn(dialers, name)) give({ kind: "leftover", dialer: name });
      else this.#endOrphan(name, note);
    }
    give({ kind: "start" });
  }

  /** The machine's interfaces are not as they were. */
  interfacesChanged(): void {
    for (const run of [...this.#runs.values()]) run.interfacesChanged();
  }

  /** Hangs everything up. @returns when it is done, or has taken too long. */
  async stop(reason: string): Promise<void> {
    const quiet = new Promise<void>((resolve) => {
      this.#quiet = resolve;
    });
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, FAREWELL).unref());
    this.#around.give({ kind: "shut-down", reason });
    this.settle();
    await Promise.race([quiet, deadline]);
  }

  /** Call it whenever no input waits any more. */
  settle(): void {
    if (this.engine.isQuiet) this.#quiet();
  }

  states(now: MonotonicMs, calendar: Calendar): Readonly<Record<string, DialerState>> {
    const views = this.engine.views(now);
    const traffic = views.flatMap(({ status, interface: device }) => {
      const read = status === "connected" && device !== undefined ? readTraffic(device) : undefined;
      return read && device !== undefined ? [[device, read] as const] : [];
    });
    return dialerStates(views, new Map(traffic), (instant) => calendar.at(instant));
  }

  perform(action: DialAction): void {
    switch (action.kind) {
      case "dial":
        this.#dial(action);
        return;
      case "reset":
        this.#start(action.line, (listener) => resetModem(action.dialer, this.#tools, listener));
        return;
      case "recover":
        this.#recover(action);
        return;
      case "hang-up":
        this.#runs.get(action.line)?.hangUp();
        return;
      case "kill":
        this.#runs.get(action.line)?.kill();
        return;
      case "dialer-changed":
        this.#around.changed(action);
        return;
      case "event":
        this.#around.record(action.event);
        return;
      default:
        assertNever(action);
    }
  }

  #dial({ line, dialer }: Extract<DialAction, { kind: "dial" }>): void {
    const { nameServers } = this.#around;
    let device = dialer.interface;
    this.#start(line, (listener) =>
      startDial(dialer, this.#tools, {
        up: (facts) => {
          device = facts.interface ?? device;
          if (device !== undefined) nameServers(device, dialer.metric, facts.dns ?? []);
          listener.up(facts);
        },
        ended: (end) => {
          if (device !== undefined) nameServers(device, dialer.metric, undefined);
          listener.ended(end);
        },
      }),
    );
  }

  #recover({ line, dialer: { name } }: Extract<DialAction, { kind: "recover" }>): void {
    const note = this.#leftovers.get(name);
    if (!note) return;
    this.#start(line, (listener) => endLeftover(name, note, this.#tools, listener));
  }

  #endOrphan(name: string, note: RunNote): void {
    this.#around.log.info(
      `hangs up what was dialled for ${name}, which is not configured any more`,
    );
    const run = endLeftover(name, note, this.#tools, { up: () => {}, ended: () => {} });
    setTimeout(() => run.kill(), LEFTOVER_GRACE).unref();
  }

  #start(line: LineId, begin: (listener: RunListener) => Run): void {
    const { give } = this.#around;
    const run = begin({
      up: (facts) => give({ kind: "line-up", line, facts }),
      ended: (end) => {
        this.#runs.delete(line);
        give({ kind: "line-ended", line, end });
      },
    });
    this.#runs.set(line, run);
  }
}
