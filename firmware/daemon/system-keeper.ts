/**
 * Makes the appliance what its configuration says: links, services, firewall, name. Only what differs is touched, and what
 * was made by an earlier life of the daemon is left as it is when it is right.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { sameValue } from "#config/diff.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import { seconds } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import { runTransaction } from "#linux/nft/nft-program.ts";
import { systemFirewallTransaction } from "#linux/system/firewall-rules.ts";
import { applyLinks, ethernetDevices } from "#linux/system/links.ts";
import {
  leftServices,
  removeService,
  SERVICE_FOLDER,
  writeChanged,
  writeService,
} from "#linux/system/service-files.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import type { EventLog } from "#state/event-log.ts";
import type { SystemFirewall } from "#system/firewall.ts";
import { defaultSystem, type SystemPlan, systemPlan } from "#system/plan.ts";
import { NameServers } from "./name-servers.ts";

const run = promisify(execFile);
/** A device that is missing may be plugged in. */
const LOOK_AGAIN = seconds(3);

export interface SystemKeeperOptions {
  readonly log: Log;
  readonly record: EventLog["record"];
}

export class SystemKeeper {
  readonly #options: SystemKeeperOptions;
  #last: Promise<void> = Promise.resolve();
  readonly #nameServers = new NameServers();
  #plan: SystemPlan | undefined;
  #firewall: SystemFirewall | undefined;
  #told: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SystemKeeperOptions) {
    this.#options = options;
  }

  /** Begins to make it so, after what was asked for before. What can't be done is told, and tried again. */
  apply(config: ResolvedConfig): void {
    const system = config.system ?? defaultSystem(config.hostname, ethernetDevices());
    const plan = systemPlan(system, config);
    this.#plan = plan;
    this.#last = this.#last.then(() => this.#perform(plan));
  }

  /** Resolves when what was asked for so far is done, as far as it can be. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** A line that was dialled is up with these name servers, or without them down. */
  lineServers(name: string, metric: number, servers: readonly string[] | undefined): void {
    const { log } = this.#options;
    this.#last = this.#last
      .then(() => this.#nameServers.line(name, metric, servers))
      .catch((error: unknown) => log.error(`name servers of ${name}: ${String(error)}`));
  }

  /** The clock's service asks its servers anew; it has waited long when it was in vain. */
  askTimeServers(): void {
    const { log } = this.#options;
    this.#last = this.#last
      .then(() => sv("restart", "chronyd"))
      .catch((error: unknown) => log.warn(`the time servers can't be asked: ${String(error)}`));
  }

  /** Nothing is tried again; everything stays as it is. */
  close(): void {
    this.#plan = undefined;
    clearTimeout(this.#timer);
  }

  async #perform(plan: SystemPlan): Promise<void> {
    if (plan !== this.#plan) return;
    clearTimeout(this.#timer);
    const faults: string[] = [];
    const attempt = async (what: string, work: () => Promise<unknown>) => {
      try {
        await work();
      } catch (error) {
        faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    await attempt("firewall", () => this.#setFirewall(plan.firewall));
    await attempt("host name", async () => setHostname(plan.hostname));
    await attempt("links", async () => void faults.push(...(await applyLinks(plan.links))));
    await attempt("name servers", () =>
      this.#nameServers.configure(
        plan.nameServers,
        plan.services.flatMap(({ name }) => /^udhcpc-(.*)$/.exec(name)?.[1] ?? []),
      ),
    );
    for (const service of plan.services)
      await attempt(service.name, async () => {
        if (writeService(service) === "changed") await sv("restart", service.name);
      });
    for (const name of leftServices(plan.services.map((service) => service.name)))
      await attempt(name, async () => {
        await sv("force-shutdown", name);
        removeService(name);
      });
    this.#tell(faults);
    if (faults.length > 0 && plan === this.#plan)
      this.#timer = setTimeout(() => {
        this.#last = this.#last.then(() => this.#perform(plan));
      }, LOOK_AGAIN);
  }

  async #setFirewall(firewall: SystemFirewall): Promise<void> {
    if (sameValue(this.#firewall, firewall)) return;
    const result = await runTransaction(
      "set the appliance's firewall",
      systemFirewallTransaction(firewall),
    );
    if (!result.ok) throw new Error(`${result.error.what}: ${result.error.remedy}`);
    this.#firewall = firewall;
  }

  /** Each fault once, until it is another. */
  #tell(faults: readonly string[]): void {
    if (sameValue(faults, this.#told)) return;
    const { record } = this.#options;
    const isGood = faults.length === 0;
    if (isGood && this.#told.length === 0) return;
    this.#told = faults;
    record(
      isGood
        ? daemonEvent("FLEXSPOKE-5-SYSTEM_READY", "the system is as configured", { faults })
        : daemonEvent(
            "FLEXSPOKE-4-SYSTEM_FAULT",
            `the system is not as configured: ${faults.join("; ")}`,
            { faults },
          ),
    );
  }
}

function setHostname(hostname: string): void {
  if (writeChanged("/run/hostname", `${hostname}\n`, 0o644)) {
    writeFileSync("/proc/sys/kernel/hostname", hostname);
    writeChanged("/run/hosts", `127.0.0.1 localhost\n127.0.1.1 ${hostname}\n`, 0o644);
  }
}

async function sv(command: string, name: string): Promise<void> {
  await run("sv", ["-w", "5", command, `${SERVICE_FOLDER}/${name}`]);
}
