/** One session of the product's IKE engine in the branch's namespace: the process `native-client.ts`, driven and read. */
import { hubs, uplinks } from "./addresses.ts";
import type { BranchConfig } from "./branch.ts";
import { projectRoot } from "./cache.ts";
import { type Process, until } from "./machine.ts";
import type { Order, Report } from "./native-report.ts";
import type { Topology } from "./topology.ts";

type Kind = Report["kind"];
type ReportOf<K extends Kind> = Extract<Report, { readonly kind: K }>;

export class NativeSession {
  readonly #process: Process;

  private constructor(process: Process) {
    this.#process = process;
  }

  /** Starts it towards hub1, by IPv4 unless told. */
  static async start(
    topology: Topology,
    branch: BranchConfig,
    family: "ipv4" | "ipv6" = "ipv4",
  ): Promise<NativeSession> {
    const folder = `${topology.folder}/native`;
    const files = { "config.yaml": JSON.stringify(branch.config), ...branch.files };
    for (const [path, text] of Object.entries(files)) {
      await topology.machine.writeFile(`${folder}/${path}`, text, 0o600);
    }
    const program = [process.execPath, `${projectRoot}/test/lab/native-client.ts`];
    const ends = [uplinks.wan1[family], hubs.hub1[family]];
    const words = [...program, `${folder}/config.yaml`, ...ends];
    return new NativeSession(await topology.spawn("branch", words));
  }

  /** Everything that it has reported, oldest first. */
  reports(): Report[] {
    const lines = this.#process.output().split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Report);
  }

  of<K extends Kind>(kind: K): ReportOf<K>[] {
    return this.reports().filter((report): report is ReportOf<K> => report.kind === kind);
  }

  /** Waits for the first Child SA. */
  async up(within = 20_000): Promise<ReportOf<"session-up">["outcome"]> {
    const found = await this.#until("the session is up", () => this.of("session-up")[0], within);
    return found.outcome;
  }

  /** Waits for the end of the session. */
  async down(within = 40_000): Promise<ReportOf<"session-down">["reason"]> {
    const found = await this.#until(
      "the session is down",
      () => this.of("session-down")[0],
      within,
    );
    return found.reason;
  }

  /** Waits until so many inbound SAs have been installed in all. */
  async installed(count: number, within = 20_000): Promise<void> {
    const inbound = () => this.of("install-sa").filter(({ direction }) => direction === "in");
    await this.#until(`${count} Child SAs were installed`, () => inbound().length >= count, within);
  }

  /** Waits until one Child SA is left of those that a rekey made. */
  async settled(within = 20_000): Promise<void> {
    const isSettled = () => this.spis().in.length === 1 && this.spis().out.length === 1;
    await this.#until("one Child SA is left", isSettled, within);
  }

  /** SPIs, inbound and outbound, of the SAs that exist now. */
  spis(): { readonly in: readonly string[]; readonly out: readonly string[] } {
    const alive = { in: new Set<string>(), out: new Set<string>() };
    for (const report of this.reports()) {
      if (report.kind === "install-sa") alive[report.direction].add(report.spi);
      if (report.kind === "remove-sa") alive[report.direction].delete(report.spi);
    }
    return { in: [...alive.in], out: [...alive.out] };
  }

  order(what: Order["do"]): void {
    const order: Order = { do: what };
    this.#process.write(`${JSON.stringify(order)}\n`);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  output(): string {
    return this.#process.output();
  }

  #until<Value>(what: string, question: () => Value | undefined | false, within: number) {
    return until(
      what,
      () => Promise.resolve(question()),
      within,
      () => Promise.resolve(this.output()),
    );
  }
}
