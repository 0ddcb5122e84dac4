/**
 * A place where hubs, branch and LAN run: this host or a virtual machine. Everything above works with commands and
 * files on a machine and does not know which of the two it is.
 */

export interface CommandOptions {
  /** Network namespace to run in; the machine's own when left out. */
  readonly netns?: string;
  /** What the command reads from standard input. */
  readonly input?: string | Uint8Array;
  /** Milliseconds until it is killed with everything it started; 30 000 for `exec`, none for `spawn`. */
  readonly timeout?: number;
  /** Added to the machine's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface CommandResult {
  /** Exit status; 128 and the signal's number when a signal ended it; 124 after the time-out. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command as words, or a text for `sh -c`. */
export type Command = readonly string[] | string;

/** A command that goes on running. */
export interface Process {
  readonly pid: number;
  /** What it has written so far to both of its outputs, in the order of arrival. */
  output(): string;
  /** Resolves with the exit status as in `CommandResult`. */
  readonly exited: Promise<number>;
  /** Sends a signal to the process itself; `SIGTERM` when none is named. */
  kill(signal?: NodeJS.Signals): void;
  write(input: string): void;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

/** A connection to a Unix socket of the machine; bytes as they are. */
export interface Connection {
  write(data: Uint8Array): void;
  end(): void;
}

export interface Machine {
  readonly kind: "host" | "vm";
  /** Runs a command to its end. Never rejects because the command failed: look at `code`. */
  exec(command: Command, options?: CommandOptions): Promise<CommandResult>;
  /** @throws {CommandFailed} when the status isn't 0. @returns its standard output. */
  must(command: Command, options?: CommandOptions): Promise<string>;
  spawn(command: Command, options?: CommandOptions): Promise<Process>;
  /** @returns undefined when there is no such file. */
  readFile(path: string): Promise<string | undefined>;
  /** Makes the folders on the way too. `mode` is 0o644 unless given. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /**
   * One HTTP request over a Unix socket of the machine.
   * @throws {Error} when nobody listens there.
   */
  http(socket: string, method: string, path: string, body?: string): Promise<HttpResponse>;
  /**
   * Connects to a Unix socket of the machine.
   * @param received gets what comes. @param over is called once: when the other side ends it, or when nobody listens.
   */
  connect(socket: string, received: (data: Uint8Array) => void, over: () => void): Connection;
  /** Ends all that was started through this connection. */
  close(): Promise<void>;
}

/** A command that had to work did not. */
export class CommandFailed extends Error {
  readonly result: CommandResult;

  constructor(command: Command, result: CommandResult) {
    const words = typeof command === "string" ? command : command.join(" ");
    const short = words.length > 200 ? `${words.slice(0, 200)} …` : words;
    super(`"${short}" ended with ${result.code}: ${result.stderr.trim() || result.stdout.trim()}`);
    this.name = "CommandFailed";
    this.result = result;
  }
}

/**
 * Asks again and again until the answer is something.
 * @param what completes "gave up waiting until …".
 * @param within milliseconds of real time.
 * @throws {Error} after `within`, with what `explain` says.
 */
export async function until<Value>(
  what: string,
  question: () => Promise<Value | undefined | false>,
  within: number,
  explain?: () => Promise<string>,
): Promise<Value> {
  const end = performance.now() + within;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) {
      const story = explain ? `\n${await explain()}` : "";
      throw new Error(`gave up waiting until ${what} (${within} ms)${story}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
