/**
 * What strangers on the LAN can do to the port of the page: real sockets, real time. However slow, huge, malformed or many
 * they are, the daemon's memory stays bounded, nothing is changed, the control socket answers and a newcomer gets in.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import type { IpAddress } from "#lib/ip.ts";
import { ExampleBackend, silentLog } from "../unit/api/example-backend.ts";
import { ask, send } from "../unit/api/http.ts";

let folder: string;
let backend: ExampleBackend;
let api: ApiServer;
let sockets: Socket[];
const MEBIBYTE = 1024 * 1024;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-strangers-"));
  backend = new ExampleBackend();
  sockets = [];
  api = await startApi({
    backend,
    controlSocket: join(folder, "control.sock"),
    listen: [{ address: "127.0.0.1" as IpAddress, port: 0 }],
    log: silentLog,
  });
  // What answers is loaded with the first request.
  await ask({ host: "127.0.0.1", port: port() }, "/api/v1/state");
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await api.close();
  rmSync(folder, { recursive: true });
});

const port = (): number => api.endpoints[0]!.port;

/** A stranger's connection. @param from its address, of loopback. */
function stranger(from = "127.0.0.1"): Socket {
  const socket = connect({ port: port(), host: "127.0.0.1", localAddress: from });
  sockets.push(socket);
  return socket.on("error", () => {});
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));

/** The control socket answers soon, a newcomer gets in, and nobody changed anything. */
async function expectUnharmed(): Promise<void> {
  const before = performance.now();
  const { status } = await ask({ socketPath: join(folder, "control.sock") }, "/api/v1/state");
  expect(status).toBe(200);
  expect(performance.now() - before).toBeLessThan(2_000);
  const newcomer = { host: "127.0.0.1", port: port(), localAddress: "127.0.0.9" };
  expect((await ask(newcomer, "/api/v1/state")).status).toBe(200);
  expect({ actions: backend.actions, stubs: backend.stubs }).toEqual({ actions: [], stubs: {} });
}

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Memory that the process holds on to, bytes; what it has let go and not cleared away yet does not count. */
function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("a thousand connections that say nothing leave room for who has something to say", async () => {
  const before = memory();
  const all = Array.from({ length: 1_000 }, (_, index) => stranger(`127.0.1.${(index % 40) + 1}`));
  await Promise.all(
    all.map(
      (socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve)),
    ),
  );
  await expectUnharmed();
  await expect.poll(() => all.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(128);
  expect(memory() - before).toBeLessThan(40 * MEBIBYTE);
});

test("one address alone does not get all the room there is", async () => {
  const all = Array.from({ length: 200 }, () => stranger("127.0.0.2"));
  await expect
    .poll(() => all.filter((socket) => socket.closed).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(200 - 32);
  await expectUnharmed();
});

test("a head that comes a byte at a time, or not at all, is not waited for", async () => {
  const [slow, silent] = [stranger(), stranger()];
  slow.write("GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\nX: ");
  const drip = setInterval(() => slow.write("x"), 500);
  await Promise.all([slow, silent].map((socket) => closed(socket.resume())));
  clearInterval(drip);
  await expectUnharmed();
}, 40_000);

test("a body that comes a byte at a time is not waited for", async () => {
  const slow = stranger();
  slow.write("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n{");
  const drip = setInterval(() => slow.write(" "), 500);
  await closed(slow.resume());
  clearInterval(drip);
  await expectUnharmed();
}, 40_000);

test.each([
  ["a line without end", "GET /", "a"],
  ["a head without end", "GET / HTTP/1.1\r\nHost: localhost\r\n", "X-Header: value\r\n"],
  ["a header without end", "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "x"],
  [
    "a body of gigabytes",
    "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n",
    "x",
  ],
  [
    "chunks without end",
    "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    "1\r\nx\r\n",
  ],
])(
  "%s is cut off",
  async (_what, start, more) => {
    const before = memory();
    const huge = stranger().resume();
    huge.write(start);
    const flood = more.repeat(Math.ceil(65_536 / more.length));
    for (let count = 0; count < 800 && !huge.closed; count++) {
      if (!huge.write(flood))
        await Promise.race([new Promise((resolve) => huge.once("drain", resolve)), closed(huge)]);
    }
    await closed(huge);
    await expectUnharmed();
    expect(memory() - before).toBeLessThan(20 * MEBIBYTE);
  },
  40_000,
);

test("requests in a row whose answers nobody reads do not pile up", async () => {
  const before = memory();
  const lazy = stranger();
  const request = "GET /api/v1/state HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (let count = 0; count < 50 && !lazy.closed; count++) lazy.write(request.repeat(200));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await expectUnharmed();
  expect(memory() - before).toBeLessThan(20 * MEBIBYTE);
});

test("two thousand connections of rubbish, from a fixed seed, end with no answer that changes anything", async () => {
  const before = memory();
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const words = [
    "GET ",
    "POST ",
    "/api/v1/clients/hq/clear",
    " HTTP/1.1",
    "\r\n",
    "\n",
    "Host:",
    " localhost",
    "\0",
    "Content-Length: ",
    "-1",
    "99",
    "Transfer-Encoding: chunked",
    "PRI * HTTP/2.0",
    "Upgrade: websocket",
    "\u00ff",
    "{",
    "%00",
    ":",
    "Cookie: flexspoke=",
  ];
  for (let round = 0; round < 80; round++) {
    const some = Array.from({ length: 25 }, () => {
      const socket = stranger(`127.0.2.${random(50) + 1}`).resume();
      const text = Array.from({ length: random(30) }, () => words[random(words.length)]).join("");
      socket.end(Buffer.from(text, "latin1"));
      return closed(socket);
    });
    await Promise.race([Promise.all(some), new Promise((resolve) => setTimeout(resolve, 200))]);
  }
  await expectUnharmed();
  expect(memory() - before).toBeLessThan(40 * MEBIBYTE);
}, 60_000);

test("readers of events who take nothing are let go instead of being remembered for", async () => {
  const before = memory();
  const target = { socketPath: join(folder, "control.sock") };
  const readers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index < 5
        ? send(target, "/api/v1/events")
        : send({ host: "127.0.0.1", port: port() }, "/api/v1/events"),
    ),
  );
  for (const reader of readers) reader.pause().on("error", () => {});
  const message = "x".repeat(2_000);
  for (let id = 100; id < 4_100; id++) {
    backend.tell(id, message);
    if (id % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => backend.subscribers).toBe(0);
  await expectUnharmed();
  expect(memory() - before).toBeLessThan(60 * MEBIBYTE);
  for (const reader of readers) reader.destroy();
});
