/**
 * Notes in the run directory which runs there are, so that a daemon that follows a killed one finds them. One file a
 * dialer; it is there before the program is started and goes when nothing of the run is left. No secret is in it.
 * Source: proc(5)
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DialLine } from "#config/resolved-dialer.ts";

/** What has to be known of a run to end it. */
export interface RunNote {
  readonly kind: DialLine["kind"];
  readonly interface?: string;
  /** The program that takes the line down. */
  readonly down?: readonly string[];
  /** Of ModemManager, as `mmcli -m` takes it. */
  readonly modem?: string;
  /** The program that runs, and the clock tick of its start, which tells it from another that got its number. */
  readonly pid?: number;
  readonly started?: string;
}

/** The record of one run. */
export class RunRecord {
  readonly #file: string;
  #note: RunNote;

  private constructor(file: string, note: RunNote) {
    this.#file = file;
    this.#note = note;
    this.#write();
  }

  /** Notes that a run begins. Call it before the program is started. */
  static begin(folder: string, dialer: string, note: RunNote): RunRecord {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return new RunRecord(path.join(folder, `${dialer}.json`), note);
  }

  /** Notes the program that runs now. */
  started(pid: number | undefined): void {
    if (pid === undefined) return;
    const started = startOf(pid);
    this.add({ pid, ...(started === undefined ? {} : { started }) });
  }

  add(more: Partial<RunNote>): void {
    this.#note = { ...this.#note, ...more };
    this.#write();
  }

  /** Nothing of the run is left. */
  end(): void {
    rmSync(this.#file, { force: true });
  }

  #write(): void {
    const draft = `${this.#file}.new`;
    writeFileSync(draft, JSON.stringify(this.#note), { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

/** The records that are there, by dialer; a broken one is removed. */
export function readRecords(folder: string): ReadonlyMap<string, RunNote> {
  const notes = new Map<string, RunNote>();
  for (const name of filesOf(folder)) {
    const file = path.join(folder, name);
    const dialer = /^(.*)\.json$/.exec(name)?.[1];
    const note = dialer === undefined ? undefined : parse(file);
    if (dialer === undefined || note === undefined) rmSync(file, { force: true });
    else notes.set(dialer, note);
  }
  return notes;
}

/** Removes the record of a run that turned out to be over. */
export function removeRecord(folder: string, dialer: string): void {
  rmSync(path.join(folder, `${dialer}.json`), { force: true });
}

/** What the environment of a run's program says: whose it is. Found again in /proc/PID/environ. */
export function markOf(folder: string, dialer: string): Readonly<Record<string, string>> {
  return { FLEXSPOKE_DIALER: dialer, FLEXSPOKE_RUNS: folder };
}

/**
 * The programs of a run that still exist: the one of the note, or, when the daemon was killed before it could note it,
 * those that carry the dialer's mark.
 */
export function livingPrograms(folder: string, dialer: string, note: RunNote): readonly number[] {
  if (note.pid !== undefined)
    return note.started !== undefined && startOf(note.pid) === note.started ? [note.pid] : [];
  const marks = Object.entries(markOf(folder, dialer)).map(([key, value]) => `${key}=${value}`);
  return filesOf("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const environment = readText(`/proc/${pid}/environ`)?.split("\0") ?? [];
      return marks.every((mark) => environment.includes(mark));
    })
    .map(Number);
}

/** Start time of a process in clock ticks since boot; undefined when there is none, or it is a zombie. proc(5): stat */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The name of the program is in parentheses and may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

function parse(file: string): RunNote | undefined {
  try {
    return JSON.parse(readText(file) ?? "") as RunNote;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** A process may go while it is looked at. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
