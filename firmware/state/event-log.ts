/**
 * The product's memory: gives events their ids, times and causes, keeps the newest in memory, hands each to those who
 * listen and to a store that outlives the process. It reads no clock; it is given one.
 */
import type { WallClock } from "#lib/duration.ts";
import type { StoredEvent } from "./document.ts";
import type { EventDraft, EventSubject } from "./event.ts";

/** When an event happened. */
export interface EventTime {
  readonly time: WallClock;
  /** Monotonic seconds since the daemon started. */
  readonly uptime: number;
}

/** Where events outlive the process. */
export interface EventStore {
  /** Highest id that may have been shown to anybody in an earlier life; 0 for a new store. */
  readonly lastId: number;
  /** Written when the call returns, though maybe not yet safe from power loss. @throws when the disk refuses. */
  append(event: StoredEvent): void;
  /** The newest `count` events with an id up to and including `upTo`, oldest first. */
  newest(count: number, upTo: number): readonly StoredEvent[];
}

type Listener = (event: StoredEvent) => void;

/** The event log. Until `open` it holds events back, so that start-up need not wait for the disk to know the next id. */
export class EventLog {
  readonly #now: () => EventTime;
  readonly #capacity: number;
  readonly #storeFailed: (error: unknown) => void;
  #isOpen = false;
  #held: { readonly draft: EventDraft; readonly at: EventTime }[] = [];
  #recent: StoredEvent[] = [];
  readonly #latestAbout = new Map<EventSubject, StoredEvent>();
  readonly #listeners = new Set<Listener>();
  #store: EventStore | undefined;
  #lastId = 0;

  /**
   * @param capacity events kept in memory.
   * @param storeFailed hears once that the store does not work any more; the log goes on without it.
   */
  constructor(now: () => EventTime, capacity: number, storeFailed: (error: unknown) => void) {
    this.#now = now;
    this.#capacity = capacity;
    this.#storeFailed = storeFailed;
  }

  /** Id of the newest event; 0 when there is none. */
  get lastId(): number {
    return this.#lastId;
  }

  /**
   * Begins to number events after those of the store, held ones first. Without a store they are numbered from 1.
   * Call it once, before anybody reads.
   */
  open(store?: EventStore): void {
    this.#store = store;
    this.#lastId = store?.lastId ?? 0;
    this.#isOpen = true;
    const held = this.#held;
    this.#held = [];
    for (const { draft, at } of held) this.#add(draft, at);
  }

  /** Takes an event. @returns it with its id, or undefined while the log is not open. */
  record(draft: EventDraft): StoredEvent | undefined {
    const at = this.#now();
    if (this.#isOpen) return this.#add(draft, at);
    this.#held.push({ draft, at });
    return undefined;
  }

  /** The newest event about a subject; undefined when there was none, or too long ago. */
  latestAbout(subject: EventSubject): StoredEvent | undefined {
    return this.#latestAbout.get(subject);
  }

  /** The newest `count` events, oldest first; those that memory has no room for come from the store. */
  last(count: number): readonly StoredEvent[] {
    if (count <= 0) return [];
    const recent = this.#recent.slice(-count);
    const missing = count - recent.length;
    if (missing <= 0 || !this.#store) return recent;
    const before = (recent[0]?.id ?? this.#lastId + 1) - 1;
    return [...this.#older(missing, before), ...recent];
  }

  /** Every kept event with a higher id, oldest first. */
  after(id: number): readonly StoredEvent[] {
    const oldest = this.#recent[0]?.id ?? this.#lastId + 1;
    const recent = this.#recent.filter((event) => event.id > id);
    if (id >= oldest - 1 || !this.#store) return recent;
    return [...this.#older(RESUME_LIMIT, oldest - 1).filter((event) => event.id > id), ...recent];
  }

  /**
   * Calls `listener` for each event as it happens; with `fromId`, first for those kept whose id is higher, within this
   * call. @returns what ends it.
   */
  subscribe(listener: Listener, fromId?: number): () => void {
    if (fromId !== undefined) for (const event of this.after(fromId)) listener(event);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #add(draft: EventDraft, at: EventTime): StoredEvent {
    const event = this.#stored(draft, at);
    this.#lastId = event.id;
    for (const subject of draft.subjects ?? []) this.#note(subject, event);
    this.#recent.push(event);
    if (this.#recent.length > this.#capacity) this.#recent.shift();
    this.#save(event);
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  #stored(draft: EventDraft, { time, uptime }: EventTime): StoredEvent {
    const { severity, mnemonic, client, peer, message, data } = draft;
    const cause = draft.cause === undefined ? undefined : this.latestAbout(draft.cause)?.id;
    return {
      id: this.#lastId + 1,
      time: formatTime(time),
      uptime: Math.round(uptime * 1_000) / 1_000,
      severity,
      mnemonic,
      ...(client === undefined ? {} : { client }),
      ...(peer === undefined ? {} : { peer }),
      message,
      data: cause === undefined ? data : { ...data, cause },
    };
  }

  /** Sessions come and go for years: the subjects that nothing was heard of longest are forgotten. */
  #note(subject: EventSubject, event: StoredEvent): void {
    this.#latestAbout.delete(subject);
    this.#latestAbout.set(subject, event);
    if (this.#latestAbout.size <= SUBJECT_LIMIT) return;
    for (const oldest of this.#latestAbout.keys()) {
      this.#latestAbout.delete(oldest);
      break;
    }
  }

  #save(event: StoredEvent): void {
    try {
      this.#store?.append(event);
    } catch (error) {
      this.#store = undefined;
      this.#storeFailed(error);
    }
  }

  #older(count: number, upTo: number): readonly StoredEvent[] {
    try {
      return this.#store?.newest(count, upTo) ?? [];
    } catch (error) {
      this.#store = undefined;
      this.#storeFailed(error);
      return [];
    }
  }
}

/** RFC 3339, UTC, milliseconds. */
export function formatTime(time: WallClock): string {
  return new Date(time).toISOString();
}

/** The most that a reader who was away long gets at once. */
const RESUME_LIMIT = 10_000;
/** Subjects that events can still name as a cause. */
const SUBJECT_LIMIT = 4_096;
