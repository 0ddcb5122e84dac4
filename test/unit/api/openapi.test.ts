import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as z from "zod/mini";
import { createApp } from "#api/app.ts";
import { type Call, calls } from "#api/calls.ts";
import { Login } from "#api/login.ts";
import { answers } from "#api/schema/answers.ts";
import { requests } from "#api/schema/requests.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import { Sessions } from "#api/sessions.ts";
import { filesInMemory } from "#api/state-files.ts";
import { Users } from "#api/users.ts";
import type { StateDocument, StoredEvent } from "#state/document.ts";
import type { SlaDetail } from "#state/document-sla.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { exampleState } from "./example-state.ts";
import { ask, type Call as HttpCall } from "./http.ts";

let folder: string;
let api: ApiServer;
const backend = new ExampleBackend();
const metrics = () => Promise.resolve({ type: "text/plain", text: "" });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-openapi-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], metrics, log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const onSocket = (path: string, call?: HttpCall) =>
  ask({ socketPath: join(folder, "control.sock") }, path, call);

const document = async () =>
  (await onSocket("/api/v1/openapi.json")).body as {
    openapi: string;
    paths: Record<string, Record<string, Record<string, unknown>>>;
    components: { schemas: Record<string, object> };
  };

/** What a listener answers, as `get /api/v1/state/{part}`. */
function routes(kind: "control" | "port"): readonly string[] {
  const files = filesInMemory();
  const users = new Users({}, files, silentLog);
  const sessions = new Sessions(users, files, silentLog);
  const login = new Login({ users, sessions, record: () => {}, now: () => 0 });
  const app = createApp(
    { backend, users, files, metrics, record: () => {}, log: silentLog },
    { users, sessions, login },
    kind === "control" ? { kind } : { kind, isLoopback: true, isSecure: false, names: [] },
  );
  const found = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`);
  return [...new Set(found)].sort();
}

const described = (...places: readonly Call["only"][]) =>
  calls
    .filter(({ only }) => places.includes(only))
    .map(({ method, path }) => `${method} ${path}`)
    .sort();

test("every call of the control socket is in the document, and nothing else", () => {
  expect(described(undefined, "control socket")).toEqual(routes("control"));
});

test("every call of a port is in the document, and nothing else", () => {
  expect(described(undefined, "ports")).toEqual(routes("port"));
});

test("the document is OpenAPI 3.1, and every reference in it leads somewhere", async () => {
  const { openapi, paths, components } = await document();
  expect(openapi).toBe("3.1.0");
  const text = JSON.stringify({ paths, components });
  const referred = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to = ""]) => to);
  expect(referred.length).toBeGreaterThan(30);
  const known = Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(referred.filter((to) => !known.includes(to))).toEqual([]);
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(calls.length);
  for (const [path, methods] of Object.entries(paths))
    for (const { parameters = [] } of Object.values(methods))
      for (const { name, in: place } of parameters as { name: string; in: string }[])
        if (place === "path") expect(path).toContain(`{${name}}`);
});

/** What was answered, when the schema knows all of it. */
function known(schema: z.ZodMiniType, value: unknown): unknown {
  return schema.parse(value);
}

test.each([
  ["/api/v1/state", "State"],
  ["/api/v1/state/clients/hq", "Client"],
  ["/api/v1/state/tunnels/Tunnel0", "Tunnel"],
  ["/api/v1/state/dialers/lte", "Dialer"],
  ["/api/v1/state/system", "System"],
  ["/api/v1/state/sla/hub1-echo", "SlaDetail"],
  ["/api/v1/events?last=10", "Events"],
  ["/api/v1/diagnose/hq", "Diagnosis"],
  ["/api/v1/state/nothing", "Fault"],
  ["/nowhere", "Fault"],
] as const)("what %s answers is a %s, and nothing of it is undocumented", async (path, name) => {
  const { body } = await onSocket(path);
  expect(known(answers[name], body)).toEqual(body);
});

test("what an action answers is as described", async () => {
  for (const [path, body] of [
    ["/api/v1/clients/hq/connect", undefined],
    ["/api/v1/clients/hq/rekey", '{"what":"ike"}'],
    ["/api/v1/track/maintenance", '{"state":"up"}'],
  ] as const) {
    const answer = await onSocket(path, { method: "POST", ...(body && { body }) });
    expect(answer.status).toBe(202);
    expect(known(answers.Accepted, answer.body)).toEqual(answer.body);
  }
});

test("a body is refused by the same schema that the document shows", async () => {
  const { components } = await document();
  expect(components.schemas["Rekey"]).toMatchObject({
    type: "object",
    required: ["what"],
    properties: { what: { enum: ["ike", "child"] } },
  });
  expect(requests.Rekey.safeParse({ what: "esp" }).success).toBe(false);
  const call = { method: "POST", body: '{"what":"esp"}' };
  expect((await onSocket("/api/v1/clients/hq/rekey", call)).status).toBe(400);
});

test("the compiler holds the schemas to the types of the state document", () => {
  const state = (value: StateDocument): z.output<typeof answers.State> => value;
  const detail = (value: SlaDetail): z.output<typeof answers.SlaDetail> => value;
  const event = (value: StoredEvent): Omit<z.output<typeof answers.Event>, "severity"> => value;
  expect([state, detail, event].map((each) => each.length)).toEqual([1, 1, 1]);
  expect(state(exampleState)).toBe(exampleState);
});
