/**
 * Events that wait for the broker, on flash: in order, bounded, and safe from power loss once `append` returns. It knows
 * nothing of MQTT.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** An event that waits. */
export interface Waiting {
  /** Place in the order; rises from event to event, also when their ids begin anew. */
  readonly position: number;
  readonly id: number;
  /** JSON. */
  readonly body: string;
}

/** What `append` had no room for. */
export interface Cut {
  readonly count: number;
  readonly firstId: number;
  readonly lastId: number;
}

export class Spool {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #oldest: StatementSync;
  readonly #remove: StatementSync;
  readonly #note: StatementSync;
  readonly #noted: StatementSync;
  #bytes: number;
  #count: number;

  /**
   * Opens or creates the file.
   * @param maxBytes of events, as JSON; the oldest go when there are more.
   * @throws when the file can't be opened or is not ours; the caller may move it away and try again.
   */
  constructor(file: string, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#database = new DatabaseSync(file);
    this.#database.exec(SCHEMA);
    this.#insert = this.#database.prepare(
      "INSERT INTO waiting (position, id, body) VALUES (?, ?, ?)",
    );
    this.#select = this.#database.prepare(
      "SELECT position, id, body FROM waiting WHERE position > ? ORDER BY position LIMIT ?",
    );
    this.#oldest = this.#database.prepare(
      "SELECT position, id, length(CAST(body AS BLOB)) AS bytes FROM waiting ORDER BY position",
    );
    this.#remove = this.#database.prepare("DELETE FROM waiting WHERE position <= ?");
    this.#note = this.#database.prepare("INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)");
    this.#noted = this.#database.prepare("SELECT value FROM note WHERE name = ?");
    const sum = this.#database
      .prepare("SELECT count(*) AS count, total(length(CAST(body AS BLOB))) AS bytes FROM waiting")
      .get() as { count: number; bytes: number };
    this.#count = sum.count;
    this.#bytes = sum.bytes;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The newest event in it; undefined when it is empty. */
  get newest(): Pick<Waiting, "position" | "id"> | undefined {
    return this.#database
      .prepare("SELECT position, id FROM waiting ORDER BY position DESC LIMIT 1")
      .get() as Pick<Waiting, "position" | "id"> | undefined;
  }

  /** Adds events behind the others, all or none. They are on the disk when it returns. @throws when the disk refuses. */
  append(events: readonly Waiting[]): Cut | undefined {
    let cut: Cut | undefined;
    this.#together(() => {
      for (const { position, id, body } of events) {
        this.#insert.run(position, id, body);
        this.#bytes += Buffer.byteLength(body);
        this.#count++;
      }
      cut = this.#cut();
    });
    return cut;
  }

  /** The next events after a position, oldest first. */
  after(position: number, count: number): readonly Waiting[] {
    return this.#select.all(position, count) as unknown as readonly Waiting[];
  }

  /** Forgets every event up to a position: the broker has them. @throws when the disk refuses. */
  forget(position: number): void {
    const isAll = (this.newest?.position ?? 0) <= position;
    this.#together(() => {
      if (!isAll) {
        for (const row of this.#oldest.iterate() as Iterable<Measured>) {
          if (row.position > position) break;
          this.#bytes -= row.bytes;
          this.#count--;
        }
      }
      this.#remove.run(position);
    });
    if (isAll) {
      this.#bytes = 0;
      this.#count = 0;
    }
  }

  /** Keeps a small fact beside the events. @throws when the disk refuses. */
  note(name: string, value: string): void {
    this.#note.run(name, value);
  }

  /** What was noted last under a name. */
  noted(name: string): string | undefined {
    return (this.#noted.get(name) as { value: string } | undefined)?.value;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #cut(): Cut | undefined {
    if (this.#bytes <= this.#maxBytes) return undefined;
    const gone: Measured[] = [];
    for (const row of this.#oldest.iterate() as Iterable<Measured>) {
      if (this.#bytes <= this.#maxBytes) break;
      gone.push(row);
      this.#bytes -= row.bytes;
      this.#count--;
    }
    const [first, last] = [gone[0], gone.at(-1)];
    if (!first || !last) return undefined;
    this.#remove.run(last.position);
    return { count: gone.length, firstId: first.id, lastId: last.id };
  }

  /** One wait for the disk for all of it; after a failure, the sums are those of what is there. */
  #together(work: () => void): void {
    const [bytes, count] = [this.#bytes, this.#count];
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      this.#bytes = bytes;
      this.#count = count;
      throw error;
    }
  }
}

interface Measured {
  readonly position: number;
  readonly id: number;
  readonly bytes: number;
}

/** `synchronous=FULL`: a commit is on the disk when it returns. The log is kept short, the file gives back what it had. */
const SCHEMA = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA journal_size_limit = 262144;
  PRAGMA wal_autocheckpoint = 200;
  CREATE TABLE IF NOT EXISTS waiting (position INTEGER PRIMARY KEY, id INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
