/** The latest time that is known to have been, kept over restarts of the machine: state/time.json. */
import path from "node:path";
import type { WallClock } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import { formatTime } from "#state/event-log.ts";
import type { SavedTime } from "#time/inputs.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

export class SavedTimeFile {
  readonly #file: string;
  readonly #boot: string | undefined;
  readonly #log: Log;
  #isTold = false;

  /** @param boot names this start of the machine. */
  constructor(stateDir: string, boot: string | undefined, log: Log) {
    this.#file = path.join(stateDir, "time.json");
    this.#boot = boot;
    this.#log = log;
  }

  /** What an earlier life of the process left; undefined when that is nothing that can be read. */
  read(): SavedTime | undefined {
    try {
      const text = readDurable(this.#file);
      if (text === undefined) return undefined;
      const { time, since, boot } = JSON.parse(text) as Record<string, unknown>;
      const when = typeof time === "string" ? Date.parse(time) : Number.NaN;
      if (Number.isNaN(when)) return undefined;
      const isSameBoot = this.#boot !== undefined && boot === this.#boot;
      const isKnown = since === "trusted" || since === "raised";
      return { time: when as WallClock, ...(isSameBoot && isKnown && { since }) };
    } catch (error) {
      this.#log.warn(`the saved time can't be read: ${String(error)}`, { file: this.#file });
      return undefined;
    }
  }

  /** Writes at once, safe from power loss. A full or broken disk is told of once and costs no tunnel. */
  write({ time, since }: SavedTime): void {
    const saved = { time: formatTime(time), since, boot: this.#boot };
    try {
      writeDurably(this.#file, `${JSON.stringify(saved)}\n`);
      this.#isTold = false;
    } catch (error) {
      if (!this.#isTold)
        this.#log.error(`the time can't be saved: ${String(error)}`, { file: this.#file });
      this.#isTold = true;
    }
  }
}
