/** What those who dial have in common: a run is told to end, tells when its line is up, and tells once that it is over. */
import type { LineEnd, LineFacts } from "#dial/line.ts";
import type { Log } from "#lib/log.ts";
import type { InterfaceState } from "../kernel/interfaces.ts";

/** One run of a dialer, from its start until it has told `ended`. */
export interface Run {
  /** Asks it to end. Harmless when said again. */
  hangUp(): void;
  /** Ends it by force. */
  kill(): void;
  /** Interfaces of the machine changed: it may look whether its own is up. */
  interfacesChanged(): void;
}

export interface RunListener {
  /** The line is up; again when what is known of it changed. */
  up(facts: LineFacts): void;
  /** Nothing of the run is left. Told once, last, and never within the call that started the run. */
  ended(end: LineEnd): void;
}

/** What runs need of their surroundings. */
export interface DialTools {
  readonly log: Log;
  /** Where programs are looked for, as PATH has it. */
  readonly path: string;
  /** Folder of the records of runs; see `run-record.ts`. */
  readonly recordDir: string;
  readInterface(name: string): InterfaceState | undefined;
}

/** What ended with success and was not asked to be up. */
export const done: LineEnd = { code: "dial.done", message: "done" };
/** What ended because it was asked to. */
export const terminated: LineEnd = { code: "dial.terminated", message: "hung up" };
