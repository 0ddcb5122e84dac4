import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PageFile, readPage } from "#api/page-files.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import type { IpAddress } from "#lib/ip.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { ask, type Call } from "./http.ts";

const script = "console.log(1);".repeat(100);
let folder: string;
let api: ApiServer;
let files: ReadonlyMap<string, PageFile>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-page-"));
  mkdirSync(join(folder, "page/assets"), { recursive: true });
  writeFileSync(join(folder, "page/index.html"), "<!doctype html><title>x</title>");
  writeFileSync(join(folder, "page/assets/page.js"), script);
  files = readPage(join(folder, "page"));
  api = await startApi({
    backend: new ExampleBackend(),
    controlSocket: join(folder, "control.sock"),
    listen: [{ address: "127.0.0.1" as IpAddress, port: 0 }],
    pageFile: (path) => files.get(path),
    log: silentLog,
  });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const onPort = (path: string, call?: Call) =>
  ask({ host: "127.0.0.1", port: api.endpoints[0]!.port }, path, call);

test("the page is at the root, runs its own scripts only and is never framed", async () => {
  const { status, headers, bytes } = await onPort("/");
  expect(status).toBe(200);
  expect(String(bytes)).toContain("<title>x</title>");
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test("a file of the page goes out compressed to who takes it so", async () => {
  const { headers, bytes } = await onPort("/assets/page.js", {
    headers: { "accept-encoding": "gzip, br" },
  });
  expect(headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "content-encoding": "gzip",
    vary: "Accept-Encoding",
  });
  expect(bytes.length).toBeLessThan(script.length);
  expect(gunzipSync(bytes).toString()).toBe(script);
});

test("and as it is to who does not", async () => {
  const { headers, bytes } = await onPort("/assets/page.js");
  expect(headers["content-encoding"]).toBeUndefined();
  expect(String(bytes)).toBe(script);
});

test("a browser that has a file already is told so", async () => {
  const { headers } = await onPort("/assets/page.js");
  expect(headers["cache-control"]).toBe("no-cache");
  const again = await onPort("/assets/page.js", {
    headers: { "if-none-match": String(headers.etag) },
  });
  expect(again.status).toBe(304);
  expect(again.bytes).toHaveLength(0);
  const old = await onPort("/assets/page.js", { headers: { "if-none-match": '"old"' } });
  expect(old.status).toBe(200);
});

test("a page that has not changed may still run its scripts", async () => {
  const { headers } = await onPort("/");
  const again = await onPort("/", { headers: { "if-none-match": String(headers.etag) } });
  expect(again.status).toBe(304);
  expect(again.headers["content-security-policy"]).toBe(headers["content-security-policy"]);
});

test("HEAD gives the head alone", async () => {
  const { status, bytes } = await onPort("/", { method: "HEAD" });
  expect(status).toBe(200);
  expect(bytes).toHaveLength(0);
});

test.each(["/../control.sock", "/assets/../../control.sock", "/assets", "/%2e%2e/control.sock"])(
  "%s is no file of the page",
  async (path) => {
    expect((await onPort(path)).status).toBe(404);
  },
);
