import { createHash, randomBytes } from "node:crypto";
import type { PasswordHash } from "#config/password-hash-syntax.ts";
import type { Log } from "#lib/log.ts";
import type { StateFiles } from "./state-files.ts";
import type { Users } from "./users.ts";

/** One login. */
export interface Session {
  readonly user: string;
  /** Aborted when the session ends: streams end with it. */
  readonly ended: AbortSignal;
}

interface Entry extends Session {
  /** Of the password that opened it: another password ends the session. */
  readonly proof: string;
  /** Wall clock, milliseconds. */
  readonly since: number;
  lastUse: number;
  readonly end: AbortController;
}

const FILE = "web-sessions.json";
/** Beyond it the session that was used longest ago ends. */
const MOST_SESSIONS = 32;
const IDLE_LIMIT = 12 * 3_600_000;
const AGE_LIMIT = 7 * 24 * 3_600_000;

/**
 * Who is logged in. Only digests of the tokens are kept, on flash too, so that a restart of the daemon logs nobody out and
 * a stolen backup lets nobody in.
 */
export class Sessions {
  readonly #users: Users;
  readonly #files: StateFiles;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #entries: Map<string, Entry>;

  /** @param now wall clock in milliseconds. */
  constructor(users: Users, files: StateFiles, log: Log, now: () => number = Date.now) {
    this.#users = users;
    this.#files = files;
    this.#log = log;
    this.#now = now;
    this.#entries = this.#load();
  }

  /** Begins a session. @returns the token that the browser is to show. */
  begin(user: string, hash: PasswordHash): string {
    const token = randomBytes(32).toString("base64url");
    this.#entries.set(digest(token), newEntry(user, proofOf(hash), this.#now()));
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= MOST_SESSIONS) break;
      this.#drop(key, entry);
    }
    this.#save();
    return token;
  }

  /** The session that a token belongs to, if it still holds. */
  find(token: string): Session | undefined {
    const key = digest(token);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (!this.#holds(entry)) {
      this.#drop(key, entry);
      this.#save();
      return undefined;
    }
    entry.lastUse = this.#now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Logs out. */
  end(token: string): void {
    const key = digest(token);
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#drop(key, entry);
    this.#save();
  }

  /** Ends the sessions whose user or password is not what it was. */
  review(): void {
    for (const [key, entry] of this.#entries) if (!this.#holds(entry)) this.#drop(key, entry);
    this.#save();
  }

  /** A clock that is wrong until it is set ends sessions early, at worst: one logs in again. */
  #holds({ user, proof, since, lastUse }: Entry): boolean {
    const hash = this.#users.hashOf(user);
    const now = this.#now();
    return (
      hash !== undefined &&
      proofOf(hash) === proof &&
      now - since < AGE_LIMIT &&
      now - lastUse < IDLE_LIMIT
    );
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    entry.end.abort();
  }

  #save(): void {
    const kept = [...this.#entries].map(([key, { user, proof, since }]) => [
      key,
      { user, proof, since },
    ]);
    try {
      this.#files.write(FILE, `${JSON.stringify(Object.fromEntries(kept))}\n`);
    } catch (error) {
      this.#log.error(`can't keep who is logged in: ${String(error)}`, { file: FILE });
    }
  }

  #load(): Map<string, Entry> {
    try {
      const value: unknown = JSON.parse(this.#files.read(FILE) ?? "{}");
      const now = this.#now();
      return new Map(
        Object.entries(value ?? {}).flatMap(([key, kept]) => {
          const { user, proof, since } = (kept ?? {}) as Partial<Record<string, unknown>>;
          if (typeof user !== "string" || typeof proof !== "string") return [];
          if (typeof since !== "number") return [];
          return [[key, { ...newEntry(user, proof, since), lastUse: now }] as const];
        }),
      );
    } catch (error) {
      this.#log.error(`can't read who was logged in: ${String(error)}`, { file: FILE });
      return new Map();
    }
  }
}

function newEntry(user: string, proof: string, since: number): Entry {
  const end = new AbortController();
  return { user, proof, since, lastUse: since, end, ended: end.signal };
}

const digest = (token: string): string => createHash("sha256").update(token).digest("base64url");

const proofOf = ({ salt, key }: PasswordHash): string =>
  createHash("sha256").update(salt).update(key).digest("base64url");
