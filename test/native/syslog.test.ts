/** Proves with real receivers what a log server gets by UDP, TCP and TLS, and that it gets the rest after an outage. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, test } from "vitest";
import type { ResolvedSyslog } from "#config/resolve-syslog.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { startSyslog } from "#telemetry/syslog/syslog-reporter.ts";
import { freePort, until } from "#test/support/mosquitto.ts";
import { makeRoot } from "#test/support/pki.ts";
import { ReportingBranch } from "#test/support/reporting-branch.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function report(port: number, change: Partial<ResolvedSyslog>): ReportingBranch {
  const branch = new ReportingBranch("/nowhere");
  const section: ResolvedSyslog = {
    transport: "tcp",
    host: { kind: "address", address: parseIpAddress("127.0.0.1")! },
    port,
    format: "rfc5424",
    facility: 23,
    severity: 6,
    ...change,
  };
  const reporter = startSyslog(section, branch.context);
  ends.push(() => reporter.close());
  return branch;
}

/** Takes messages with their length before them. RFC 6587 §3.4.1 */
class Receiver {
  readonly lines: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly take = (socket: Socket): void => {
    let rest = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (;;) {
        const gap = rest.indexOf(0x20);
        const length = Number(rest.subarray(0, gap).toString());
        if (gap < 0 || rest.length < gap + 1 + length) return;
        this.lines.push(rest.subarray(gap + 1, gap + 1 + length).toString());
        rest = rest.subarray(gap + 1 + length);
      }
    });
  };
}

async function listen(server: Server, receiver: Receiver, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of receiver.sockets) socket.destroy();
    server.close();
  });
}

test("by UDP each event is a datagram, in the layout of IOS", async () => {
  const socket = createSocket("udp4");
  const lines: string[] = [];
  socket.on("message", (bytes) => lines.push(bytes.toString()));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  ends.push(() => socket.close());
  const branch = report(socket.address().port, { transport: "udp", format: "ios" });
  branch.happen(1);
  branch.happen(1, { severity: "debug" });
  branch.happen(1, { message: "two\nlines" });
  await until(() => lines.length >= 2, "two datagrams");
  expect(lines[0]).toMatch(
    /^<189>1: branch12: [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3} UTC: %FLEXSPOKE-5-CLIENT_REQUEST: clear asked/,
  );
  expect(lines[1]).toContain(": two lines");
});

test("by TCP an outage of the log server costs nothing that the queue has room for", async () => {
  const port = await freePort();
  const receiver = new Receiver();
  const branch = report(port, {});
  branch.happen(300);
  await until(() => branch.story.includes("SYS-3-LOGGINGHOST_FAIL"), "it says so");
  await listen(createServer(receiver.take), receiver, port);
  await until(() => receiver.lines.length >= 301, "all lines");
  expect(receiver.lines[0]).toMatch(
    /^<189>1 \d{4}-\d\d-\d\dT[\d:.]+Z branch12 flexspoke - CLIENT_REQUEST \[event@32473 id="1" mnemonic="FLEXSPOKE-5-CLIENT_REQUEST" client="hq"\] \uFEFFclear asked for/,
  );
  const ids = receiver.lines.map((line) => Number(/ id="(\d+)"/.exec(line)?.[1]));
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
});

test("by TLS the server is checked, and lines go nowhere else", async () => {
  const root = makeRoot({ subject: "CN=Root" });
  const good = root.issue({ subject: "CN=log", ip: ["127.0.0.1"] });
  const port = await freePort();
  const receiver = new Receiver();
  const server = createTlsServer({ cert: good.pem, key: good.keyPem }, receiver.take);
  await listen(server, receiver, port);
  const trusting = report(port, { transport: "tls", tls: { authorities: [root.der] } });
  trusting.happen(3);
  await until(() => receiver.lines.length >= 3, "lines");

  const before = receiver.lines.length;
  const other = makeRoot({ subject: "CN=Other" });
  const wary = report(port, { transport: "tls", tls: { authorities: [other.der] } });
  wary.happen(3);
  await until(() => wary.story.includes("SYS-3-LOGGINGHOST_FAIL"), "refused");
  expect(receiver.lines.slice(before).filter((line) => line.includes("clear asked"))).toEqual([]);
});

test("a server that reads nothing costs a bounded queue", async () => {
  const port = await freePort();
  const receiver = new Receiver();
  await listen(
    createServer((socket) => {
      receiver.sockets.add(socket);
      socket.on("error", () => {});
      socket.pause();
    }),
    receiver,
    port,
  );
  const branch = report(port, {});
  await until(() => branch.story.includes("SYS-6-LOGGINGHOST_STARTSTOP"), "connected");
  const before = process.memoryUsage().arrayBuffers;
  branch.happen(20_000, { message: "x".repeat(2_000) });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
});
