/** The whole product in the branch's place, as it is shipped and at its usual log level, measured by its own log. */
import type { ClientState, StoredEvent } from "#state/document.ts";
import type { BranchConfig } from "#test/lab/branch.ts";
import { projectRoot } from "#test/lab/cache.ts";
import { type Machine, type Process, until } from "#test/lab/machine.ts";
import type { Topology } from "#test/lab/topology.ts";

export class OurDaemon {
  readonly #topology: Topology;
  readonly #folder: string;
  readonly #process: Process;

  private constructor(topology: Topology, folder: string, process: Process) {
    this.#topology = topology;
    this.#folder = folder;
    this.#process = process;
  }

  /** Resolves when the process exists. The first line of its log is the machine's time just before it began. */
  static async start(topology: Topology, { config, files }: BranchConfig): Promise<OurDaemon> {
    const folder = `${topology.folder}/flexspoke`;
    const all = { "config.yaml": `${JSON.stringify(config, null, 2)}\n`, ...files };
    for (const [path, content] of Object.entries(all))
      await topology.machine.writeFile(`${folder}/${path}`, content, 0o600);
    const program = await programOn(topology.machine);
    const command = `date +%s.%N; exec ${program} run -c ${folder}/config.yaml`;
    const env = { FLEXSPOKE_RUN_DIR: `${folder}/run`, FLEXSPOKE_STATE_DIR: `${folder}/state` };
    const process = await topology.spawn("branch", ["sh", "-c", command], { env });
    return new OurDaemon(topology, folder, process);
  }

  /** Seconds on the machine's wall clock. */
  get startedAt(): number {
    return Number(/^\d+\.\d+/.exec(this.log())?.[0]);
  }

  /** Seconds from its start to the first line with this text; NaN when there is none. */
  secondsUntil(text: string): number {
    const line = this.log()
      .split("\n")
      .find((each) => each.includes(text));
    return Date.parse(line?.split(" ")[0] ?? "") / 1_000 - this.startedAt;
  }

  log(): string {
    return this.#process.output();
  }

  /** Milliseconds of each handshake so far. */
  handshakes(): number[] {
    const lines = this.log().matchAll(/Child SA is in the kernel .*milliseconds=([\d.]+)/g);
    return [...lines].map(([, milliseconds]) => Number(milliseconds));
  }

  /** Waits until a text was logged so many times; asks nothing of the daemon, which is being measured. */
  async logged(text: string, times = 1, within = 60_000): Promise<void> {
    await until(
      `ours has logged "${text}" ${times} times`,
      () => Promise.resolve(this.count(text) >= times),
      within,
      () => Promise.resolve(this.log().slice(-4_000)),
    );
  }

  count(text: string): number {
    return this.log().split(text).length - 1;
  }

  /** Waits for a tunnel and ends it; call `connect` for the next. */
  async disconnect(): Promise<void> {
    const before = this.count(down);
    await this.#act("disconnect");
    await this.logged(down, before + 1);
  }

  /** Starts afresh, and forgets what failed before. */
  clear(): Promise<void> {
    return this.#act("clear");
  }

  async connect(): Promise<void> {
    const before = this.count(installed);
    await this.#act("connect");
    await this.logged(installed, before + 1);
  }

  async rekey(what: "child" | "ike"): Promise<void> {
    const event = what === "ike" ? "%FLEXSPOKE-6-IKE_REKEYED" : "%FLEXSPOKE-6-CHILD_REKEYED";
    const before = this.count(event);
    await this.#act("rekey", { what });
    await this.logged(event, before + 1);
  }

  /** Resident memory, MB. */
  async memory(): Promise<number> {
    const path = `/proc/${this.#process.pid}/status`;
    const status = await this.#topology.machine.must(["cat", path]);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  }

  /** Waits until the client is as wanted; asks ten times a second, once it answers. @param what for the error. */
  async reaches(what: string, isSo: (client: ClientState) => boolean): Promise<ClientState> {
    return await until(
      `ours is ${what}`,
      async () => {
        const asked = this.#get<ClientState>("/api/v1/state/clients/hq");
        // It connects before it opens its control socket.
        const client = await asked.catch(() => undefined);
        return client && isSo(client) ? client : undefined;
      },
      60_000,
      () => Promise.resolve(this.log().slice(-6_000)),
    );
  }

  /** Id of the newest event. */
  async eventCount(): Promise<number> {
    return (await this.#get<StoredEvent[]>("/api/v1/events?last=1")).at(-1)?.id ?? 0;
  }

  async eventsSince(id: number): Promise<readonly StoredEvent[]> {
    return (await this.#get<StoredEvent[]>("/api/v1/events?last=200")).filter(
      (event) => event.id > id,
    );
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.exited;
  }

  async #get<Answer>(path: string): Promise<Answer> {
    const socket = `${this.#folder}/run/control.sock`;
    const answer = await this.#topology.machine.http(socket, "GET", path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.body}`);
    const body: unknown = JSON.parse(answer.body);
    return (Array.isArray(body) ? body : ((body as { events?: unknown }).events ?? body)) as Answer;
  }

  async #act(action: string, body?: object): Promise<void> {
    const socket = `${this.#folder}/run/control.sock`;
    const { machine } = this.#topology;
    const path = `/api/v1/clients/hq/${action}`;
    const answer = await machine.http(socket, "POST", path, body && JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.body}`);
  }
}

/** @returns path of the binary that `make binary` built: in a VM a copy in its memory, as its shared folder is slow. */
async function programOn(machine: Machine): Promise<string> {
  const built = `${projectRoot}/build/${process.arch}/flexspoke`;
  if (machine.kind === "host") return built;
  const copy = "/tmp/flexspoke-bench";
  await machine.must(`cmp -s ${built} ${copy} || cp ${built} ${copy}`, { timeout: 120_000 });
  return copy;
}

/** What the daemon logs when a tunnel carries traffic. */
export const installed = "Child SA is in the kernel";
/** What it logs when it begins to connect. */
export const started = "%FLEXSPOKE-5-STARTED";
const down = "%FLEXVPN-6-FLEXVPN_CONNECTION_DOWN";
