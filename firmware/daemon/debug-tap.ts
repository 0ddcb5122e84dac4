/**
 * Watches the loop while somebody wants to see: inputs, decisions and IKE messages as lines of text. With nobody there it
 * watches nothing and costs nothing.
 */
import type { IkeAction } from "#ike/actions.ts";
import type { IkeInput } from "#ike/inputs.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import { type DebugArea, type DebugCondition, type DebugLine, meets } from "#state/debug.ts";
import { formatTime } from "#state/event-log.ts";
import { describeEngine, type Said } from "./debug-engines.ts";
import { describeIke, IkeTrace } from "./debug-ike.ts";
import type { Loop } from "./loop.ts";
import type { Services } from "./services.ts";

type Listener = (line: DebugLine) => void;

/** Who may watch at a time: each costs as much as all that happens. */
const MOST_LISTENERS = 8;

export class DebugTap {
  readonly #listeners = new Map<Listener, DebugCondition>();
  #loop: Loop | undefined;
  #services: Services | undefined;
  #stop: (() => void) | undefined;

  /** What it watches from the first listener on. */
  attach(loop: Loop, services: Services): void {
    this.#loop = loop;
    this.#services = services;
  }

  /**
   * Calls `listener` for each line that meets the condition.
   * @returns what ends it; undefined when too many watch already.
   */
  listen(condition: DebugCondition, listener: Listener): (() => void) | undefined {
    if (this.#listeners.size >= MOST_LISTENERS) return undefined;
    this.#listeners.set(listener, condition);
    this.#stop ??= this.#watch();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  /** A log whose debug lines are seen by those who watch `area`, whatever the log's own level. */
  tapped(log: Log, area: DebugArea): Log {
    return {
      ...log,
      debug: (text, fields) => {
        log.debug(text, fields);
        if (this.#wants(area))
          this.#tell(undefined, { area, text: typeof text === "string" ? text : text() });
      },
      with: (fields) => this.tapped(log.with(fields), area),
    };
  }

  #watch(): (() => void) | undefined {
    const services = this.#services;
    if (!services) return undefined;
    const trace = new IkeTrace(services.ike);
    trace.begin(services.clock.now());
    const end = this.#loop?.observe((part, input, actions, now) => {
      const said =
        part === "ike"
          ? describeIke(trace, input as IkeInput, actions as readonly IkeAction[], now)
          : describeEngine(part, input, actions);
      for (const one of said) if (this.#wants(one.area)) this.#tell(now, one);
    });
    return () => {
      end?.();
      trace.end();
    };
  }

  #wants(area: DebugArea): boolean {
    for (const { areas } of this.#listeners.values()) if (areas.includes(area)) return true;
    return false;
  }

  #tell(now: MonotonicMs | undefined, said: Said): void {
    const { calendar, clock } = this.#services ?? {};
    if (!calendar || !clock) return;
    const line = { time: formatTime(calendar.at(now ?? clock.now())), ...said };
    for (const [listener, condition] of this.#listeners) if (meets(line, condition)) listener(line);
  }
}
