import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { hashPassword } from "#api/password.ts";
import { type ApiOptions, type ApiServer, startApi } from "#api/server.ts";
import { filesInMemory } from "#api/state-files.ts";
import { type PasswordHash, parsePasswordHash } from "#config/password-hash-syntax.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { EventDraft } from "#state/event.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { exampleState } from "./example-state.ts";
import { ask, type Call, send } from "./http.ts";

let folder: string;
let backend: ExampleBackend;
let api: ApiServer;
let events: EventDraft[];
let users: Record<string, PasswordHash>;
let options: ApiOptions;
const password = "correct horse battery";
const loopback = { address: "127.0.0.1" as IpAddress, port: 0 };

/** A hash that takes little to check. */
const quickHash = (word: string) =>
  hashPassword(word, { cost: 1024, blockSize: 8, parallelization: 1 });

beforeAll(async () => {
  users = { admin: parsePasswordHash(await quickHash(password))! };
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-login-"));
  backend = new ExampleBackend();
  events = [];
  options = {
    backend,
    controlSocket: join(folder, "control.sock"),
    listen: [loopback],
    users,
    files: filesInMemory(),
    record: (event) => events.push(event),
    log: silentLog,
  };
  api = await startApi(options);
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const port = () => ({ host: "127.0.0.1", port: api.endpoints[0]!.port });
const onPort = (path: string, call?: Call) => ask(port(), path, call);
const onSocket = (path: string, call?: Call) =>
  ask({ socketPath: options.controlSocket }, path, call);

const login = (word: string, user = "admin") =>
  onPort("/api/v1/session", {
    method: "POST",
    body: JSON.stringify({ user, password: word }),
  });

/** The header that a browser shows after logging in. */
async function cookie(): Promise<Record<string, string>> {
  const { status, headers } = await login(password);
  expect(status).toBe(204);
  return { cookie: String(headers["set-cookie"]).split(";")[0]! };
}

test("the right password opens a session in a cookie that no script and no other site sees", async () => {
  const { status, headers } = await login(password);
  expect(status).toBe(204);
  expect(headers["set-cookie"]).toHaveLength(1);
  expect(headers["set-cookie"]?.[0]).toMatch(
    /^flexspoke=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});

test.each(["/api/v1/state", "/api/v1/events?last=1", "/api/v1/events", "/nowhere", "/metrics"])(
  "%s is not shown to who is not logged in",
  async (path) => {
    const { status, body } = await onPort(path);
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: { code: "api.login-needed" } });
  },
);

test("who is logged in sees the state and may act, and the event says who it was", async () => {
  const headers = await cookie();
  expect((await onPort("/api/v1/state", { headers })).body).toEqual(exampleState);
  const { status } = await onPort("/api/v1/clients/hq/clear", { method: "POST", headers });
  expect(status).toBe(202);
  expect(backend.actions).toEqual([{ client: "hq", action: { kind: "clear" } }]);
  expect(backend.askers).toEqual(["admin on the page"]);
});

test("the session call says who is logged in", async () => {
  expect((await onPort("/api/v1/session")).status).toBe(401);
  const headers = await cookie();
  expect((await onPort("/api/v1/session", { headers })).body).toEqual({ user: "admin" });
});

test("a logout ends the session and its streams", async () => {
  const headers = await cookie();
  const stream = await send(port(), "/api/v1/events", { headers });
  const ended = new Promise((resolve) => stream.once("close", resolve));
  stream.resume().on("error", () => {});
  const { status, headers: answered } = await onPort("/api/v1/session", {
    method: "DELETE",
    headers,
  });
  expect(status).toBe(204);
  expect(String(answered["set-cookie"])).toMatch(/^flexspoke=; Max-Age=0; Path=\//);
  await ended;
  expect((await onPort("/api/v1/state", { headers })).status).toBe(401);
});

test.each([
  ["admin", "wrong"],
  ["nobody", password],
  ["constructor", password],
])("user %s with %j is refused in the same words", async (user, word) => {
  const { status, headers, body } = await login(word, user);
  expect(status).toBe(401);
  expect(body).toMatchObject({ error: { code: "api.wrong-password" } });
  expect(headers["set-cookie"]).toBeUndefined();
  expect(events.map(({ mnemonic }) => mnemonic)).toEqual(["SEC_LOGIN-4-LOGIN_FAILED"]);
  expect(JSON.stringify(events)).not.toContain(word);
});

test.each([undefined, "{", "[]", '{"user":"admin"}', '{"user":1,"password":2}'])(
  "a login with the body %j is refused as malformed",
  async (body) => {
    const call = { method: "POST", ...(body !== undefined && { body }) };
    expect((await onPort("/api/v1/session", call)).status).toBe(400);
  },
);

test("who guesses has to wait, even with the right password", async () => {
  for (let count = 0; count < 5; count++) expect((await login("guess")).status).toBe(401);
  const { status, headers, body } = await login(password);
  expect(status).toBe(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
  expect(body).toMatchObject({ error: { code: "api.too-many-logins" } });
});

test("guesses made at once do not get around the wait", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => login("guess")));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(15);
});

