import { type PasswordHash, parsePasswordHash } from "#config/password-hash-syntax.ts";
import type { Log } from "#lib/log.ts";
import type { StateFiles } from "./state-files.ts";

/** Name of the document of those whose password was set on the device. */
const FILE = "web-users.json";

/** Who may log in: the users of the configuration; when it has none, those whose password was set on the device. */
export class Users {
  readonly #files: StateFiles;
  readonly #log: Log;
  #configured: Readonly<Record<string, PasswordHash>>;
  #saved: Readonly<Record<string, string>> | undefined;

  constructor(configured: Readonly<Record<string, PasswordHash>>, files: StateFiles, log: Log) {
    this.#configured = configured;
    this.#files = files;
    this.#log = log;
  }

  /** Takes the users of another configuration. */
  configure(users: Readonly<Record<string, PasswordHash>>): void {
    this.#configured = users;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#all()).length === 0;
  }

  /** True when the configuration says who may log in, so that a password set on the device has no effect. */
  get areConfigured(): boolean {
    return Object.keys(this.#configured).length > 0;
  }

  /** What the user's password is checked against; undefined when there is no such user. */
  hashOf(name: string): PasswordHash | undefined {
    const all = this.#all();
    return Object.hasOwn(all, name) ? all[name] : undefined;
  }

  /** Sets the password of a user on the device. @throws when it can't be kept. */
  save(name: string, hash: string): void {
    const saved = { ...this.#read(), [name]: hash };
    this.#files.write(FILE, `${JSON.stringify(saved, undefined, 2)}\n`);
    this.#saved = saved;
  }

  #all(): Readonly<Record<string, PasswordHash>> {
    if (this.areConfigured) return this.#configured;
    const hashes = Object.entries(this.#read()).flatMap(([name, text]) => {
      const hash = parsePasswordHash(text);
      return hash ? [[name, hash] as const] : [];
    });
    return Object.fromEntries(hashes);
  }

  #read(): Readonly<Record<string, string>> {
    this.#saved ??= this.#load();
    return this.#saved;
  }

  #load(): Readonly<Record<string, string>> {
    try {
      const value: unknown = JSON.parse(this.#files.read(FILE) ?? "{}");
      if (typeof value !== "object" || value === null) return {};
      return Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => {
          return typeof entry[1] === "string" && parsePasswordHash(entry[1]) !== undefined;
        }),
      );
    } catch (error) {
      this.#log.error(`can't read who may log in: ${String(error)}`, { file: FILE });
      return {};
    }
  }
}
