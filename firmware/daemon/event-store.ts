/** Opens the event store of the state directory; loaded late, because SQLite takes its time. */
import { readFileSync, renameSync } from "node:fs";
import path from "node:path";
import type { Log } from "#lib/log.ts";
import type { SqliteEventStore } from "#state/sqlite-event-store.ts";

/** Events kept on disk. */
const CAPACITY = 20_000;

/** @returns undefined when the disk can't be used: events are in memory only then. A broken file is moved aside. */
export async function openEventStore(
  stateDir: string,
  log: Log,
): Promise<SqliteEventStore | undefined> {
  const { SqliteEventStore } = await import("#state/sqlite-event-store.ts");
  const file = path.join(stateDir, "events.db");
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const open = () => new SqliteEventStore(file, CAPACITY, bootId);
  try {
    return open();
  } catch (error) {
    log.error(`the event history can't be read and is moved aside: ${String(error)}`, { file });
  }
  try {
    renameSync(file, `${file}.broken`);
    return open();
  } catch (error) {
    log.error(`events are kept in memory only: ${String(error)}`, { file });
    return undefined;
  }
}
