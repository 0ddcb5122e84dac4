/** `flexspoke run`: takes the run directory, reads the configuration, starts the daemon and waits for its end. */
import { mkdirSync } from "node:fs";
import type { Log } from "#lib/log.ts";
import { startOfAppliance, withoutConfiguration } from "./appliance-start.ts";
import { systemClock } from "./clock.ts";
import { ConfigFiles } from "./config-files.ts";
import { Daemon } from "./daemon.ts";
import { firstConfiguration } from "./first-configuration.ts";
import { claim, release } from "./instance.ts";
import { type LogFormat, type LogLevel, openLog } from "./log.ts";

export interface RunOptions {
  readonly configFile: string;
  readonly runDir: string;
  readonly stateDir: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Takes one line for the operator who started it. */
  readonly complain: (line: string) => void;
}

/**
 * Runs until SIGTERM or SIGINT.
 * @returns the exit status: 0 after a clean end, 1 when it could not start, 2 for an invalid configuration.
 */
export async function runDaemon(options: RunOptions): Promise<number> {
  const { complain, runDir, stateDir } = options;
  const files = new ConfigFiles(options.configFile, stateDir);
  const now = systemClock.wall();
  const appliance = startOfAppliance(files, runDir, now, complain);
  const read = firstConfiguration(files, now, complain);
  const first = read.ok ? read : withoutConfiguration(appliance, files, now, read.error);
  if (!first.ok) {
    for (const line of first.error) complain(line);
    return 2;
  }
  for (const line of first.value.instead?.errors ?? []) complain(line);
  const log = await openLog({ level: options.logLevel, format: options.logFormat });
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const other = await claim(runDir);
    if (other !== undefined) {
      complain(`flexspoke runs already as process ${other} (stop it, or give another --run-dir)`);
      return 1;
    }
  } catch (error) {
    complain(
      `can't use the run or state directory: ${String(error)} (give --run-dir and --state-dir)`,
    );
    return 1;
  }
  const daemon = new Daemon({ ...options, files, log, clock: systemClock });
  dieOfDefects(daemon, log);
  const ended = endOf(daemon);
  await daemon.start(first.value, appliance);
  const reason = await ended;
  await daemon.stop(reason);
  appliance?.watchdog?.leave();
  release(runDir);
  return 0;
}

/**
 * A defect of our own ends the process: the supervisor starts it anew, the kernel carries on meanwhile, and the new
 * process settles what is there. No key outlives it in memory.
 */
function dieOfDefects(daemon: Daemon, log: Log): void {
  process.on("uncaughtException", (error) => {
    log.error(`defect, the daemon ends: ${error.stack ?? String(error)}`);
    daemon.wipe();
    process.exit(DEFECT_STATUS);
  });
}

/** EX_SOFTWARE of sysexits(3). */
const DEFECT_STATUS = 70;

/** Resolves with the reason when the process is asked to end; SIGHUP reloads until then. */
function endOf(daemon: Daemon): Promise<string> {
  process.on("SIGHUP", () => daemon.reload("SIGHUP"));
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => resolve(`stopped by ${signal}`));
    }
  });
}
