/**
 * One program in a process group of its own: its lines, its end, and signals to all that it started. It doesn't know what
 * the program does. Nothing secret is in its arguments or its environment. Source: setpgid(2), kill(2)
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { SecretBytes } from "#lib/secret.ts";

export interface ProgramOptions {
  /** Program and arguments; no shell looks at them. */
  readonly argv: readonly string[];
  /** PATH of the program; nothing else of our own environment is handed on. */
  readonly path: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to descriptor 3, which is closed after it. */
  readonly secret?: SecretBytes;
  /** Gets each line of both outputs, without its end, cut to `longestLine` characters, 400 unless given. */
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
  readonly longestLine?: number;
  /** Told once, when the program is gone, or could not be started. Never within the constructor. */
  readonly onEnd: (end: ProgramEnd) => void;
}

export interface ProgramEnd {
  /** Exit status; undefined when a signal ended it or it could not be started. */
  readonly status?: number;
  readonly signal?: string;
  /** Why it could not be started: `ENOENT`, `EACCES`, … */
  readonly error?: string;
}

export class Program {
  readonly #child: ChildProcess;
  #isOver = false;

  constructor(options: ProgramOptions) {
    const { argv, path, env, secret, onEnd } = options;
    const [program = "", ...rest] = argv;
    this.#child = spawn(program, rest, {
      detached: true,
      env: { ...env, PATH: path, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe", ...(secret ? (["pipe"] as const) : [])],
    });
    this.#child.on("error", (error: NodeJS.ErrnoException) => {
      // A signal that could not be sent is told here as well: the program runs on.
      if (this.#child.pid === undefined) this.#end({ error: error.code ?? error.message }, onEnd);
    });
    // Not "close": what the program left behind may hold its outputs open for ever.
    this.#child.on("exit", (status, signal) => {
      const end = {
        ...(status === null ? {} : { status }),
        ...(signal === null ? {} : { signal }),
      };
      // What it wrote last is read before its end is told.
      setTimeout(() => this.#end(end, onEnd), LAST_WORDS_MS);
    });
    const { onLine } = options;
    for (const from of ["stdout", "stderr"] as const) {
      const stream = this.#child[from];
      if (!stream) continue;
      stream.on("error", () => {});
      const longest = options.longestLine ?? LONGEST_LINE;
      if (onLine) eachLine(stream, longest, (line) => onLine(line, from));
      else stream.resume();
    }
    if (secret) hand(this.#child.stdio[3] as Writable, secret);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a signal to the program and all that it started and that stayed in its group. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  #end(end: ProgramEnd, onEnd: (end: ProgramEnd) => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    onEnd(end);
  }
}

/** Sends a signal to a process group. @returns false when there is no such group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function hand(pipe: Writable, secret: SecretBytes): void {
  // The program may end without having read it.
  pipe.on("error", () => {});
  const copy = Buffer.from(secret.reveal());
  pipe.end(copy, () => copy.fill(0));
}

function eachLine(
  stream: NodeJS.ReadableStream,
  longest: number,
  take: (line: string) => void,
): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = (lines.pop() ?? "").slice(0, longest);
    for (const line of lines) if (line !== "") take(line.slice(0, longest));
  });
  stream.on("end", () => {
    if (rest !== "") take(rest);
  });
}

const LONGEST_LINE = 400;
const LAST_WORDS_MS = 50;
