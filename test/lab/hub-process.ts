/**
 * A daemon in a hub's namespace, in the hubs' root file system, with folders of its own in place of /run, /tmp and /etc/…:
 * so that several hubs run beside each other from one read-only root.
 */
import type { Place } from "./addresses.ts";
import {
  type CommandOptions,
  type CommandResult,
  type Machine,
  type Process,
  until,
} from "./machine.ts";
import type { Topology } from "./topology.ts";

/** Files by their path below the hub's folder, which the daemon sees as /lab. */
export type HubFiles = Readonly<Record<string, string>>;

export interface HubProgram {
  /** A shell script, run inside the hub's root, whose last words are `exec` and the daemon. */
  readonly command: string;
  readonly files: HubFiles;
  /** Folders of the root that show one of the hub's own: `/etc/swanctl` → `swanctl`. */
  readonly mounts: Readonly<Record<string, string>>;
}

export class HubProcess {
  readonly topology: Topology;
  readonly place: Place;
  /** The hub's folder on the machine: /lab for the daemon. */
  readonly folder: string;
  readonly #process: Process;

  private constructor(topology: Topology, place: Place, folder: string, process: Process) {
    this.topology = topology;
    this.place = place;
    this.folder = folder;
    this.#process = process;
  }

  static async start(topology: Topology, place: Place, program: HubProgram): Promise<HubProcess> {
    const folder = `${topology.folder}/${place}`;
    await writeFiles(topology.machine, folder, program);
    const root = topology.hubRoot;
    const mounts = Object.entries({ "/run": "run", "/tmp": "tmp", "/lab": ".", ...program.mounts });
    const script = [
      "set -e",
      ...mounts.map(([at, own]) => `mount --bind ${folder}/${own} ${root}${at}`),
      `mount --rbind /dev ${root}/dev`,
      `mount --bind /proc ${root}/proc`,
      `mount -t sysfs sysfs ${root}/sys`,
      `exec chroot ${root} /bin/sh -c ${quote(`: >/lab/rooted\n${program.command}`)}`,
    ].join("\n");
    const process = await topology.spawn(place, ["unshare", "-m", "sh", "-c", script]);
    // Whoever enters before the daemon has its root ends up in the machine's.
    await until(
      `the root of ${place} is there`,
      async () => (await topology.machine.readFile(`${folder}/rooted`)) !== undefined,
      30_000,
      () => Promise.resolve(process.output()),
    );
    return new HubProcess(topology, place, folder, process);
  }

  /** Runs a command beside the daemon: in its namespaces and its root. */
  exec(command: string, options?: CommandOptions): Promise<CommandResult> {
    const pid = String(this.#process.pid);
    return this.topology.machine.exec(
      ["nsenter", "-t", pid, "-m", "-n", "-r", "-w", "sh", "-c", command],
      options,
    );
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What the daemon wrote to its standard outputs. */
  output(): string {
    return this.#process.output();
  }

  /** A file of the hub's folder; empty when there is none. */
  async file(path: string): Promise<string> {
    return (await this.topology.machine.readFile(`${this.folder}/${path}`)) ?? "";
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** @param signal SIGKILL is a hub that loses power: it tells nobody. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#process.kill(signal);
    await this.#process.exited;
  }
}

async function writeFiles(machine: Machine, folder: string, program: HubProgram): Promise<void> {
  const folders = ["run", "tmp", ...Object.values(program.mounts)];
  await machine.must(
    `rm -rf ${folder} && mkdir -p ${folders.map((own) => `${folder}/${own}`).join(" ")}`,
  );
  await Promise.all(
    Object.entries(program.files).map(([path, content]) =>
      machine.writeFile(`${folder}/${path}`, content, 0o600),
    ),
  );
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
