/**
 * Runs a program to its end or its time limit, without a shell, in a process group of its own of which nothing is left
 * behind. It gets no environment but PATH and what is given: ours may hold secrets. Source: `setsid(2)`, `kill(2)`.
 */
import { spawn } from "node:child_process";
import type { Duration } from "#lib/duration.ts";

export interface ScriptJob {
  /** A program, by its path or found in PATH, and its arguments. */
  readonly argv: readonly string[];
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
}

/** How it ended. */
export type ScriptEnd =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "timed-out" }
  | { readonly kind: "failed"; readonly why: string };

/** A program that runs. */
export interface RunningScript {
  /** What it wrote is cut at `MOST_OUTPUT` characters. Never rejects. */
  readonly ended: Promise<{ readonly end: ScriptEnd; readonly output: string }>;
  /** Ends it and all that it started, at once. */
  kill(): void;
}

/** Starts it. */
export function runScript({ argv, timeout, environment }: ScriptJob): RunningScript {
  const [program = "", ...words] = argv;
  const child = spawn(program, words, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? DEFAULT_PATH, LANG: "C", ...environment },
  });
  let output = "";
  let isLate = false;
  const take = (chunk: Buffer) => {
    if (output.length < MOST_OUTPUT) output = `${output}${chunk}`.slice(0, MOST_OUTPUT);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const kill = () => killGroup(child.pid);
  const closed = new Promise((resolve) => child.on("close", resolve));
  const ended = new Promise<ScriptEnd>((resolve) => {
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, timeout);
    const end = (how: ScriptEnd) => {
      clearTimeout(timer);
      resolve(how);
    };
    child.on("error", (error: NodeJS.ErrnoException) =>
      end({ kind: "failed", why: reasonOf(error) }),
    );
    child.on("exit", (status, signal) => {
      // What it started in the background and left would be nobody's.
      kill();
      if (isLate) end({ kind: "timed-out" });
      else if (signal) end({ kind: "killed", signal });
      else end({ kind: "exited", status: status ?? 0 });
    });
  });
  return {
    kill,
    ended: ended.then(async (end) => {
      await Promise.race([closed, grace()]);
      child.stdout.destroy();
      child.stderr.destroy();
      return { end, output: output.trim() };
    }),
  };
}

/** Somebody who left the process group may hold the pipes open for ever. */
function grace(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200).unref());
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file",
    EACCES: "it is not executable",
    ENOEXEC: "it is no program (does its first line name an interpreter?)",
  };
  return reasons[code ?? ""] ?? code ?? message;
}

/** Characters of output that are kept. */
const MOST_OUTPUT = 2_000;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
