/** Proves with a real mosquitto how the branch proves itself, what it says when it can't, and that commands are heard. */

import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResolvedMqtt } from "#config/resolved-mqtt.ts";
import { mqttActions } from "#config/schema-mqtt.ts";
import { seconds } from "#lib/duration.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import { startMqtt } from "#telemetry/mqtt/mqtt-reporter.ts";
import { freePort, Mosquitto, Subscriber, until } from "#test/support/mosquitto.ts";
import { makeRoot } from "#test/support/pki.ts";
import { ReportingBranch } from "#test/support/reporting-branch.ts";

let stateDir: string;
const ends: (() => unknown)[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), "mqtt-state-"));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(stateDir, { recursive: true, force: true });
});

function report(port: number, change: Partial<ResolvedMqtt> = {}): ReportingBranch {
  const branch = new ReportingBranch(stateDir);
  const section: ResolvedMqtt = {
    host: { kind: "address", address: parseIpAddress("127.0.0.1")! },
    port,
    clientId: "branch12",
    prefix: "flexspoke",
    keepalive: seconds(2),
    spoolBytes: 2 ** 20,
    commands: [],
    ...change,
  };
  const reporter = startMqtt(section, branch.context);
  ends.push(() => reporter.close());
  return branch;
}

async function start(settings?: readonly string[], files?: Readonly<Record<string, string>>) {
  const broker = await Mosquitto.start(settings, files);
  ends.push(() => broker.remove());
  return broker;
}

async function listen(port: number, options: readonly string[] = []): Promise<Subscriber> {
  const subscriber = new Subscriber(port, "#", options);
  ends.push(() => subscriber.end());
  await subscriber.subscribed;
  return subscriber;
}

const secret = (text: string): SecretBytes => new SecretBytes(new TextEncoder().encode(text));
const isUp = (branch: ReportingBranch) => branch.story.includes("FLEXSPOKE-6-MQTT_CONNECTED");
const isDown = (branch: ReportingBranch) => branch.story.includes("FLEXSPOKE-4-MQTT_DISCONNECTED");
const lastData = (branch: ReportingBranch) => branch.events.last(1)[0]!.data;

const root = makeRoot({ subject: "CN=Root" });
const server = root.issue({ subject: "CN=broker", ip: ["127.0.0.1"], dns: ["localhost"] });
const own = root.issue({ subject: "CN=branch12" });
const tlsSettings = [
  "cafile FOLDER/ca.pem",
  "certfile FOLDER/server.pem",
  "keyfile FOLDER/server.key",
];
const tlsFiles = { "ca.pem": root.pem, "server.pem": server.pem, "server.key": server.keyPem };

test("with user name and password the branch gets in; with a wrong one it says what is wrong", async () => {
  const broker = await start(["password_file FOLDER/users"], { users: "" });
  execFileSync("mosquitto_passwd", ["-b", path.join(broker.folder, "users"), "branch12", "right"]);
  await broker.stop();
  await broker.restart();
  const good = report(broker.port, { username: "branch12", password: secret("right") });
  await until(() => isUp(good), "accepted");

  const bad = report(broker.port, {
    clientId: "other",
    username: "branch12",
    password: secret("hunter2"),
  });
  await until(() => isDown(bad), "refused");
  expect(lastData(bad)).toMatchObject({ code: "mqtt.not-authorized" });
  expect(JSON.stringify(bad.events.last(50)) + bad.logged.join()).not.toContain("hunter2");
});

test("with a certificate of its own the branch gets in where the broker wants one", async () => {
  const broker = await start(
    [...tlsSettings, "require_certificate true", "use_identity_as_username true"],
    tlsFiles,
  );
  const branch = report(broker.port, {
    tls: {
      authorities: [root.der],
      own: { chain: [own.der], key: createPrivateKey(own.keyPem) },
    },
  });
  await until(() => isUp(branch), "accepted");
  expect(branch.events.last(5).map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ version: "5" }),
  );
  const without = report(broker.port, { clientId: "other", tls: { authorities: [root.der] } });
  await until(() => isDown(without), "refused");
  expect(["mqtt.tls", "mqtt.closed"]).toContain(lastData(without)["code"]);
});

test.each([
  ["an authority nobody trusts", [makeRoot({ subject: "CN=Other" }).der], server],
  [
    "a certificate that has expired",
    [root.der],
    root.issue({ subject: "CN=broker", ip: ["127.0.0.1"], notAfter: "2021-01-01" }),
  ],
  [
    "a certificate for another name",
    [root.der],
    root.issue({ subject: "CN=b", dns: ["b.example"] }),
  ],
])("%s ends it before anything is said", async (_name, authorities, certificate) => {
  const broker = await start(["allow_anonymous true", ...tlsSettings], {
    ...tlsFiles,
    "server.pem": certificate.pem,
    "server.key": certificate.keyPem,
  });
  const branch = report(broker.port, { tls: { authorities } });
  await until(() => isDown(branch), "refused");
  expect(lastData(branch)).toMatchObject({ code: "mqtt.certificate" });
  expect(isUp(branch)).toBe(false);
});

test("an authority that has expired is named as the reason", async () => {
  const old = makeRoot({ subject: "CN=Old", notAfter: "2021-01-01" });
  const certificate = old.issue({ subject: "CN=broker", ip: ["127.0.0.1"] });
  const broker = await start(["allow_anonymous true", ...tlsSettings], {
    "ca.pem": old.pem,
    "server.pem": certificate.pem,
    "server.key": certificate.keyPem,
  });
  const branch = report(broker.port, { tls: { authorities: [old.der] } });
  await until(() => isDown(branch), "refused");
  expect(branch.events.last(1)[0]!.message).toContain("expired");
});

