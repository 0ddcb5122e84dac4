import { runCli } from "#cli/run-cli.ts";
import type { RunOptions } from "#cli/surroundings.ts";

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the daemon was started with. */
  readonly daemon: readonly RunOptions[];
}

interface Around {
  readonly env?: Readonly<Record<string, string>>;
  /** Exit status of the daemon. */
  readonly daemonStatus?: number;
}

/** Runs the command line in this process; `line` is split at blanks. */
export async function flexspoke(line: string, around: Around = {}): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const daemon: RunOptions[] = [];
  const status = await runCli({
    argv: line.split(" ").filter(Boolean),
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: around.env ?? {},
    runDaemon: (options) => {
      daemon.push(options);
      return Promise.resolve(around.daemonStatus ?? 0);
    },
    version: "0.1.0",
  });
  return { status, stdout, stderr, daemon };
}
