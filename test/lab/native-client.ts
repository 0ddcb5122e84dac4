/**
 * The product's IKE engine over real sockets, with the data plane written down instead of installed: one session, for
 * the native lane. Runs as a process of its own in the branch's namespace.
 *
 * Arguments: configuration file, local address, peer address. Standard input: one JSON `Order` a line. Standard output:
 * one JSON `Report` a line.
 */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { createInterface } from "node:readline";
import { systemClock } from "#daemon/clock.ts";
import { readConfiguration } from "#daemon/configuration.ts";
import { Loop, type Part } from "#daemon/loop.ts";
import type { IkeAction } from "#ike/actions.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { IkeInput, SessionId } from "#ike/inputs.ts";
import { type Endpoint, ipFamily, parseIpAddress } from "#lib/ip.ts";
import type { Order, Report } from "./native-report.ts";

const [configFile = "", localText = "", peerText = ""] = process.argv.slice(2);
const session = 1 as SessionId;
const localAddress = parseIpAddress(localText);
const peerAddress = parseIpAddress(peerText);
if (!localAddress || !peerAddress) throw new Error("usage: CONFIG LOCAL-ADDRESS PEER-ADDRESS");

const report = (line: Report) => process.stdout.write(`${JSON.stringify(line)}\n`);

const engine = new IkeEngine({ random: (length) => new Uint8Array(randomBytes(length)) });
const part: Part<IkeInput, IkeAction> = {
  name: "ike",
  engine,
  perform,
  timeout: { kind: "timeout" },
};
const loop = new Loop(
  systemClock,
  () => {},
  () => {},
);
loop.add(part);

const sockets = new Map<number, Socket>();
for (const port of [500, 4500]) sockets.set(port, await openSocket(port));

const config = readConfiguration(configFile, systemClock.wall(), (line) => console.error(line));
if (!config.ok) throw new Error(config.error.join("\n"));
const client = config.value.clients["hq"];
if (!client) throw new Error("the configuration has no client hq");

loop.give(part, { kind: "wall-clock", time: systemClock.wall() });
loop.give(part, {
  kind: "initiate",
  session,
  connection: client.connection,
  path: {
    local: { address: localAddress, port: 500 },
    remote: { address: peerAddress, port: 500 },
  },
});

createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line) as Order;
  if (order.do === "terminate") {
    loop.give(part, { kind: "terminate", session, reason: "the test asked for it" });
  } else {
    loop.give(part, { kind: order.do, session });
  }
});

/** The non-ESP marker of RFC 3948 §2.2 is the socket's matter, not the engine's. */
async function openSocket(port: number): Promise<Socket> {
  const socket = createSocket(ipFamily(localAddress ?? ("" as never)) === 6 ? "udp6" : "udp4");
  await new Promise<void>((resolve) => socket.bind(port, localText, resolve));
  socket.on("message", (message, from) => {
    const remote = endpoint(from.address, from.port);
    const isIke = port === 500 || (message.length > 4 && message.readUInt32BE(0) === 0);
    if (!remote || !isIke) return;
    const bytes = new Uint8Array(port === 500 ? message : message.subarray(4));
    const local = { address: localAddress ?? remote.address, port };
    loop.give(part, { kind: "datagram", local, remote, bytes });
  });
  // Refused by a hub that is down: an answer from the network, and the engine has its own timers.
  socket.on("error", () => {});
  return socket;
}

function perform(action: IkeAction): void {
  switch (action.kind) {
    case "send": {
      const { local, remote } = action.path;
      const marker = local.port === 4500 ? [0, 0, 0, 0] : [];
      const datagram = Buffer.from([...marker, ...action.bytes]);
      sockets.get(local.port)?.send(datagram, remote.port, remote.address, () => {});
      report({ kind: "sent", port: local.port, bytes: action.bytes.length });
      break;
    }
    case "install-sa": {
      const { spi, direction, udpEncapsulation, encryption, selectors, esn } = action.sa;
      report({
        ...{ kind: action.kind, spi: hex(spi), direction, udpEncapsulation },
        ...{ encryption: encryption.id, keyBytes: encryption.key.length, selectors, esn },
      });
      break;
    }
    case "remove-sa":
      report({ kind: action.kind, spi: hex(action.spi), direction: action.direction });
      break;
    case "session-up":
      report({ kind: action.kind, outcome: action.outcome });
      break;
    case "session-down":
      report({ kind: action.kind, reason: action.reason });
      break;
    case "event":
      report({ kind: action.kind, event: action.event });
      break;
    default:
      report({ kind: "other", action: action.kind });
  }
}

function endpoint(address: string, port: number): Endpoint | undefined {
  const parsed = parseIpAddress(address);
  return parsed && { address: parsed, port };
}

/** As charon writes an SPI. */
function hex(spi: number): string {
  return spi.toString(16).padStart(8, "0");
}
