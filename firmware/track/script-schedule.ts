/**
 * When each script is to run next and which run is awaited. A script never runs twice at a time: one that takes longer
 * than its frequency delays its next run. It starts no process.
 */
import type { TrackTest } from "#config/resolved-track.ts";
import { Deadline, DeadlineHeap } from "#lib/deadline-heap.ts";
import { after, elapsed, type MonotonicMs, milliseconds } from "#lib/duration.ts";
import type { TrackAction } from "./actions.ts";
import type { ScriptRun } from "./inputs.ts";

type ScriptTest = Extract<TrackTest, { kind: "script" }>;

interface Script {
  readonly test: ScriptTest;
  readonly next: Deadline<string>;
  /** The run that is under way. */
  run?: ScriptRun;
  startedAt: MonotonicMs;
}

/** First runs follow each other at this distance, so that many scripts don't start in one instant. */
const STAGGER = milliseconds(20);

export class ScriptSchedule {
  readonly #scripts = new Map<string, Script>();
  readonly #owners = new Map<ScriptRun, string>();
  /** When which object's script is to run. */
  readonly #deadlines = new DeadlineHeap<string>();
  #lastRun = 0;
  #lastFirst: MonotonicMs | undefined;

  /** When the next script is due. */
  next(): MonotonicMs | undefined {
    return this.#deadlines.first()?.at;
  }

  /** A new script: its first run is due at once, or soon after that of the one before. */
  add(object: string, test: ScriptTest, now: MonotonicMs): void {
    const soonest = this.#lastFirst === undefined ? now : after(this.#lastFirst, STAGGER);
    const at = Math.max(now, soonest) as MonotonicMs;
    this.#lastFirst = at;
    const next = new Deadline(object);
    this.#scripts.set(object, { test, next, startedAt: now });
    this.#deadlines.arm(next, at);
  }

  /** @returns what ends the run that is under way. */
  remove(object: string): readonly TrackAction[] {
    const script = this.#scripts.get(object);
    if (!script) return [];
    const { run } = script;
    this.#scripts.delete(object);
    this.#deadlines.cancel(script.next);
    if (run === undefined) return [];
    this.#owners.delete(run);
    return [{ kind: "stop-script", run }];
  }

  /** @returns the runs that are to begin now. */
  startDue(now: MonotonicMs): readonly TrackAction[] {
    const actions: TrackAction[] = [];
    for (let next = this.#deadlines.first(); next && next.at <= now; ) {
      this.#deadlines.cancel(next);
      const script = this.#scripts.get(next.owner);
      if (script) actions.push(this.#start(next.owner, script, now));
      next = this.#deadlines.first();
    }
    return actions;
  }

  #start(object: string, script: Script, now: MonotonicMs): TrackAction {
    const run = ++this.#lastRun as ScriptRun;
    script.run = run;
    script.startedAt = now;
    this.#owners.set(run, object);
    const { argv, timeout } = script.test;
    return { kind: "run-script", run, object, argv, timeout };
  }

  /** A run has ended. @returns the object it was for; undefined when nobody waits for it. */
  end(run: ScriptRun, now: MonotonicMs): string | undefined {
    const object = this.#owners.get(run);
    const script = object === undefined ? undefined : this.#scripts.get(object);
    if (object === undefined || !script) return undefined;
    this.#owners.delete(run);
    delete script.run;
    const { frequency } = script.test;
    const late = elapsed(script.startedAt, now) >= frequency;
    this.#deadlines.arm(script.next, late ? now : after(script.startedAt, frequency));
    return object;
  }
}
