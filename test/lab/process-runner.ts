/** Runs commands and moves files on the machine it runs on; the far end of `Machine`. Runs here, and inside the VM. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { constants } from "node:os";
import { dirname } from "node:path";
import type { Reply, Request } from "./frames.ts";

type RunRequest = Extract<Request, { do: "run" }>;

export class ProcessRunner {
  readonly #reply: (reply: Reply) => void;
  readonly #running = new Map<string, ChildProcess>();
  readonly #connections = new Map<string, Socket>();

  constructor(reply: (reply: Reply) => void) {
    this.#reply = reply;
  }

  handle(request: Request): void {
    try {
      this.#perform(request);
    } catch (error) {
      this.#reply({ id: request.id, is: "fault", message: String(error) });
    }
  }

  #perform(request: Request): void {
    switch (request.do) {
      case "run":
        this.#run(request);
        return;
      case "signal":
        this.#running.get(request.id)?.kill(request.signal as NodeJS.Signals);
        return;
      case "input":
        this.#inputOf(request.id)?.write(Buffer.from(request.data, "base64"));
        return;
      case "read":
        this.#reply({ id: request.id, is: "done", ...contentOf(request.path) });
        return;
      case "write":
        mkdirSync(dirname(request.path), { recursive: true });
        writeFileSync(request.path, Buffer.from(request.data, "base64"), { mode: request.mode });
        this.#reply({ id: request.id, is: "done" });
        return;
      case "http":
        this.#http(request);
        return;
      case "connect":
        this.#connect(request);
        return;
      case "end":
        this.#connections.get(request.id)?.destroy();
        return;
      case "hang-up":
        for (const [id, child] of this.#running) if (id.startsWith(request.id)) killGroup(child);
        for (const [id, socket] of this.#connections)
          if (id.startsWith(request.id)) socket.destroy();
        return;
    }
  }

  #inputOf(id: string): { write(data: Buffer): unknown } | null | undefined {
    return this.#connections.get(id) ?? this.#running.get(id)?.stdin;
  }

  #connect({ id, socket: path }: Extract<Request, { do: "connect" }>): void {
    const socket = connect(path);
    this.#connections.set(id, socket);
    socket.on("connect", () => this.#reply({ id, is: "started", pid: 0 }));
    socket.on("data", (chunk: Buffer) =>
      this.#reply({ id, is: "output", stream: "stdout", data: chunk.toString("base64") }),
    );
    // Without a listener of its own an error would end the process; `close` follows it.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#connections.delete(id);
      this.#reply({ id, is: "exit", code: 0 });
    });
  }

  #http({ id, socket, method, path, body }: Extract<Request, { do: "http" }>): void {
    const headers = { host: "localhost", "content-type": "application/json" };
    const exchange = httpRequest({ socketPath: socket, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const data = Buffer.concat(chunks).toString("base64");
        this.#reply({ id, is: "done", data, status: response.statusCode ?? 0 });
      });
    });
    exchange.on("error", (error) => this.#reply({ id, is: "fault", message: error.message }));
    exchange.end(body);
  }

  #run(request: RunRequest): void {
    const { id } = request;
    const words = request.netns
      ? ["ip", "netns", "exec", request.netns, ...request.argv]
      : [...request.argv];
    const [program = "true", ...rest] = words;
    // A group of its own, so that a time-out reaches what the command itself started.
    const child = spawn(program, rest, {
      detached: true,
      env: { ...process.env, ...request.env },
      ...(request.cwd ? { cwd: request.cwd } : {}),
    });
    this.#running.set(id, child);
    let timedOut = false;
    const timer = request.timeout
      ? setTimeout(() => {
          timedOut = true;
          killGroup(child);
        }, request.timeout)
      : undefined;
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (chunk: Buffer) =>
        this.#reply({ id, is: "output", stream, data: chunk.toString("base64") }),
      );
    }
    child.on("error", (error) => {
      clearTimeout(timer);
      this.#running.delete(id);
      this.#reply({ id, is: "fault", message: `${program}: ${error.message}` });
    });
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      if (!this.#running.delete(id)) return;
      const status = code ?? 128 + (signal ? constants.signals[signal] : 0);
      this.#reply({ id, is: "exit", code: timedOut ? 124 : status });
    };
    child.on("close", finish);
    // Something that it left behind may hold the outputs open: then the end of the command itself counts.
    child.on("exit", (code, signal) => setTimeout(finish, 300, code, signal));
    child.stdin.on("error", () => {});
    if (request.input !== undefined) child.stdin.write(Buffer.from(request.input, "base64"));
    if (!request.keepInput) child.stdin.end();
    if (child.pid !== undefined) this.#reply({ id, is: "started", pid: child.pid });
  }
}

function contentOf(path: string): { data?: string } {
  try {
    return { data: readFileSync(path).toString("base64") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