test.each([
  { origin: "http://evil.example" },
  { origin: "null" },
  { origin: "http://127.0.0.1:1" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
])("a page elsewhere changes nothing with a session it borrows: %j", async (foreign) => {
  const headers = { ...(await cookie()), ...(foreign as Record<string, string>) };
  const { status, body } = await onPort("/api/v1/clients/hq/clear", { method: "POST", headers });
  expect(status).toBe(403);
  expect(body).toMatchObject({ error: { code: "api.cross-origin" } });
  expect(backend.actions).toEqual([]);
});

test("the page itself may act", async () => {
  const { host, port: number } = port();
  const headers = {
    ...(await cookie()),
    origin: `http://${host}:${number}`,
    "sec-fetch-site": "same-origin",
  };
  const { status } = await onPort("/api/v1/clients/hq/clear", { method: "POST", headers });
  expect(status).toBe(202);
});

test("a forged token opens nothing", async () => {
  for (const token of ["", "x", "A".repeat(43), `${"A".repeat(5000)}`]) {
    const { status } = await onPort("/api/v1/state", { headers: { cookie: `flexspoke=${token}` } });
    expect(status).toBe(401);
  }
});

test("a restart of the daemon logs nobody out", async () => {
  const headers = await cookie();
  await api.close();
  api = await startApi(options);
  expect((await onPort("/api/v1/session", { headers })).body).toEqual({ user: "admin" });
});

test("another password in the configuration ends the sessions of the old one", async () => {
  const headers = await cookie();
  const other = { admin: parsePasswordHash(await quickHash("something else"))! };
  await api.configure({ listen: [loopback], users: other });
  expect((await onPort("/api/v1/state", { headers })).status).toBe(401);
  expect((await login("something else")).status).toBe(204);
});

test("without users a loopback port may be read, and the session call says that nobody is logged in", async () => {
  await api.configure({ listen: [loopback] });
  expect((await onPort("/api/v1/state")).status).toBe(200);
  expect((await onPort("/api/v1/session")).body).toEqual({ user: null });
  const { status, body } = await onPort("/api/v1/clients/hq/clear", { method: "POST" });
  expect(status).toBe(403);
  expect(body).toMatchObject({ error: { code: "api.read-only" } });
});

test("a page for the LAN that nobody was given a password for gets one, shown once on the console", async () => {
  await api.close();
  const shown: string[] = [];
  const everywhere = { address: "0.0.0.0" as IpAddress, port: 0 };
  const { users: _none, ...rest } = options;
  const device = {
    ...rest,
    listen: [everywhere],
    showOnConsole: (text: string) => shown.push(text),
  };
  api = await startApi(device);
  const [, first] = /user admin, password (\S+)/.exec(shown.join("\n")) ?? [];
  expect(first).toMatch(/^[2-9a-z]{4}(-[2-9a-z]{4}){3}$/);
  expect((await onPort("/api/v1/state")).status).toBe(401);
  expect((await login(first!)).status).toBe(204);
  expect(JSON.stringify(events)).not.toContain(first);
  await api.close();
  api = await startApi(device);
  expect(shown).toHaveLength(1);
  expect((await login(first!)).status).toBe(204);
});

test("without a console no password is made, and nobody gets in before one is set on the device", async () => {
  await api.close();
  const everywhere = { address: "0.0.0.0" as IpAddress, port: 0 };
  const { users: _none, ...rest } = options;
  api = await startApi({ ...rest, listen: [everywhere] });
  expect((await onPort("/api/v1/state")).status).toBe(401);
  const body = JSON.stringify({ "password-hash": await quickHash(password) });
  expect((await onSocket("/api/v1/users/admin", { method: "PUT", body })).status).toBe(204);
  expect((await login(password)).status).toBe(204);
});

test("a password is set by the control socket only, and not where the configuration says who may log in", async () => {
  const body = JSON.stringify({ "password-hash": await quickHash("something else") });
  const call = { method: "PUT", body };
  const refused = await onSocket("/api/v1/users/admin", call);
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ error: { code: "api.users-are-configured" } });
  const headers = await cookie();
  expect((await onPort("/api/v1/users/admin", { ...call, headers })).status).toBe(404);
});

test("the control socket needs no password", async () => {
  expect((await onSocket("/api/v1/state")).status).toBe(200);
});
