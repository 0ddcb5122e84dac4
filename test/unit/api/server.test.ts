import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControlSocketInUse } from "#api/control-listener.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import type { IpAddress } from "#lib/ip.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { exampleEvents, exampleState } from "./example-state.ts";

let folder: string;
let socketPath: string;
let backend: ExampleBackend;
let api: ApiServer;
const loopback = { address: "127.0.0.1" as IpAddress, port: 0 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-api-"));
  socketPath = join(folder, "control.sock");
  backend = new ExampleBackend();
  api = await startApi({
    backend,
    controlSocket: socketPath,
    listen: [loopback],
    log: silentLog,
  });
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

interface Call {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

function send(target: object, path: string, call: Call): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...target,
      path,
      method: call.method ?? "GET",
      headers: call.headers,
    });
    outgoing.once("response", resolve).once("error", reject).end(call.body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) };
}

const onSocket = async (path: string, call: Call = {}): Promise<Answer> =>
  read(await send({ socketPath }, path, call));

const onPort = async (path: string, call: Call = {}): Promise<Answer> =>
  read(await send({ host: "127.0.0.1", port: api.endpoints[0]!.port }, path, call));

/** Opens the stream and reads until `count` events came. */
async function streamed(count: number, headers: Record<string, string>, then?: () => void) {
  const response = await send({ socketPath }, "/api/v1/events", { headers });
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    if (text === "") then?.();
    text += chunk;
    if (text.split("\ndata: ").length > count) break;
  }
  response.destroy();
  return { type: response.headers["content-type"], text };
}

test("the control socket is open to its owner only", () => {
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

test("the whole state is one document", async () => {
  const { status, body } = await onSocket("/api/v1/state");
  expect(status).toBe(200);
  expect(body).toEqual(exampleState);
});

test("a part of the state, and one entry of it by name, can be asked for alone", async () => {
  expect((await onSocket("/api/v1/state/tunnels")).body).toEqual(exampleState.tunnels);
  const { hq } = exampleState.clients;
  expect((await onSocket("/api/v1/state/clients/hq")).body).toEqual(hq);
});

test("a list of the state is asked for by the client that its entries belong to", async () => {
  expect((await onSocket("/api/v1/state/ike/hq")).body).toEqual(exampleState.ike);
});

test("a part that does not exist is refused, naming those that do", async () => {
  const { status, body } = await onSocket("/api/v1/state/toString");
  expect(status).toBe(404);
  expect(body).toMatchObject({
    error: { code: "api.unknown-part", known: Object.keys(exampleState) },
  });
});

test("an entry that does not exist is refused, naming those that do", async () => {
  const { status, body } = await onSocket("/api/v1/state/clients/constructor");
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: "api.unknown-client", known: ["hq", "backup"] } });
});

test("the newest events come as history, oldest first", async () => {
  expect((await onSocket("/api/v1/events?last=2")).body).toEqual(exampleEvents.slice(-2));
});

test.each(["0", "-1", "x", "1.5", ""])("a history of %j events is refused", async (last) => {
  const { status, body } = await onSocket(`/api/v1/events?last=${last}`);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { code: "api.bad-request" } });
});

test("events are streamed as they happen, each with its id", async () => {
  const { type, text } = await streamed(2, {}, () => {
    backend.happen(44, "first");
    backend.happen(45, "second");
  });
  expect(type).toBe("text/event-stream; charset=utf-8");
  expect(text).toMatch(
    /^: .*\nretry: \d+\n\nid: 44\ndata: \{"id":44.*\}\n\nid: 45\ndata: .*"second".*\n\n$/,
  );
});

