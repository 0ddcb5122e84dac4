import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { EventOutbox, type Outlet } from "#telemetry/mqtt/event-outbox.ts";
import { type Cut, Spool } from "#telemetry/mqtt/spool.ts";

let folder: string;
const file = () => path.join(folder, "spool.db");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "outbox-"));
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

function event(id: number): StoredEvent {
  return {
    id,
    time: "2026-11-24T10:00:00.000Z",
    uptime: id,
    severity: "notice",
    mnemonic: "FLEXSPOKE-5-CLIENT_REQUEST",
    message: `event ${id}`,
    data: {},
  };
}

/** A broker that takes events when a test says so. */
class Taker implements Outlet {
  readonly window = 16;
  readonly longest = 4_096;
  readonly sent: number[] = [];
  readonly #open: (() => void)[] = [];
  broken(): void {}
  send(body: string): Promise<void> {
    this.sent.push((JSON.parse(body) as { id: number }).id);
    return new Promise((resolve) => this.#open.push(resolve));
  }
  /** Acknowledges the oldest messages. */
  async take(count = Number.POSITIVE_INFINITY): Promise<void> {
    for (let each = 0; each < count; each++) {
      const next = this.#open.shift();
      if (!next) return;
      next();
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    }
  }
}

function open(maxBytes = 1_000_000) {
  const spool = new Spool(file(), maxBytes);
  const cuts: Cut[] = [];
  const outbox = new EventOutbox({
    spool,
    memoryBytes: 0,
    lost: (cut) => cuts.push(cut),
    spoolFailed: () => {},
  });
  return { spool, outbox, cuts };
}

test("what the broker takes at once never touches the flash", async () => {
  const { spool, outbox } = open();
  const taker = new Taker();
  outbox.open(taker);
  for (let id = 1; id <= 40; id++) {
    outbox.add(event(id));
    await taker.take();
  }
  vi.advanceTimersByTime(5_000);
  expect(taker.sent).toHaveLength(40);
  expect(spool.newest).toBeUndefined();
  outbox.close();
  spool.close();
});

test("what it does not take is on the flash after half a second, and there in the next life", () => {
  const { outbox } = open();
  for (let id = 1; id <= 40; id++) outbox.add(event(id));
  vi.advanceTimersByTime(500);
  // The process is killed here: nothing is closed.
  const next = open();
  const taker = new Taker();
  next.outbox.open(taker);
  expect(taker.sent).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  expect(next.outbox.newestId).toBe(40);
});

test("a life that is killed before it noted anything leaves the next the event it began after", async () => {
  const { outbox } = open();
  expect(outbox.newestId).toBeUndefined();
  outbox.beginAfter(7);
  const taker = new Taker();
  outbox.open(taker);
  outbox.add(event(8));
  await taker.take();
  // The process is killed here, with event 9 in the event log alone.
  expect(open().outbox.newestId).toBe(7);
});

test("an event longer than the broker takes is given up and counted, the others go", async () => {
  const { outbox, cuts } = open();
  const taker = new Taker();
  outbox.open(taker);
  outbox.add({ ...event(1), message: "x".repeat(5_000) });
  outbox.add(event(2));
  await taker.take();
  expect(taker.sent).toEqual([2]);
  expect(cuts).toEqual([{ count: 1, firstId: 1, lastId: 1 }]);
});

test("the oldest give way when the spool is full, and it says which", () => {
  const { outbox, cuts, spool } = open(10_000);
  for (let id = 1; id <= 400; id++) outbox.add(event(id));
  vi.advanceTimersByTime(500);
  const lost = cuts.reduce((sum, { count }) => sum + count, 0);
  expect(spool.bytes).toBeLessThanOrEqual(10_000);
  expect(lost + spool.count).toBe(400);
  const taker = new Taker();
  outbox.open(taker);
  expect(taker.sent[0]).toBe(lost + 1);
});

test("whatever happens, each event arrives, in order but for repetitions of what was not acknowledged", async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("add" as const),
        n: fc.integer({ min: 1, max: 300 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("take" as const),
        n: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom("cut" as const, "open" as const, "kill" as const),
        n: fc.integer({ min: 0, max: 900 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("wait" as const),
        n: fc.integer({ min: 1, max: 20_000 }),
      }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      rmSync(folder, { recursive: true, force: true });
      folder = mkdtempSync(path.join(tmpdir(), "outbox-"));
      const log: StoredEvent[] = [];
      const arrived: number[] = [];
      let { outbox, spool } = open();
      outbox.beginAfter(0);
      let taker: Taker | undefined;
      const connect = () => {
        taker = new Taker();
        outbox.open(taker);
      };
      const end = () => {
        arrived.push(...(taker?.sent ?? []));
        taker = undefined;
      };
      for (const { do: what, n } of steps) {
        if (what === "add")
          for (let each = 0; each < n; each++) {
            log.push(event(log.length + 1));
            outbox.add(log.at(-1)!);
          }
        else if (what === "take") await taker?.take(n);
        else if (what === "wait") vi.advanceTimersByTime(n);
        else if (what === "open" && !taker) connect();
        else if (what === "cut") {
          end();
          outbox.shut();
        } else if (what === "kill") {
          end();
          outbox.shut();
          // What the killed process left, read by the next; the event log is asked for the rest.
          spool.close();
          vi.clearAllTimers();
          ({ outbox, spool } = open());
          const since = outbox.newestId;
          expect(since).toBeDefined();
          for (const each of log) if (each.id > since!) outbox.add(each);
        }
      }
      if (!taker) connect();
      for (let round = 0; round < 1_000 && outbox.counts.waiting >= 0; round++) {
        const before = taker!.sent.length;
        await taker!.take();
        if (taker!.sent.length === before) break;
      }
      end();
      let newest = 0;
      const fresh = arrived.filter((id) => {
        const isNew = id > newest;
        newest = Math.max(newest, id);
        return isNew;
      });
      expect(fresh).toEqual(log.map(({ id }) => id));
      vi.clearAllTimers();
      spool.close();
    }),
    { seed: 11, numRuns: 20 },
  );
}, 60_000);
