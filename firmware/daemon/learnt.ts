/**
 * What each client learnt from its hubs, kept over restarts: the networks behind the hub, which the kill switch must guard
 * before the first packet of a new life, and the backup gateways, which may be the only ones alive.
 */
import path from "node:path";
import { type Prefix, parsePrefix } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

/** What one client learnt. */
export interface Lesson {
  readonly networks: readonly Prefix[];
  /** Addresses and names, in the hub's order. */
  readonly gateways: readonly string[];
}

type Lessons = Readonly<Record<string, Lesson>>;

export class Learnt {
  readonly #file: string;
  readonly #log: Log;
  #lessons: Lessons;

  /** @param stateDir exists and is ours to write. */
  constructor(stateDir: string, log: Log) {
    this.#file = path.join(stateDir, "networks.json");
    this.#log = log;
    this.#lessons = this.#read();
  }

  all(): readonly (readonly [client: string, lesson: Lesson])[] {
    return Object.entries(this.#lessons);
  }

  /** Writes at once. A full or broken disk costs the memory, not the tunnel. */
  remember(client: string, { networks, gateways }: Lesson): void {
    this.#lessons = { ...this.#lessons, [client]: { networks, gateways } };
    try {
      writeDurably(this.#file, `${JSON.stringify(this.#lessons, undefined, 2)}\n`);
    } catch (error) {
      this.#log.error(`can't keep what the hubs told: ${String(error)}`, { file: this.#file });
    }
  }

  #read(): Lessons {
    try {
      const text = readDurable(this.#file);
      return text === undefined ? {} : parseLessons(JSON.parse(text));
    } catch (error) {
      this.#log.error(`can't read what the hubs told: ${String(error)}`, { file: this.#file });
      return {};
    }
  }
}

/** Takes what is well formed and drops the rest: the file may be of another version, or hand-made. */
function parseLessons(value: unknown): Lessons {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).map(([client, lesson]) => [
      client,
      {
        networks: textsOf(lesson, "networks").flatMap(toPrefix),
        gateways: textsOf(lesson, "gateways"),
      },
    ]),
  );
}

/** A list alone is the networks: all that an earlier version kept. */
function textsOf(lesson: unknown, part: "networks" | "gateways"): readonly string[] {
  const list: unknown = Array.isArray(lesson)
    ? part === "networks" && lesson
    : (lesson as Record<string, unknown> | null)?.[part];
  return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
}

function toPrefix(text: string): readonly Prefix[] {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [prefix];
}
