/** A daemon in a network namespace of its own, as it is shipped: what it costs is read from the kernel. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { projectRoot } from "#test/lab/cache.ts";

/** Of the processor time in /proc/PID/stat; USER_HZ is 100 on every Linux that we run on. proc_pid_stat(5) */
const TICKS_PER_SECOND = 100;

export class NamespacedDaemon {
  readonly #folder: string;
  readonly #process: ChildProcess;

  /** Starts it. @param folder exists; its files go there. */
  constructor(namespace: string, folder: string, configuration: object) {
    this.#folder = folder;
    const config = `${folder}/config.yaml`;
    writeFileSync(config, JSON.stringify(configuration), { mode: 0o600 });
    const log = openSync(`${folder}/log`, "w");
    const folders = ["--run-dir", `${folder}/run`, "--state-dir", `${folder}/state`];
    const argv = ["netns", "exec", namespace, ...program(), "run", "-c", config, ...folders];
    this.#process = spawn("ip", argv, { stdio: ["ignore", log, log] });
  }

  /** Seconds of processor time so far, in user and in kernel mode. */
  processorTime(): number {
    const stat = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Memory of its own, bytes: what is mapped from files is shared with others or read again. proc_pid_status(5) */
  ownMemory(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  /** The end of its log. */
  log(): string {
    return readFileSync(`${this.#folder}/log`, "utf8").slice(-1_000);
  }

  get<Answer>(path: string): Promise<Answer> {
    const socketPath = `${this.#folder}/run/control.sock`;
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, path }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(JSON.parse(text) as Answer));
        response.on("error", reject);
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    if (this.#process.exitCode === null)
      await new Promise((resolve) => this.#process.once("exit", resolve));
  }
}

/** What to say beside a figure of a daemon that is not the binary. */
export function programNote(): readonly string[] {
  return program().length > 1 ? ["the bundle by node, as there is no binary"] : [];
}

/** The binary as it is shipped; the bundle where nobody has built one. */
function program(): readonly string[] {
  const binary = `${projectRoot}/build/${process.arch}/flexspoke`;
  return existsSync(binary) ? [binary] : [process.execPath, `${projectRoot}/build/flexspoke.cjs`];
}