test("a stream resumes after the event named by Last-Event-ID", async () => {
  const { text } = await streamed(3, { "Last-Event-ID": "41" }, () => backend.happen(44, "live"));
  expect([...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(["42", "43", "44"]);
});

test("a reader that leaves is forgotten", async () => {
  await streamed(1, { "Last-Event-ID": "42" });
  await expect.poll(() => backend.subscribers).toBe(0);
});

test.each(["connect", "disconnect", "clear", "rehearse"] as const)(
  "%s is passed on and answers with its event",
  async (kind) => {
    const { status, body } = await onSocket(`/api/v1/clients/hq/${kind}`, { method: "POST" });
    expect(status).toBe(202);
    expect(body).toEqual({ event: 44 });
    expect(backend.actions).toEqual([{ client: "hq", action: { kind } }]);
    expect(backend.askers).toEqual(["command line"]);
  },
);

test.each(["ike", "child"] as const)("a rekey of the %s SA is passed on", async (what) => {
  const call = { method: "POST", body: JSON.stringify({ what }) };
  expect((await onSocket("/api/v1/clients/hq/rekey", call)).status).toBe(202);
  expect(backend.actions).toEqual([{ client: "hq", action: { kind: "rekey", what } }]);
});

test.each([undefined, "{", "[]", '{"what":"esp"}', "null"])(
  "a rekey with the body %j is refused, naming what there is",
  async (body) => {
    const call = { method: "POST", ...(body !== undefined && { body }) };
    const answer = await onSocket("/api/v1/clients/hq/rekey", call);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { known: ["ike", "child"] } });
    expect(backend.actions).toEqual([]);
  },
);

test("an action on an unknown client is refused, naming the clients", async () => {
  const { status, body } = await onSocket("/api/v1/clients/hub/connect", { method: "POST" });
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: "api.unknown-client", known: ["hq", "backup"] } });
  expect(backend.actions).toEqual([]);
});

test("an action that is not possible now is refused with its reason", async () => {
  backend.outcome = { kind: "refused", code: "client.not-up", reason: "hq is not up: connect it" };
  const { status, body } = await onSocket("/api/v1/clients/hq/clear", { method: "POST" });
  expect(status).toBe(409);
  expect(body).toEqual({ error: { code: "client.not-up", message: "hq is not up: connect it" } });
});

test("a body that no call needs is refused", async () => {
  const call = { method: "POST", body: "x".repeat(5000) };
  expect((await onSocket("/api/v1/clients/hq/rekey", call)).status).toBe(413);
});

test("a body that does not say how long it is is refused before it is read", async () => {
  const call = { method: "POST", body: "{}", headers: { "transfer-encoding": "chunked" } };
  expect((await onSocket("/api/v1/clients/hq/rekey", call)).status).toBe(411);
});

test("a port shows the state", async () => {
  expect((await onPort("/api/v1/state")).body).toEqual(exampleState);
});

test("a port changes nothing", async () => {
  const { status, body } = await onPort("/api/v1/clients/hq/disconnect", { method: "POST" });
  expect(status).toBe(403);
  expect(body).toMatchObject({ error: { code: "api.read-only" } });
  expect(backend.actions).toEqual([]);
});

test.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "203.0.113.1"])(
  "a port refuses the host name %s",
  async (host) => {
    const { status, body } = await onPort("/api/v1/state", { headers: { host } });
    expect(status).toBe(421);
    expect(body).toMatchObject({ error: { code: "api.unknown-host" } });
  },
);

test.each(["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"])(
  "a port answers to %s",
  async (host) => {
    expect((await onPort("/api/v1/state", { headers: { host } })).status).toBe(200);
  },
);

test.each(["/api/v1/state", "/nowhere"])(
  "the answer to %s tells browsers to keep away",
  async (path) => {
    const { headers } = await onPort(path);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  },
);

test("an unknown call is refused as JSON", async () => {
  const { status, body } = await onSocket("/api/v2/state");
  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: "api.unknown-call" } });
});

test("a fault of the daemon is answered without its details", async () => {
  backend.state = () => {
    throw new Error("hunter2");
  };
  const { status, body } = await onSocket("/api/v1/state");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("hunter2");
});

