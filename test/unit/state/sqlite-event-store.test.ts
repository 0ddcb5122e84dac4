import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { SqliteEventStore } from "#state/sqlite-event-store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flexspoke-events-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (bootId = "boot-1", capacity = 1_000): SqliteEventStore =>
  new SqliteEventStore(path.join(folder, "events.db"), capacity, bootId);

const event = (id: number): StoredEvent => ({
  id,
  time: "2026-01-02T03:04:05.678Z",
  uptime: 1.5,
  severity: "notice",
  mnemonic: "FLEXSPOKE-5-TEST",
  client: "hq",
  message: `event ${id} — „quoted“`,
  data: { cause: id - 1, nested: { list: [1, "two"] } },
});

test("events come back as they were, oldest first, after the file was closed", () => {
  const first = open();
  expect(first.lastId).toBe(0);
  for (let id = 1; id <= 5; id++) first.append(event(id));
  first.close();

  const second = open("boot-2");

  expect(second.lastId).toBe(5);
  expect(second.newest(3, 4)).toEqual([event(2), event(3), event(4)]);
  second.close();
});

test("a killed process has lost nothing and repeats no id", () => {
  const killed = open();
  killed.append(event(1));
  killed.append(event(2));

  const next = open();

  expect(next.lastId).toBe(2);
  expect(next.newest(10, 10)).toHaveLength(2);
  next.close();
  killed.close();
});

test("after power loss ids go on beyond all that may have been lost", () => {
  const lost = open("boot-1");
  lost.append(event(7));

  const next = open("boot-2");

  expect(next.lastId).toBe(10_007);
  next.close();
  lost.close();
});

test("old events go when there are more than the file may hold, gaps in the ids or not", () => {
  const store = open("boot-1", 10);
  store.append(event(1));
  for (let id = 20_001; id <= 20_300; id++) store.append(event(id));

  const kept = store.newest(1_000, 30_000).map((each) => each.id);
  expect(kept).not.toContain(1);
  expect(kept.length).toBeGreaterThanOrEqual(10);
  expect(kept.length).toBeLessThan(10 + 256);
  expect(kept.at(-1)).toBe(20_300);
  store.close();
});

test("a file that is no database is refused, not overwritten", () => {
  writeFileSync(
    path.join(folder, "events.db"),
    "this is not a database, but somebody's notes\n".repeat(50),
  );

  expect(() => open()).toThrow(/not a database/);
});
