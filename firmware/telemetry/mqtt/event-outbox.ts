/**
 * Events on their way to the broker, in order, each until the broker has it. What the broker takes at once never touches
 * the flash; what it does not is in the spool within half a second. It opens no connection.
 */
import { milliseconds, seconds } from "#lib/duration.ts";
import type { StoredEvent } from "#state/document.ts";
import type { Cut, Spool, Waiting } from "./spool.ts";

/** Where events go while there is a broker. */
export interface Outlet {
  /** Messages that may wait for their acknowledgement at a time. */
  readonly window: number;
  /** The longest event that the broker takes, bytes. */
  readonly longest: number;
  /** Resolves when the broker has it; rejects when it never will over this outlet. */
  send(body: string): Promise<void>;
  /** The broker refuses an event, or is silent for too long. */
  broken(error: unknown): void;
}

export interface OutboxOptions {
  /** Undefined when the flash can't be used: what memory has no room for is lost then. */
  readonly spool: Spool | undefined;
  /** Bytes that are kept in memory without a spool. */
  readonly memoryBytes: number;
  /** Hears of events that there was no room for, and of an event that is longer than the broker takes. */
  readonly lost: (cut: Cut) => void;
  /** Hears once that the spool can't be written any more. */
  readonly spoolFailed: (error: unknown) => void;
}

/** Time in which a broker that is there takes an event; after it, the flash does. */
const GRACE = milliseconds(500);
/** How often it is noted on the flash how far the broker is; a killed process repeats what came since. */
const NOTE_EVERY = seconds(10);
/** Events that are kept in memory before the spool takes them ahead of time. */
const MEMORY_EVENTS = 256;
const PAGE = 64;
const NOTE = "acknowledged";

interface Flight {
  readonly waiting: Waiting;
  isDone: boolean;
}

