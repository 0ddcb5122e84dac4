/** One daemon a run directory: who holds it, taking it, giving it back. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { answers } from "#api/control-listener.ts";

export interface RunDirectory {
  readonly controlSocket: string;
  readonly pidFile: string;
}

export function runDirectory(folder: string): RunDirectory {
  return {
    controlSocket: path.join(folder, "control.sock"),
    pidFile: path.join(folder, "flexspoke.pid"),
  };
}

/**
 * Takes the run directory for this process; what a killed predecessor left there is removed.
 * @returns undefined, or the process id of the daemon that answers there already.
 */
export async function claim(folder: string): Promise<number | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { controlSocket, pidFile } = runDirectory(folder);
  if (await answers(controlSocket)) return Number(readFileSync(pidFile, "utf8"));
  rmSync(controlSocket, { force: true });
  writeFileSync(pidFile, `${process.pid}\n`);
  return undefined;
}

export function release(folder: string): void {
  const { controlSocket, pidFile } = runDirectory(folder);
  rmSync(controlSocket, { force: true });
  rmSync(pidFile, { force: true });
}
