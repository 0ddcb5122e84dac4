/**
 * The configuration on disk: the operator's file, the text that last connected the branch, and the note of a trial that is
 * under way. Nothing is ever half-written, and what an operator wrote is put aside before it is replaced.
 */
import { realpathSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { TrialRecord } from "#guard/actions.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

/** What a next life must know of a configuration on trial. */
export interface PendingTrial extends TrialRecord {
  /** Text that was in force before. */
  readonly before: string;
  /** Starts of the process during the trial. */
  readonly starts: number;
}

export class ConfigFiles {
  readonly file: string;
  readonly #good: string;
  readonly #trial: string;

  /**
   * @param file the operator's configuration.
   * @param stateDir need not exist before something is written.
   */
  constructor(file: string, stateDir: string) {
    this.file = path.resolve(file);
    this.#good = path.join(stateDir, "known-good.json");
    this.#trial = path.join(stateDir, "trial.json");
  }

  /** Where a text that was undone is put aside. */
  get undoneFile(): string {
    return `${this.file}.undone`;
  }

  /** @throws {NodeJS.ErrnoException} when it can't be read. */
  read(): string | undefined {
    return readDurable(this.file);
  }

  /** Replaces the operator's file, keeping its mode and, if it is a link, where it leads. @throws {NodeJS.ErrnoException} */
  write(text: string): void {
    const target = this.#target();
    const mode = target === undefined ? undefined : statSync(target).mode & 0o777;
    writeDurably(target ?? this.file, text, mode);
  }

  /** Puts aside what the operator's file says now and writes `text` in its place. @throws {NodeJS.ErrnoException} */
  restore(text: string): void {
    const failed = this.read();
    if (failed === text) return;
    if (failed !== undefined) writeDurably(this.undoneFile, failed);
    this.write(text);
  }

  /** The text of this very file that last connected the branch; undefined when there is none. */
  knownGood(): string | undefined {
    const kept = this.#document<{ file?: unknown; text?: unknown }>(this.#good);
    return kept?.file === this.file && typeof kept.text === "string" ? kept.text : undefined;
  }

  /** @throws {NodeJS.ErrnoException} */
  keep(text: string): void {
    if (this.knownGood() === text) return;
    writeDurably(this.#good, JSON.stringify({ file: this.file, text }));
  }

  pendingTrial(): PendingTrial | undefined {
    const trial = this.#document<PendingTrial & { file?: unknown }>(this.#trial);
    return trial?.file === this.file && typeof trial.before === "string" ? trial : undefined;
  }

  /** Undefined when the trial is over. @throws {NodeJS.ErrnoException} */
  noteTrial(trial: PendingTrial | undefined): void {
    if (trial) writeDurably(this.#trial, JSON.stringify({ file: this.file, ...trial }));
    else rmSync(this.#trial, { force: true });
  }

  #target(): string | undefined {
    try {
      return realpathSync(this.file);
    } catch {
      return undefined;
    }
  }

  /** A damaged document is as good as none: it is of our own making, and the operator's file is still there. */
  #document<Shape>(file: string): Shape | undefined {
    try {
      const text = readDurable(file);
      return text === undefined ? undefined : (JSON.parse(text) as Shape);
    } catch {
      return undefined;
    }
  }
}
