/** A real mosquitto on a loopback port of its own, and somebody who listens to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** Resolves when `condition` holds; it is looked at every few milliseconds. @throws after `withinMs`. */
export async function until(
  condition: () => boolean,
  what: string,
  withinMs = 20_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export class Mosquitto {
  readonly port: number;
  readonly folder: string;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.folder = mkdtempSync(path.join(tmpdir(), "mosquitto-"));
    this.#settings = settings;
  }

  /** @param settings lines of its configuration; `FOLDER` stands for a folder of the broker's own. */
  static async start(
    settings: readonly string[] = ["allow_anonymous true"],
    files: Readonly<Record<string, string>> = {},
  ): Promise<Mosquitto> {
    const broker = new Mosquitto(await freePort(), settings);
    for (const [name, text] of Object.entries(files)) broker.write(name, text);
    await broker.restart();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Puts a file into the broker's folder. */
  write(name: string, text: string): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** Starts it, again where it was stopped; what it had is kept. */
  async restart(): Promise<void> {
    const lines = [
      `listener ${this.port} 127.0.0.1`,
      "persistence true",
      `persistence_location ${this.folder}/`,
      "max_queued_messages 0",
      "user root",
      "log_type error",
      ...this.#settings,
    ];
    const file = this.write(
      "mosquitto.conf",
      `${lines.join("\n").replaceAll("FOLDER", this.folder)}\n`,
    );
    this.#process = spawn("/usr/sbin/mosquitto", ["-c", file], { stdio: "ignore" });
    await answers(this.port);
  }

  /** Asks it to end, as an update of its machine would. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill("SIGCONT");
    running.kill(signal);
    await once(running, "exit");
  }

  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect({ host: "127.0.0.1", port });
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("mosquitto does not start");
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** Debian's own subscriber: what it hears is what the broker passes on. It misses nothing while the broker is away. */
export class Subscriber {
  readonly heard: Heard[] = [];
  /** Id of the newest event. */
  newest = 0;
  readonly #process: ChildProcess;
  readonly #subscribed = Promise.withResolvers<void>();

  constructor(port: number, topic = "#", options: readonly string[] = []) {
    const format = ["-F", "= %r %t %p", "-d"];
    const session = [
      "-q",
      "1",
      "-c",
      "-i",
      `listener-${process.pid}-${counter++}`,
      "-V",
      "mqttv311",
    ];
    const target = ["-h", "127.0.0.1", "-p", String(port), "-t", topic];
    this.#process = spawn(
      "/usr/bin/stdbuf",
      ["-oL", "/usr/bin/mosquitto_sub", ...target, ...session, ...format, ...options],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const { stdout } = this.#process;
    if (!stdout) throw new Error("no output");
    createInterface({ input: stdout }).on("line", (line) => {
      if (/received SUBACK$/.test(line)) this.#subscribed.resolve();
      const [mark, retained, topic = "", ...words] = line.split(" ");
      if (mark !== "=") return;
      const payload = words.join(" ");
      this.heard.push({ topic, payload, isRetained: retained === "1" });
      if (topic.endsWith("/event")) this.newest = (JSON.parse(payload) as { id: number }).id;
    });
  }

  /** Resolves when the broker knows of it: nothing is missed from then on. */
  get subscribed(): Promise<void> {
    return this.#subscribed.promise;
  }

  /** Payloads of a topic that ends like this, oldest first. */
  of(ending: string): readonly string[] {
    return this.heard.filter(({ topic }) => topic.endsWith(`/${ending}`)).map((one) => one.payload);
  }

  /** Ids of the events as they came. */
  get ids(): readonly number[] {
    return this.of("event").map((body) => (JSON.parse(body) as { id: number }).id);
  }

  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

let counter = 0;
