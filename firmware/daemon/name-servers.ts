/**
 * The name servers that the appliance asks: those of WANs with a fixed address and of lines that were dialled, beside those
 * that the DHCP client's script puts there. A file for each link, named by its rank; put together they are resolv.conf.
 */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { writeChanged } from "#linux/system/service-files.ts";
import { namesIn } from "./folder.ts";

const run = promisify(execFile);

/** Where they are; a test has places of its own. */
export interface NameServerPlaces {
  readonly folder: string;
  /** Program that puts the files together. */
  readonly join: string;
}

/** Of one link. */
export interface LinkServers {
  readonly interface: string;
  /** Of its default route: servers of the best link are asked first. */
  readonly metric: number;
  readonly servers: readonly string[];
}

export class NameServers {
  readonly #places: NameServerPlaces;
  #fixed: readonly LinkServers[] = [];
  /** Links whose files the script of the DHCP client writes. */
  #foreign: readonly string[] = [];
  readonly #lines = new Map<string, LinkServers>();

  constructor(
    places: NameServerPlaces = {
      folder: "/run/flexspoke/dns",
      join: "/usr/lib/flexspoke/join-dns",
    },
  ) {
    this.#places = places;
  }

  /** @param foreign interfaces that the DHCP client looks after. @throws {Error} when they can't be written. */
  async configure(fixed: readonly LinkServers[], foreign: readonly string[]): Promise<void> {
    this.#fixed = fixed;
    this.#foreign = foreign;
    await this.#write();
  }

  /** A line is up with these servers, or without `servers` down. @throws {Error} when they can't be written. */
  async line(name: string, metric: number, servers: readonly string[] | undefined): Promise<void> {
    if (servers?.length) this.#lines.set(name, { interface: name, metric, servers });
    else if (!this.#lines.delete(name)) return;
    await this.#write();
  }

  async #write(): Promise<void> {
    const { folder, join } = this.#places;
    const wanted = new Map<string, LinkServers>();
    for (const each of [...this.#fixed, ...this.#lines.values()])
      if (each.servers.length > 0)
        wanted.set(`${String(each.metric).padStart(5, "0")}-${each.interface}`, each);
    let isChanged = false;
    for (const [name, { servers }] of wanted) {
      const text = servers.map((server) => `nameserver ${server}\n`).join("");
      isChanged = writeChanged(path.join(folder, name), text, 0o644) || isChanged;
    }
    for (const name of namesIn(folder)) {
      const isForeign = this.#foreign.includes(name.replace(/^\d+-/, ""));
      if (wanted.has(name) || isForeign) continue;
      rmSync(path.join(folder, name), { force: true });
      isChanged = true;
    }
    if (isChanged) await run(join);
  }
}
