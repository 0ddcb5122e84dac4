/**
 * The product's IKE engine over real sockets, with the data plane recorded instead of installed: for kernels without
 * ESP. A line on standard input asks for one session from its first byte to its end; its time is written to standard
 * output, as is the process's memory while the session is up.
 *
 * Arguments: configuration file, local address, peer address.
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
import { parseIpAddress } from "#lib/ip.ts";

/** What is written for each session that came up, one JSON a line. */
export interface NativeMeasure {
  readonly milliseconds: number;
  /** Resident memory of the process, MB. */
  readonly memory: number;
}

const [configFile = "", localText = "", peerText = ""] = process.argv.slice(2);
const local = parseIpAddress(localText);
const peer = parseIpAddress(peerText);
if (!local || !peer) throw new Error("usage: CONFIG LOCAL-ADDRESS PEER-ADDRESS");
const localAddress = local;
const peerAddress = peer;

const config = readConfiguration(configFile, systemClock.wall(), (line) => console.error(line));
if (!config.ok) throw new Error(config.error.join("\n"));
const client = config.value.clients["hq"];
if (!client) throw new Error("the configuration has no client hq");
const { connection } = client;

const engine = new IkeEngine({ random: (length) => new Uint8Array(randomBytes(length)) });
const part: Part<IkeInput, IkeAction> = {
  name: "ike",
  engine,
  perform,
  timeout: { kind: "timeout" },
};
const nothing = () => {};
const loop = new Loop(systemClock, nothing, nothing);
loop.add(part);
loop.give(part, { kind: "wall-clock", time: systemClock.wall() });

let lastSession = 0;
let firstByte: number | undefined;
let result: NativeMeasure | undefined;

const sockets = new Map<number, Socket>();
for (const port of [500, 4500]) sockets.set(port, await openSocket(port));

createInterface({ input: process.stdin }).on("line", () => {
  firstByte = undefined;
  lastSession += 1;
  loop.give(part, {
    kind: "initiate",
    session: lastSession as SessionId,
    connection,
    path: {
      local: { address: localAddress, port: 500 },
      remote: { address: peerAddress, port: 500 },
    },
  });
});

/** The non-ESP marker of RFC 3948 §2.2 is the socket's matter, not the engine's. */
async function openSocket(port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  await new Promise<void>((resolve) => socket.bind(port, localText, resolve));
  socket.on("message", (message, from) => {
    const address = parseIpAddress(from.address);
    if (!address || (port === 4500 && message.readUInt32BE(0) !== 0)) return;
    const bytes = new Uint8Array(port === 500 ? message : message.subarray(4));
    const remote = { address, port: from.port };
    loop.give(part, { kind: "datagram", local: { address: localAddress, port }, remote, bytes });
  });
  socket.on("error", nothing);
  return socket;
}

function perform(action: IkeAction): void {
  if (action.kind === "send") {
    const { local, remote } = action.path;
    firstByte ??= performance.now();
    const marker = local.port === 4500 ? [0, 0, 0, 0] : [];
    const datagram = Buffer.from([...marker, ...action.bytes]);
    sockets.get(local.port)?.send(datagram, remote.port, remote.address, nothing);
  } else if (action.kind === "session-up") {
    // Once all actions of this input are performed, the SAs' installation among them.
    queueMicrotask(() => {
      const milliseconds = performance.now() - (firstByte ?? Number.NaN);
      result = { milliseconds, memory: process.memoryUsage.rss() / 2 ** 20 };
      const session = lastSession as SessionId;
      loop.give(part, { kind: "terminate", session, reason: "it was measured" });
    });
  } else if (action.kind === "session-down") {
    console.log(result ? JSON.stringify(result) : JSON.stringify({ error: action.reason.message }));
    result = undefined;
  }
}