test("a socket left by a crash is replaced", async () => {
  await api.close();
  const { spawnSync } = await import("node:child_process");
  const script = `require("net").createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  expect(statSync(socketPath).isSocket()).toBe(true);
  api = await startApi({ backend, controlSocket: socketPath, listen: [], log: silentLog });
  expect((await onSocket("/api/v1/state")).status).toBe(200);
});

test("a second daemon leaves the socket of the first alone", async () => {
  const second = startApi({ backend, controlSocket: socketPath, listen: [], log: silentLog });
  await expect(second).rejects.toThrow(ControlSocketInUse);
  expect((await onSocket("/api/v1/state")).status).toBe(200);
});

test("a file in the place of the socket is not removed", async () => {
  const path = join(folder, "precious");
  writeFileSync(path, "keep me");
  const start = startApi({ backend, controlSocket: path, listen: [], log: silentLog });
  await expect(start).rejects.toThrow();
  expect(statSync(path).isFile()).toBe(true);
});

test("a port that is taken is told and leaves the control socket working", async () => {
  const squatter = createTcpServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as { port: number };
  const told: unknown[] = [];
  const second = await startApi({
    backend,
    controlSocket: join(folder, "second.sock"),
    listen: [{ ...loopback, port }],
    log: { ...silentLog, error: (text) => told.push(text) },
  });
  expect(second.endpoints).toEqual([]);
  expect(String(told[0])).toContain("change web.listen");
  await second.close();
  squatter.close();
});

test("a port that could not be listened on is listened on when it is asked for again, and told once", async () => {
  const squatter = createTcpServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as { port: number };
  const told: unknown[] = [];
  const second = await startApi({
    backend,
    controlSocket: join(folder, "second.sock"),
    listen: [{ ...loopback, port }],
    log: { ...silentLog, error: (text) => told.push(text) },
  });
  await second.listenAgain();
  expect(second.endpoints).toEqual([]);
  await new Promise((resolve) => squatter.close(resolve));
  await second.listenAgain();
  expect(second.endpoints).toEqual([{ ...loopback, port }]);
  expect(told).toHaveLength(1);
  await second.close();
});

test("the end of the server ends open streams", async () => {
  const response = await send({ socketPath }, "/api/v1/events", {});
  const ended = new Promise((resolve) => response.once("close", resolve));
  response.resume().on("error", () => {});
  await api.close();
  await ended;
  expect(backend.subscribers).toBe(0);
});

test.each(["up", "down"] as const)("a stub object is set %s by the API", async (state) => {
  const call = { method: "POST", body: JSON.stringify({ state }) };
  const { status, body } = await onSocket("/api/v1/track/maintenance", call);
  expect(status).toBe(202);
  expect(body).toEqual({ event: 44 });
  expect(backend.stubs).toEqual({ maintenance: state });
});

test.each([undefined, "{", "[]", '{"state":"sideways"}', "null"])(
  "setting an object with the body %j is refused, naming what there is",
  async (body) => {
    const call = { method: "POST", ...(body !== undefined && { body }) };
    const answer = await onSocket("/api/v1/track/maintenance", call);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { known: ["up", "down"] } });
    expect(backend.stubs).toEqual({});
  },
);

test("setting what does not exist or is no stub object is refused", async () => {
  const call = { method: "POST", body: '{"state":"up"}' };
  const unknown = await onSocket("/api/v1/track/nobody", call);
  expect(unknown.status).toBe(404);
  expect(unknown.body).toMatchObject({ error: { code: "api.unknown-track" } });

  backend.outcome = { kind: "refused", code: "track.not-a-stub", reason: "it goes by its route" };
  const refused = await onSocket("/api/v1/track/wan0-up", call);
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ error: { code: "track.not-a-stub" } });
});

test("a diagnosis is asked for by the name of the client", async () => {
  expect(await onSocket("/api/v1/diagnose/hq")).toMatchObject({
    status: 200,
    body: { client: "hq", findings: [{ code: "ike-proposal-mismatch", when: "now" }] },
  });
  expect(await onSocket("/api/v1/diagnose/nobody")).toMatchObject({
    status: 404,
    body: { error: { code: "api.unknown-client", known: Object.keys(exampleState.clients) } },
  });
});
