/**
 * Lines that programs of the operator take up and down. With `down`, `up` ends when it has done its work, as ifup does;
 * without it, the line lasts as long as `up` runs, as with wvdial. Where the interface is known the line is up when that
 * has an address, and lost when it has none any more.
 */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import type { LineEnd } from "#dial/line.ts";
import { seconds } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { Program, type ProgramEnd } from "./program.ts";
import { type DialTools, done, type Run, type RunListener, terminated } from "./run.ts";
import { markOf, RunRecord } from "./run-record.ts";

/** How long `up` may take to end when asked to, before it is killed and `down` clears up after it. */
const UP_FAREWELL = seconds(2);

/** Starts the commands of a dialer. */
export function dialCommands(dialer: ResolvedDialer, tools: DialTools, listener: RunListener): Run {
  return new CommandRun(dialer, tools, listener);
}

class CommandRun implements Run {
  readonly #dialer: ResolvedDialer;
  readonly #tools: DialTools;
  readonly #listener: RunListener;
  readonly #record: RunRecord;
  readonly #down: readonly string[] | undefined;
  #phase: "up" | "settling" | "connected" | "down" = "up";
  #program: Program | undefined;
  #killed = false;
  /** Why it ends; undefined while it is not to. */
  #end: LineEnd | undefined;

  constructor(dialer: ResolvedDialer, tools: DialTools, listener: RunListener) {
    const { line, interface: device } = dialer;
    invariant(line.kind === "commands", "a line of commands");
    const { up, down } = line;
    this.#dialer = dialer;
    this.#tools = tools;
    this.#listener = listener;
    this.#down = down;
    this.#record = RunRecord.begin(tools.recordDir, dialer.name, {
      kind: line.kind,
      ...(device === undefined ? {} : { interface: device }),
      ...(down === undefined ? {} : { down }),
    });
    this.#run("up", up, (end, said) => this.#upEnded(end, said));
    this.interfacesChanged();
  }

  hangUp(): void {
    this.#stop(terminated);
  }

  kill(): void {
    this.#killed = true;
    this.#program?.signal("SIGKILL");
  }

  interfacesChanged(): void {
    const { interface: device } = this.#dialer;
    if (device === undefined) return;
    const state = this.#tools.readInterface(device);
    const isUsable = state?.isUp === true && state.addresses.length > 0;
    const waits = this.#phase === "settling" || (this.#phase === "up" && !this.#down);
    if (isUsable && waits) this.#connected(state.addresses);
    if (!isUsable && this.#phase === "connected")
      this.#stop({
        code: "dial.interface-down",
        message: `${device} went down or lost its address`,
      });
  }

  #upEnded(end: ProgramEnd, said: string | undefined): void {
    if (end.status === 0 && this.#down && !this.#end) {
      this.#phase = "settling";
      if (this.#dialer.interface === undefined) this.#connected([]);
      else this.interfacesChanged();
      return;
    }
    this.#end ??= end.status === 0 ? done : failure("the up command", end, said);
    this.#takeDown();
  }

  #connected(addresses: readonly string[]): void {
    const { interface: device } = this.#dialer;
    this.#phase = "connected";
    this.#listener.up({ ...(device === undefined ? {} : { interface: device }), addresses });
  }

  #stop(end: LineEnd): void {
    if (this.#end) return;
    this.#end = end;
    const program = this.#program;
    if (!program) {
      this.#takeDown();
      return;
    }
    program.signal("SIGTERM");
    if (!this.#down) return;
    const timer = setTimeout(() => {
      if (this.#program === program) program.signal("SIGKILL");
    }, UP_FAREWELL);
    timer.unref();
  }

  #takeDown(): void {
    if (!this.#down || this.#killed) {
      this.#over();
      return;
    }
    this.#run("down", this.#down, (end, said) => {
      if (end.status !== 0 && !this.#killed)
        this.#tools.log.warn(failure("the down command", end, said).message, {
          dialer: this.#dialer.name,
        });
      this.#over();
    });
  }

  #over(): void {
    const end = this.#end ?? done;
    this.#record.end();
    // Never within the call that hung it up.
    queueMicrotask(() => this.#listener.ended(end));
  }

  #run(
    phase: "up" | "down",
    argv: readonly string[],
    ended: (end: ProgramEnd, said: string | undefined) => void,
  ): void {
    const { name, interface: device } = this.#dialer;
    const log = this.#tools.log.with({ dialer: name });
    let said: string | undefined;
    this.#phase = phase;
    this.#program = new Program({
      argv,
      path: this.#tools.path,
      env: {
        ...markOf(this.#tools.recordDir, name),
        ...(device === undefined ? {} : { FLEXSPOKE_INTERFACE: device }),
      },
      onLine: (line) => {
        log.debug(line);
        said = line;
      },
      onEnd: (end) => {
        this.#program = undefined;
        ended(end, said);
      },
    });
    this.#record.started(this.#program.pid);
  }
}

/** @param said its last line. */
export function failure(what: string, end: ProgramEnd, said: string | undefined): LineEnd {
  const words = said === undefined ? "" : `: ${said}`;
  if (end.error !== undefined)
    return {
      code: "dial.program-missing",
      message: `${what} could not be started (${end.error})`,
      remedy: "correct its path, and make it executable",
    };
  const how = end.status === undefined ? `was ended by ${end.signal}` : `ended with ${end.status}`;
  return { code: "dial.command-failed", message: `${what} ${how}${words}` };
}
