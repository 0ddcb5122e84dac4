import type { Readable } from "node:stream";
import type { ReplayReport } from "./replay-report.ts";

/** What a command has around it instead of `process`. */
export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What is piped in; left out, nothing can be. */
  readonly stdin?: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For `--version`; left out, there is no such option. */
  readonly version?: string;
  /** Milliseconds since 1970; that of the machine where it is left out. */
  readonly now?: () => number;
  /** Calls `end` once the person has had enough (Ctrl-C); nobody can where it is left out. @returns what lets go. */
  readonly onInterrupt?: (end: () => void) => () => void;
  /** Runs the daemon until it ends. @returns the exit status. */
  readonly runDaemon: (options: RunOptions) => Promise<number>;
  /** Runs a recording again. @throws an error whose message says why it is none. */
  readonly replay?: (recording: string) => Promise<ReplayReport>;
  /** Asks for a new password; undefined when none was given, or not twice the same. */
  readonly askPassword?: (user: string) => Promise<string | undefined>;
}

export interface Output {
  write(text: string): unknown;
  /** A person looks at it, on a terminal of so many columns. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What `flexspoke run` was asked for. */
export interface RunOptions {
  readonly configFile: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly logLevel: "error" | "warn" | "info" | "debug";
  readonly logFormat: "text" | "json";
}

export const defaultConfigFile = "/etc/flexspoke/config.yaml";

/** Options that every command takes. */
export interface FolderOptions {
  readonly runDir?: string;
  readonly stateDir?: string;
}

/** Run-time folder: option, environment, default. */
export function runDir(options: FolderOptions, { env }: Pick<Surroundings, "env">): string {
  const { FLEXSPOKE_RUN_DIR: fromEnvironment } = env;
  return options.runDir ?? (fromEnvironment || "/run/flexspoke");
}

/** Folder of what outlives a reboot: option, environment, default. */
export function stateDir(options: FolderOptions, { env }: Pick<Surroundings, "env">): string {
  const { FLEXSPOKE_STATE_DIR: fromEnvironment } = env;
  return options.stateDir ?? (fromEnvironment || "/var/lib/flexspoke");
}

/** Does what has no end of its own, until the person has had enough. */
export async function untilInterrupted(
  { onInterrupt }: Pick<Surroundings, "onInterrupt">,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const letGo = onInterrupt?.(() => controller.abort());
  try {
    await work(controller.signal);
  } finally {
    letGo?.();
  }
}
