import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { debugText } from "#cli/commands/debug.ts";
import type { DebugCondition, DebugLine } from "#state/debug.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { flexspoke } from "./run.ts";

const line: DebugLine = {
  time: "2026-04-04T00:17:00.424Z",
  area: "ikev2",
  client: "hq",
  text: "IKEv2:(SESSION ID = 3,SA ID = 3):Received Packet\nPayload contents:\n SA \x1b[2J",
};

/** Tells one line as soon as somebody watches. */
class TalkingBackend extends ExampleBackend {
  readonly conditions: DebugCondition[] = [];

  debug(condition: DebugCondition, tell: (line: DebugLine) => void): () => void {
    this.conditions.push(condition);
    setImmediate(() => tell(line));
    return () => {};
  }
}

let folder: string;
let api: ApiServer;
const backend = new TalkingBackend();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-debug-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

async function watch(command: string) {
  const controller = new AbortController();
  return await flexspoke(`${command} --run-dir ${folder}`, {
    interrupt: controller.signal,
    onPrint: () => controller.abort(),
  });
}

test.each([
  ["debug ikev2 track", ["ikev2", "track"]],
  ["deb ike", ["ikev2"]],
  ["debug", ["ikev2", "client", "track", "sla", "dial", "kernel"]],
  ["deb cry ike", ["ikev2"]],
  ["debug crypto ikev2 client", ["client"]],
])("%s watches %j", async (command, areas) => {
  backend.conditions.length = 0;
  expect(await watch(command)).toMatchObject({ status: 0, stderr: "" });
  expect(backend.conditions).toEqual([{ areas }]);
});

test("conditions go to the daemon", async () => {
  backend.conditions.length = 0;
  await watch("debug ikev2 --peer 203.0.113.1 --client hq");
  expect(backend.conditions).toEqual([{ areas: ["ikev2"], client: "hq", peer: "203.0.113.1" }]);
});

test("a line looks as one of IOS, and can't drive the terminal", async () => {
  expect((await watch("debug ikev2")).stdout).toBe(
    "*Apr  4 00:17:00.424: IKEv2:(SESSION ID = 3,SA ID = 3):Received Packet\nPayload contents:\n SA \\x1b[2J\n",
  );
  expect(debugText({ ...line, text: "one" })).toBe("*Apr  4 00:17:00.424: one\n");
});

test("--json is a document a line", async () => {
  expect(JSON.parse((await watch("debug --json")).stdout)).toEqual(line);
});

test("an area that there is not is wrong usage", async () => {
  const { status, stderr } = await flexspoke("debug everything");
  expect(status).toBe(2);
  expect(stderr).toContain("Allowed choices are ikev2, client, track, sla, dial, kernel");
});
