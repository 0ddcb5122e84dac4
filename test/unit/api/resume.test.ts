import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import type { WallClock } from "#lib/duration.ts";
import { EventLog } from "#state/event-log.ts";
import { SqliteEventStore } from "#state/sqlite-event-store.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { send } from "./http.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-resume-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One life of the daemon, as far as events go: the log, its store on disk, the API. */
async function life(boot: string) {
  const events = new EventLog(
    () => ({ time: 0 as WallClock, uptime: 0 }),
    4,
    () => {},
  );
  const store = new SqliteEventStore(join(folder, "events.db"), 1_000, boot);
  events.open(store);
  const backend = new ExampleBackend();
  backend.subscribe = (listener, fromId) => events.subscribe(listener, fromId);
  const controlSocket = join(folder, "control.sock");
  const api: ApiServer = await startApi({ backend, controlSocket, listen: [], log: silentLog });
  return {
    happen: (message: string) =>
      events.record({ severity: "notice", mnemonic: "FLEXSPOKE-5-TEST", message, data: {} }),
    end: async () => {
      await api.close();
      store.close();
    },
  };
}

/** Reads the stream until so many events came. @returns their ids and messages. */
async function read(count: number, lastEventId?: number) {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": String(lastEventId) };
  const response = await send({ socketPath: join(folder, "control.sock") }, "/api/v1/events", {
    headers,
  });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.split("\n\nid: ").length > count) break;
  }
  response.destroy();
  return [...text.matchAll(/^id: (\d+)\ndata: .*"message":"(\w+)"/gm)].map(([, id, message]) => ({
    id: Number(id),
    message,
  }));
}

test("a reader resumes over a restart of the daemon: nothing is missing, nothing comes twice", async () => {
  const first = await life("boot");
  for (let count = 0; count < 10; count++) first.happen(`old${count}`);
  const seen = await read(3, 0);
  expect(seen.slice(0, 3).map(({ message }) => message)).toEqual(["old0", "old1", "old2"]);
  const last = seen[2]!.id;
  await first.end();

  const second = await life("boot");
  second.happen("new0");
  const resumed = await read(8, last);
  await second.end();
  expect(resumed.map(({ message }) => message)).toEqual([
    ...Array.from({ length: 7 }, (_, index) => `old${index + 3}`),
    "new0",
  ]);
  const ids = resumed.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(Math.min(...ids)).toBeGreaterThan(last);
});
