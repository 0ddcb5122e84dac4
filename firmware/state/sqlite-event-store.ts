/**
 * Events in an SQLite file. The one file of `state/` that touches a disk: import it when start-up is over, SQLite takes
 * its time to load. Every event is in the file when `append` returns, so a killed process loses none; after power loss
 * the last ones may be missing, and ids skip ahead so that none is given twice.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { StoredEvent } from "./document.ts";
import type { EventStore } from "./event-log.ts";

/** The event store of the state directory. */
export class SqliteEventStore implements EventStore {
  readonly lastId: number;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #trim: StatementSync;
  readonly #capacity: number;
  #sinceTrim = 0;

  /**
   * Opens or creates the file.
   * @param capacity events kept; older ones go.
   * @param bootId differs from boot to boot of the machine: what a killed process wrote is lost with the machine only.
   * @throws when the file can't be opened or is not ours; the caller may move it away and try again.
   */
  constructor(file: string, capacity: number, bootId: string) {
    this.#capacity = capacity;
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
    this.lastId = this.#resume(bootId);
    this.#insert = this.#database.prepare("INSERT INTO event (id, body) VALUES (?, ?)");
    this.#select = this.#database.prepare(
      "SELECT body FROM (SELECT id, body FROM event WHERE id <= ? ORDER BY id DESC LIMIT ?) ORDER BY id",
    );
    this.#trim = this.#database.prepare(
      "DELETE FROM event WHERE id <= (SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?)",
    );
  }

  append(event: StoredEvent): void {
    this.#insert.run(event.id, JSON.stringify(event));
    this.#sinceTrim++;
    if (this.#sinceTrim < TRIM_EVERY) return;
    this.#sinceTrim = 0;
    this.#trim.run(this.#capacity);
  }

  newest(count: number, upTo: number): readonly StoredEvent[] {
    const rows = this.#select.all(upTo, count) as { readonly body: string }[];
    return rows.map((row) => JSON.parse(row.body) as StoredEvent);
  }

  /** Notes that nothing was lost and closes the file. */
  close(): void {
    this.#database.exec("UPDATE life SET boot = ''");
    this.#database.close();
  }

  /** @returns the id to go on after; beyond what a life that ended with the machine's power may have given and lost. */
  #resume(bootId: string): number {
    const row = this.#database
      .prepare("SELECT (SELECT boot FROM life) AS boot, (SELECT max(id) FROM event) AS id")
      .get() as { readonly boot: string | null; readonly id: number | null };
    this.#database.prepare("INSERT OR REPLACE INTO life (one, boot) VALUES (1, ?)").run(bootId);
    const lostPower = row.boot !== null && row.boot !== "" && row.boot !== bootId;
    return (row.id ?? 0) + (lostPower ? LOST_AT_MOST : 0);
  }
}

/** `synchronous=NORMAL` with a write-ahead log: no wait for the disk at each event, never a broken file. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS life (one INTEGER PRIMARY KEY, boot TEXT NOT NULL) STRICT;
`;
/** Events written since the last checkpoint of the log, which power loss may take; SQLite does one every 1,000 pages. */
const LOST_AT_MOST = 10_000;
const TRIM_EVERY = 256;