/**
 * Stands before the broker. mosquitto can't be told to refuse MQTT 5, so this reads the protocol level of CONNECT (MQTT 5
 * §3.1.2.2) and does what brokers without MQTT 5 do; 3.1.1 is passed on to the real broker.
 */
async function oldBroker(target: number, refuse: (socket: Socket) => void): Promise<number> {
  const relay: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (first) => {
      if (first[8] === 5) {
        refuse(socket);
        return;
      }
      const on = connectTcp({ host: "127.0.0.1", port: target });
      on.on("error", () => socket.destroy());
      on.write(first);
      socket.pipe(on);
      on.pipe(socket);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => relay.listen(port, "127.0.0.1", resolve));
  ends.push(() => relay.close());
  return port;
}

test.each([
  ["says so as MQTT 5 does", (socket: Socket) => socket.end(Buffer.from([0x20, 3, 0, 0x84, 0]))],
  ["says so as MQTT 3.1.1 does", (socket: Socket) => socket.end(Buffer.from([0x20, 2, 0, 1]))],
  ["hangs up without a word", (socket: Socket) => socket.end()],
])("a broker that knows no MQTT 5 and %s is spoken to in 3.1.1", async (_name, refuse) => {
  const broker = await start();
  const branch = report(await oldBroker(broker.port, refuse));
  await until(() => isUp(branch), "accepted");
  expect(branch.events.last(5).map(({ data }) => data)).toContainEqual(
    expect.objectContaining({ version: "3.1.1" }),
  );
  expect(isDown(branch)).toBe(false);
});

test("a connection that swallows everything is given up, and nothing is lost", async () => {
  const broker = await start();
  const listener = await listen(broker.port);
  let swallows = false;
  const sockets: Socket[] = [];
  const relay = createServer((socket) => {
    const on = connectTcp({ host: "127.0.0.1", port: broker.port });
    for (const [from, to] of [
      [socket, on],
      [on, socket],
    ] as const) {
      sockets.push(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.on("data", (bytes) => swallows || to.write(bytes));
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => relay.listen(port, "127.0.0.1", resolve));
  ends.push(() => relay.close());
  const branch = report(port);
  branch.happen(5);
  await until(() => listener.ids.length >= 5, "the first events");
  swallows = true;
  branch.happen(50);
  await until(() => isDown(branch), "noticed");
  swallows = false;
  await until(() => listener.newest === branch.events.lastId, "the rest");
  expect([...new Set(listener.ids)]).toHaveLength(branch.events.lastId);
});

test("what sends other than MQTT, or far too much of it, is hung up on and nothing more", async () => {
  const answers = [
    Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
    Buffer.from([0x20, 3, 0, 0, 0, 0x30, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0x20, 3, 0, 0, 0, 0x32, 2, 0xff, 0xff]),
    Buffer.from([0x20, 3, 0, 0, 0, 0x40, 2, 0x12, 0x34, 0x90, 3, 0, 0, 0x80]),
    Buffer.from([0x20, 8, 0, 0, 5, 0x21, 0, 0, 0x99, 0x99]),
    ...Array.from({ length: 20 }, (_, seed) =>
      Buffer.from([
        0x20,
        3,
        0,
        0,
        0,
        ...Array.from({ length: 60 }, (_, at) => (seed * 37 + at * 101) % 256),
      ]),
    ),
  ];
  let turn = 0;
  const stranger = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(answers[turn++ % answers.length]!));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
  ends.push(() => stranger.close());
  for (let each = 0; each < answers.length; each++) {
    const branch = report(port, { clientId: `branch${each}`, commands: mqttActions });
    await until(() => isDown(branch), `hung up after answer ${each}`);
    await ends.pop()?.();
  }
});

test("commands are heard, done and answered; metrics come by themselves", async () => {
  const broker = await start();
  const listener = await listen(broker.port);
  const branch = report(broker.port, { commands: mqttActions, metricsInterval: seconds(1) });
  await until(() => isUp(branch), "accepted");
  const send = (...options: string[]) =>
    execFileSync("mosquitto_pub", ["-p", String(broker.port), "-q", "1", ...options]);
  const topic = "flexspoke/branch12/cmd";
  send("-t", topic, "-m", '{"id":"a","action":"clear","client":"hq"}');
  send("-t", topic, "-m", '{"id":"a","action":"clear","client":"hq"}');
  send("-t", topic, "-r", "-m", '{"id":"b","action":"track","object":"maintenance","state":"up"}');
  await until(() => listener.of("cmd/reply").length >= 2, "answers");
  expect(branch.actions).toEqual(["clear hq by MQTT", "track maintenance up by MQTT"]);
  expect(JSON.parse(listener.of("cmd/reply")[0]!)).toEqual({
    id: "a",
    ok: true,
    result: { event: 7 },
  });

  await broker.stop();
  await broker.restart();
  await until(() => listener.of("cmd/reply").length >= 3, "the old command is refused");
  expect(JSON.parse(listener.of("cmd/reply")[2]!)).toMatchObject({
    id: "b",
    error: { code: "command.retained" },
  });
  expect(branch.actions).toHaveLength(2);
  await until(() => listener.of("metrics").length >= 2, "metrics");
  expect(JSON.parse(listener.of("metrics")[0]!)).toMatchObject({
    clients: { hq: { up: true, tunnel: "Tunnel0" } },
    spool: { lost: 0 },
  });
});
