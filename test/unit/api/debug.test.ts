/** `GET /api/v1/debug`: for the control socket only, bounded, with conditions. */

import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { debugStream } from "#api/debug-stream.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { DebugCondition, DebugLine } from "#state/debug.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";

class DebuggedBackend extends ExampleBackend {
  readonly watchers: { condition: DebugCondition; tell: (line: DebugLine) => void }[] = [];
  most = 8;

  debug(condition: DebugCondition, tell: (line: DebugLine) => void): (() => void) | undefined {
    if (this.watchers.length >= this.most) return undefined;
    const watcher = { condition, tell };
    this.watchers.push(watcher);
    return () => void this.watchers.splice(this.watchers.indexOf(watcher), 1);
  }
}

const line: DebugLine = { time: "2026-11-24T10:00:00.000Z", area: "ikev2", text: "IKEv2:hello" };

let folder: string;
let api: ApiServer;
let backend: DebuggedBackend;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-debug-"));
  backend = new DebuggedBackend();
  api = await startApi({
    backend,
    controlSocket: join(folder, "control.sock"),
    listen: [{ address: "127.0.0.1" as IpAddress, port: 0 }],
    log: silentLog,
  });
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** Opens a call on the control socket; resolves with the status and what ends it. */
function open(path: string): Promise<{ status: number; text: () => string; end: () => void }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: join(folder, "control.sock"), path });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", () => {});
      resolve({
        status: response.statusCode ?? 0,
        text: () => text,
        end: () => response.destroy(),
      });
    });
    outgoing.end();
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test("lines come as they are told, by the condition that was asked for, until the reader goes", async () => {
  const reader = await open("/api/v1/debug?areas=ikev2,client&client=hq&peer=203.0.113.1");
  expect(reader.status).toBe(200);
  expect(backend.watchers[0]?.condition).toEqual({
    areas: ["ikev2", "client"],
    client: "hq",
    peer: "203.0.113.1",
  });
  backend.watchers[0]?.tell(line);
  await until(() => reader.text().includes("hello"));
  expect(reader.text()).toContain(`data: ${JSON.stringify(line)}\n\n`);
  reader.end();
  await until(() => backend.watchers.length === 0);
});

test("without areas it is all of them", async () => {
  const reader = await open("/api/v1/debug");
  expect(backend.watchers[0]?.condition.areas).toContain("kernel");
  reader.end();
});

test("an area that there is not, and one watcher too many, are refused", async () => {
  expect((await open("/api/v1/debug?areas=ike")).status).toBe(400);
  backend.most = 0;
  expect((await open("/api/v1/debug")).status).toBe(503);
});

test("a port of TCP has no such call", async () => {
  const [endpoint] = api.endpoints;
  const answer = await fetch(`http://127.0.0.1:${endpoint?.port}/api/v1/debug`);
  expect(answer.status).not.toBe(200);
  expect(backend.watchers).toEqual([]);
});

test("a reader that does not read costs a bounded number of lines, and is told what it missed", async () => {
  const stream = debugStream(backend, { areas: ["ikev2"] });
  const tell = backend.watchers[0]?.tell;
  for (let count = 0; count < 50_000; count++) tell?.(line);
  const reader = stream?.getReader();
  const decoder = new TextDecoder();
  let frames = 0;
  const next = async () => decoder.decode((await reader?.read())?.value);
  while (frames < 1_900) if ((await next()).startsWith("data:")) frames++;
  tell?.(line);
  let text = "";
  while (!text.includes("event: dropped")) text = await next();
  expect(Number(/data: (\d+)/.exec(text)?.[1])).toBeGreaterThan(47_000);
  await reader?.cancel();
});