export class EventOutbox {
  readonly #options: OutboxOptions;
  #spool: Spool | undefined;
  /** The newest events, none of them in the spool. */
  #memory: Waiting[] = [];
  #memoryBytes = 0;
  /** The next events of the spool, read ahead. */
  #page: readonly Waiting[] = [];
  /** Sent and not known to be there, oldest first. */
  #flights: Flight[] = [];
  #outlet: Outlet | undefined;
  #position: number;
  /** Everything up to here is sent over the present outlet, or was acknowledged before. */
  #sent: number;
  #acknowledged: { position: number; id: number | undefined };
  #noted: number;
  #spoolTimer: NodeJS.Timeout | undefined;
  #noteTimer: NodeJS.Timeout | undefined;
  #delivered = 0;
  #lost = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#spool = options.spool;
    const noted = this.#spool?.noted(NOTE);
    const [position = 0, id] = noted === undefined ? [] : noted.split(" ").map(Number);
    this.#acknowledged = { position, id };
    this.#noted = position;
    this.#position = Math.max(position, this.#spool?.newest?.position ?? 0);
    this.#sent = position;
  }

  /** Id of the newest event that was given to it in this or an earlier life; undefined when there was none. */
  get newestId(): number | undefined {
    const kept = this.#memory.at(-1) ?? this.#spool?.newest;
    return kept && kept.position > this.#acknowledged.position ? kept.id : this.#acknowledged.id;
  }

  /** Tells an outbox without a past after which event it begins: from there on a killed process loses none. */
  beginAfter(id: number): void {
    this.#acknowledged = { position: this.#acknowledged.position, id };
    this.#attempt((spool) => spool.note(NOTE, `${this.#acknowledged.position} ${id}`));
  }

  /** What waits and what became of the rest since the start of the process. */
  get counts(): { waiting: number; bytes: number; delivered: number; lost: number } {
    return {
      waiting: this.#memory.length + (this.#spool?.count ?? 0),
      bytes: this.#memoryBytes + (this.#spool?.bytes ?? 0),
      delivered: this.#delivered,
      lost: this.#lost,
    };
  }

  /** Takes an event behind the others. */
  add(event: StoredEvent): void {
    const body = JSON.stringify(event);
    this.#position++;
    this.#memory.push({ position: this.#position, id: event.id, body });
    this.#memoryBytes += Buffer.byteLength(body);
    if (this.#memory.length > MEMORY_EVENTS) this.#spoolMemory();
    else this.#spoolTimer ??= setTimeout(() => this.#spoolMemory(), GRACE);
    this.#pump();
  }

  /** Begins to send, with the oldest event that is not known to be there. */
  open(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#rewind();
    this.#pump();
  }

  /** Sends no more; what was not acknowledged is sent again over the next outlet. */
  shut(): void {
    this.#outlet = undefined;
    this.#rewind();
  }

  /** Puts everything that waits where it survives. */
  close(): void {
    this.shut();
    this.#spoolMemory();
    clearTimeout(this.#noteTimer);
    this.#writeNote();
  }

  #rewind(): void {
    this.#flights = [];
    this.#page = [];
    this.#sent = this.#acknowledged.position;
  }

  #pump(): void {
    const outlet = this.#outlet;
    while (outlet && outlet === this.#outlet && this.#flights.length < outlet.window) {
      const next = this.#next();
      if (!next) return;
      this.#sent = next.position;
      const flight: Flight = { waiting: next, isDone: false };
      this.#flights.push(flight);
      if (Buffer.byteLength(next.body) > outlet.longest) {
        this.#giveUp({ count: 1, firstId: next.id, lastId: next.id });
        this.#landed(flight);
        continue;
      }
      outlet.send(next.body).then(
        () => {
          if (outlet !== this.#outlet) return;
          this.#delivered++;
          this.#landed(flight);
          this.#pump();
        },
        (error: unknown) => {
          if (outlet === this.#outlet) outlet.broken(error);
        },
      );
    }
  }

  #next(): Waiting | undefined {
    const [read] = this.#page;
    if (read) {
      this.#page = this.#page.slice(1);
      return read;
    }
    const first = this.#memory[0]?.position ?? this.#position + 1;
    if (this.#sent < first - 1) {
      this.#page = this.#read();
      if (this.#page.length > 0) return this.#next();
    }
    return this.#memory.find(({ position }) => position > this.#sent);
  }

  #read(): readonly Waiting[] {
    return this.#attempt((spool) => spool.after(this.#sent, PAGE)) ?? [];
  }

  /** The broker has an event; it and all before it are done with once none before it is open. */
  #landed(flight: Flight): void {
    flight.isDone = true;
    let done: Waiting | undefined;
    while (this.#flights[0]?.isDone) done = this.#flights.shift()?.waiting;
    if (!done) return;
    this.#acknowledged = { position: done.position, id: done.id };
    while (this.#memory[0] && this.#memory[0].position <= done.position) {
      const gone = this.#memory.shift();
      this.#memoryBytes -= Buffer.byteLength(gone?.body ?? "");
    }
    if (this.#memory.length === 0) {
      clearTimeout(this.#spoolTimer);
      this.#spoolTimer = undefined;
    }
    this.#noteTimer ??= setTimeout(() => this.#writeNote(), NOTE_EVERY);
    // A long backlog is not kept until the end of it.
    if (done.position - this.#noted >= MEMORY_EVENTS && (this.#spool?.count ?? 0) > 0)
      this.#writeNote();
  }

  #writeNote(): void {
    clearTimeout(this.#noteTimer);
    this.#noteTimer = undefined;
    const { position, id } = this.#acknowledged;
    if (position === this.#noted) return;
    this.#attempt((spool) => {
      if (spool.count > 0) spool.forget(position);
      spool.note(NOTE, `${position} ${id}`);
    });
    this.#noted = position;
  }

  #spoolMemory(): void {
    clearTimeout(this.#spoolTimer);
    this.#spoolTimer = undefined;
    if (this.#memory.length === 0) return;
    const cut = this.#attempt((spool) => {
      const gone = spool.append(this.#memory);
      this.#memory = [];
      this.#memoryBytes = 0;
      return gone;
    });
    if (cut) this.#giveUp(cut);
    if (!this.#spool) this.#cutMemory();
  }

  /** Without a flash, memory holds what it may. */
  #cutMemory(): void {
    const gone: Waiting[] = [];
    while (this.#memoryBytes > this.#options.memoryBytes) {
      const oldest = this.#memory.shift();
      if (!oldest) break;
      this.#memoryBytes -= Buffer.byteLength(oldest.body);
      gone.push(oldest);
    }
    const [first, last] = [gone[0], gone.at(-1)];
    if (first && last) this.#giveUp({ count: gone.length, firstId: first.id, lastId: last.id });
  }

  #giveUp(cut: Cut): void {
    this.#lost += cut.count;
    this.#options.lost(cut);
  }

  #attempt<Value>(work: (spool: Spool) => Value): Value | undefined {
    if (!this.#spool) return undefined;
    try {
      return work(this.#spool);
    } catch (error) {
      this.#spool = undefined;
      this.#page = [];
      this.#options.spoolFailed(error);
      return undefined;
    }
  }
}
