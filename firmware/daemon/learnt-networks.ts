/**
 * The networks behind the hub that each client learnt, kept over restarts: the kill switch must hold for them before the
 * first packet of a new life, when no hub has been asked yet.
 */
import path from "node:path";
import { type Prefix, parsePrefix } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

export class LearntNetworks {
  readonly #file: string;
  readonly #log: Log;
  #networks: Record<string, readonly Prefix[]>;

  /** @param stateDir exists and is ours to write. */
  constructor(stateDir: string, log: Log) {
    this.#file = path.join(stateDir, "networks.json");
    this.#log = log;
    this.#networks = this.#read();
  }

  all(): readonly (readonly [client: string, networks: readonly Prefix[]])[] {
    return Object.entries(this.#networks);
  }

  /** Writes at once. A full or broken disk costs the memory, not the tunnel. */
  remember(client: string, networks: readonly Prefix[]): void {
    this.#networks = { ...this.#networks, [client]: networks };
    try {
      writeDurably(this.#file, `${JSON.stringify(this.#networks, undefined, 2)}\n`);
    } catch (error) {
      this.#log.error(`can't keep the protected networks: ${String(error)}`, { file: this.#file });
    }
  }

  #read(): Record<string, readonly Prefix[]> {
    try {
      const text = readDurable(this.#file);
      return text === undefined ? {} : parseNetworks(JSON.parse(text));
    } catch (error) {
      this.#log.error(`can't read the protected networks: ${String(error)}`, { file: this.#file });
      return {};
    }
  }
}

/** Takes what is well formed and drops the rest: the file may be of another version, or hand-made. */
function parseNetworks(value: unknown): Record<string, readonly Prefix[]> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).map(([client, networks]) => {
    const texts: readonly unknown[] = Array.isArray(networks) ? networks : [];
    const prefixes = texts.flatMap((text) =>
      typeof text === "string" ? (parsePrefix(text) ?? []) : [],
    );
    return [client, prefixes] as const;
  });
  return Object.fromEntries(entries);
}
