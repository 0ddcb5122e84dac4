/** A `Machine` spoken to by frames, whatever carries them. */
import type { Reply, Request } from "./frames.ts";
import {
  type Command,
  CommandFailed,
  type CommandOptions,
  type CommandResult,
  type Connection,
  type HttpResponse,
  type Machine,
  type Process,
} from "./machine.ts";

/** What carries frames to the process runner. */
export interface Carrier {
  send(request: Request): void;
  close(): Promise<void>;
}

type Listener = (reply: Reply) => void;

export class RemoteMachine implements Machine {
  readonly kind: "host" | "vm";
  readonly #carrier: Carrier;
  readonly #listeners = new Map<string, Listener>();
  #lastId = 0;

  /** @param connect gives the carrier, and from then on every reply to the function it is handed. */
  constructor(kind: "host" | "vm", connect: (take: Listener) => Carrier) {
    this.kind = kind;
    this.#carrier = connect((reply) => this.#listeners.get(reply.id)?.(reply));
  }

  async exec(command: Command, options: CommandOptions = {}): Promise<CommandResult> {
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const code = await new Promise<number>((resolve, reject) => {
      this.#run(command, { timeout: 30_000, ...options }, false, (reply) => {
        if (reply.is === "output") output[reply.stream].push(Buffer.from(reply.data, "base64"));
        if (reply.is === "exit") resolve(reply.code);
        if (reply.is === "fault") reject(new Error(reply.message));
      });
    });
    const whole = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
    return { code, stdout: whole(output.stdout), stderr: whole(output.stderr) };
  }

  async must(command: Command, options?: CommandOptions): Promise<string> {
    const result = await this.exec(command, options);
    if (result.code !== 0) throw new CommandFailed(command, result);
    return result.stdout;
  }

  spawn(command: Command, options: CommandOptions = {}): Promise<Process> {
    let written = "";
    let ended: (code: number) => void;
    const exited = new Promise<number>((resolve) => {
      ended = resolve;
    });
    return new Promise((resolve, reject) => {
      const id = this.#run(command, options, true, (reply) => {
        if (reply.is === "output") written += text(reply.data);
        if (reply.is === "exit") ended(reply.code);
        if (reply.is === "fault") reject(new Error(reply.message));
        if (reply.is !== "started") return;
        resolve({
          pid: reply.pid,
          output: () => written,
          exited,
          kill: (signal = "SIGTERM") => this.#carrier.send({ id, do: "signal", signal }),
          write: (input) => this.#carrier.send({ id, do: "input", data: base64(input) }),
        });
      });
    });
  }

  async readFile(path: string): Promise<string | undefined> {
    const { data } = await this.#ask((id) => ({ id, do: "read", path }));
    return data === undefined ? undefined : text(data);
  }

  async writeFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    await this.#ask((id) => ({ id, do: "write", path, data: base64(content), mode }));
  }

  async http(socket: string, method: string, path: string, body?: string): Promise<HttpResponse> {
    const { data, status } = await this.#ask((id) => ({
      ...{ id, do: "http", socket, method, path },
      ...(body === undefined ? {} : { body }),
    }));
    return { status: status ?? 0, body: text(data ?? "") };
  }

  connect(socket: string, received: (data: Uint8Array) => void, over: () => void): Connection {
    const id = this.#listen((reply) => {
      if (reply.is === "output") received(Buffer.from(reply.data, "base64"));
      if (reply.is === "exit" || reply.is === "fault") over();
    });
    this.#carrier.send({ id, do: "connect", socket });
    return {
      write: (data) => this.#carrier.send({ id, do: "input", data: base64(data) }),
      end: () => this.#carrier.send({ id, do: "end" }),
    };
  }

  async close(): Promise<void> {
    this.#carrier.send({ id: "", do: "hang-up" });
    await this.#carrier.close();
  }

  #run(command: Command, options: CommandOptions, keepInput: boolean, listener: Listener): string {
    const id = this.#listen(listener);
    const { input, ...rest } = options;
    this.#carrier.send({
      id,
      do: "run",
      argv: typeof command === "string" ? ["sh", "-c", command] : command,
      ...rest,
      ...(input === undefined ? {} : { input: base64(input) }),
      keepInput,
    });
    return id;
  }

  #ask(request: (id: string) => Request): Promise<{ data?: string; status?: number }> {
    return new Promise((resolve, reject) => {
      const id = this.#listen((reply) => {
        if (reply.is === "done") resolve(reply);
        if (reply.is === "fault") reject(new Error(reply.message));
      });
      this.#carrier.send(request(id));
    });
  }

  #listen(listener: Listener): string {
    const id = String(++this.#lastId);
    this.#listeners.set(id, (reply) => {
      if (reply.is === "exit" || reply.is === "done" || reply.is === "fault") {
        this.#listeners.delete(id);
      }
      listener(reply);
    });
    return id;
  }
}

function base64(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64");
}

function text(data: string): string {
  return Buffer.from(data, "base64").toString("utf8");
}
