import type { Readable } from "node:stream";
import { runCli } from "#cli/run-cli.ts";
import type { RunOptions } from "#cli/surroundings.ts";
import { replay } from "#daemon/replay.ts";

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
  /** Standard output is a terminal of so many columns. */
  readonly columns?: number;
  /** What is typed when a new password is asked for. */
  readonly password?: string;
  /** Called with all that was printed, whenever something is. */
  readonly onPrint?: (text: string) => void;
  /** What is piped in. */
  readonly stdin?: Readable;
  /** Ctrl-C. */
  readonly interrupt?: AbortSignal;
}

/** Runs the command line in this process at 09:40 of the example's day; `line` is split at blanks. */
export async function flexspoke(
  line: string | readonly string[],
  around: Around = {},
): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const daemon: RunOptions[] = [];
  const { columns } = around;
  const status = await runCli({
    argv: typeof line === "string" ? line.split(" ").filter(Boolean) : line,
    stdout: {
      write: (text) => {
        stdout += text;
        around.onPrint?.(stdout);
      },
      ...(columns !== undefined && { isTTY: true, columns }),
    },
    stderr: {
      write: (text) => {
        stderr += text;
        around.onPrint?.(stderr);
      },
    },
    onInterrupt: (end) => {
      around.interrupt?.addEventListener("abort", end);
      return () => around.interrupt?.removeEventListener("abort", end);
    },
    ...(around.stdin && { stdin: around.stdin }),
    env: around.env ?? {},
    now: () => Date.parse("2026-11-24T09:40:00.000Z"),
    runDaemon: (options) => {
      daemon.push(options);
      return Promise.resolve(around.daemonStatus ?? 0);
    },
    askPassword: () => Promise.resolve(around.password),
    replay: (recording) => Promise.resolve().then(() => replay(recording)),
    version: "0.1.0",
  });
  return { status, stdout, stderr, daemon };
}
