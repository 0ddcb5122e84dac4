import { expect, test } from "vitest";
import type { WallClock } from "#lib/duration.ts";
import type { StoredEvent } from "#state/document.ts";
import { clientSubject, type EventDraft, sessionSubject } from "#state/event.ts";
import { EventLog, type EventStore } from "#state/event-log.ts";

const start = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** A store in memory, as a file would be: it outlives the log. */
class MemoryStore implements EventStore {
  readonly rows: StoredEvent[] = [];
  isBroken = false;

  get lastId(): number {
    return this.rows.at(-1)?.id ?? 0;
  }

  append(event: StoredEvent): void {
    if (this.isBroken) throw new Error("disk full");
    this.rows.push(event);
  }

  newest(count: number, upTo: number): readonly StoredEvent[] {
    return this.rows.filter((event) => event.id <= upTo).slice(-count);
  }
}

function newLog(store?: EventStore, capacity = 100): { log: EventLog; failures: unknown[] } {
  let ticks = 0;
  const failures: unknown[] = [];
  const log = new EventLog(
    () => {
      ticks++;
      return { time: (start + ticks * 1_000) as WallClock, uptime: ticks + 0.123456 };
    },
    capacity,
    (error) => failures.push(error),
  );
  log.open(store);
  return { log, failures };
}

function draft(message: string, changes: Partial<EventDraft> = {}): EventDraft {
  return { severity: "notice", mnemonic: "FLEXSPOKE-5-TEST", message, data: {}, ...changes };
}

const ids = (events: readonly StoredEvent[]): readonly number[] => events.map((event) => event.id);

test("an event gets an id, the wall-clock time in UTC and the seconds since the start", () => {
  const { log } = newLog();
  const event = log.record(draft("first", { client: "hq", peer: "hub1", data: { seq: 10 } }));

  expect(event).toEqual({
    id: 1,
    time: "2026-01-02T03:04:06.678Z",
    uptime: 1.123,
    severity: "notice",
    mnemonic: "FLEXSPOKE-5-TEST",
    client: "hq",
    peer: "hub1",
    message: "first",
    data: { seq: 10 },
  });
});

test("an event that names a subject as its cause points at the latest event about it", () => {
  const { log } = newLog();
  log.record(draft("connecting", { subjects: [clientSubject("hq"), sessionSubject(5)] }));
  log.record(draft("no answer", { subjects: [sessionSubject(5)], cause: sessionSubject(5) }));
  log.record(draft("other client", { subjects: [clientSubject("dc")] }));
  log.record(draft("backs off", { subjects: [clientSubject("hq")], cause: sessionSubject(5) }));

  expect(log.last(4).map((event) => event.data["cause"])).toEqual([undefined, 1, undefined, 2]);
});

test("an event never is its own cause", () => {
  const { log } = newLog();
  const event = log.record(
    draft("x", { subjects: [clientSubject("hq")], cause: clientSubject("hq") }),
  );

  expect(event?.data).toEqual({});
});

test("a cause that nobody has heard of is left out", () => {
  const { log } = newLog();

  expect(log.record(draft("x", { cause: sessionSubject(99) }))?.data).toEqual({});
});

test("the latest event about a subject can be asked for", () => {
  const { log } = newLog();
  log.record(draft("a", { subjects: [clientSubject("hq")] }));
  log.record(draft("b"));

  expect(log.latestAbout(clientSubject("hq"))?.message).toBe("a");
  expect(log.latestAbout(clientSubject("dc"))).toBeUndefined();
});

test("subjects that nothing was heard of for long are forgotten, lively ones stay", () => {
  const { log } = newLog();
  log.record(draft("old", { subjects: [sessionSubject(0)] }));
  log.record(draft("x", { subjects: [clientSubject("hq")] }));
  for (let session = 1; session <= 8_000; session++) {
    const lively = session === 4_000 ? [clientSubject("hq")] : [];
    log.record(draft("x", { subjects: [sessionSubject(session), ...lively] }));
  }

  expect(log.latestAbout(sessionSubject(0))).toBeUndefined();
  expect(log.latestAbout(clientSubject("hq"))?.id).toBe(4_002);
  expect(log.latestAbout(sessionSubject(7_999))).toBeDefined();
});

test("memory holds the newest events and no more", () => {
  const { log } = newLog(undefined, 3);
  for (let count = 0; count < 10; count++) log.record(draft(`event ${count}`));

  expect(ids(log.last(100))).toEqual([8, 9, 10]);
  expect(ids(log.last(2))).toEqual([9, 10]);
  expect(log.last(0)).toEqual([]);
});

test("what memory has no room for comes from the store", () => {
  const { log } = newLog(new MemoryStore(), 3);
  for (let count = 0; count < 10; count++) log.record(draft(`event ${count}`));

  expect(ids(log.last(5))).toEqual([6, 7, 8, 9, 10]);
  expect(ids(log.after(4))).toEqual([5, 6, 7, 8, 9, 10]);
  expect(ids(log.after(8))).toEqual([9, 10]);
});

test("the next life goes on after the last id and shows what was before", () => {
  const store = new MemoryStore();
  newLog(store).log.record(draft("before"));
  const { log } = newLog(store);
  expect(ids(log.last(10))).toEqual([1]);

  log.record(draft("after"));

  expect(log.last(10).map((event) => [event.id, event.message])).toEqual([
    [1, "before"],
    [2, "after"],
  ]);
});

test("events from before the log is open keep their times and are numbered when it opens", () => {
  let now = 1;
  const log = new EventLog(
    () => ({ time: start as WallClock, uptime: now }),
    10,
    () => {},
  );
  const heard: number[] = [];
  log.subscribe((event) => heard.push(event.id));
  expect(log.record(draft("early", { subjects: [clientSubject("hq")] }))).toBeUndefined();
  now = 2;
  log.record(draft("next", { cause: clientSubject("hq") }));
  const store = new MemoryStore();
  store.append({ ...newLog().log.record(draft("old life"))!, id: 41 });
  now = 3;
  log.open(store);

  expect(log.last(2).map((event) => [event.id, event.uptime, event.data["cause"]])).toEqual([
    [42, 1, undefined],
    [43, 2, 42],
  ]);
  expect(heard).toEqual([42, 43]);
});

test("a listener who was away gets what it missed first, then what happens, each once", () => {
  const { log } = newLog();
  for (let count = 0; count < 3; count++) log.record(draft("missed"));
  const heard: number[] = [];
  const stop = log.subscribe((event) => heard.push(event.id), 1);
  log.record(draft("live"));
  stop();
  log.record(draft("not heard"));

  expect(heard).toEqual([2, 3, 4]);
});

test("a listener without a place to resume from hears only what happens", () => {
  const { log } = newLog();
  log.record(draft("before"));
  const heard: number[] = [];
  log.subscribe((event) => heard.push(event.id));
  log.record(draft("after"));

  expect(heard).toEqual([2]);
});

test("a listener who resumes after an id that does not exist yet gets nothing twice", () => {
  const { log } = newLog(new MemoryStore());
  log.record(draft("one"));

  expect(log.after(100)).toEqual([]);
});

test("a store that breaks is told of once, and the log goes on in memory", () => {
  const store = new MemoryStore();
  const { log, failures } = newLog(store);
  store.isBroken = true;
  log.record(draft("one"));
  log.record(draft("two"));

  expect(failures).toEqual([new Error("disk full")]);
  expect(ids(log.last(10))).toEqual([1, 2]);
});
