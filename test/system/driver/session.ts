/**
 * The kernel driver alone, in a process of its own: takes one JSON request a line, answers one JSON line each, and tells
 * what the kernel notifies. Keys come as hexadecimal text.
 */
import { createInterface } from "node:readline";
import type { DesiredState } from "#dataplane/desired.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { SecretBytes } from "#lib/secret.ts";
import { KernelDataPlane } from "#linux/driver.ts";
import { bindSocket, setIntOption, udpSocket } from "#linux/libc/libc.ts";

interface Request {
  readonly id: number;
  readonly do: "adopt" | "apply" | "counters" | "close" | "receive-udp";
  readonly state?: string;
}

const silent: Log = { error: say, warn: say, info: say, debug: () => {}, with: () => silent };
const dataPlane = new KernelDataPlane(silent);
dataPlane.onNotification((notification) => write({ notification }));
void serve();

async function serve(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    const started = performance.now();
    const result = await perform(request);
    write({ id: request.id, result, milliseconds: performance.now() - started });
  }
}

function perform(request: Request): Promise<unknown> {
  switch (request.do) {
    case "adopt":
      return dataPlane.adopt();
    case "apply":
      return dataPlane.apply(desired(request.state ?? "{}"));
    case "counters":
      return dataPlane.counters();
    case "close":
      return dataPlane.close({ keepKillSwitch: false });
    case "receive-udp":
      return Promise.resolve(receiveUdp());
  }
}

function desired(text: string): DesiredState {
  return JSON.parse(text, (name, value: unknown) =>
    name === "key" && typeof value === "string"
      ? new SecretBytes(Uint8Array.from(Buffer.from(value, "hex")))
      : value,
  ) as DesiredState;
}

/** ESP in UDP reaches the kernel's XFRM only where a socket on the port asks for it. RFC 3948, udp(7) */
function receiveUdp(): boolean {
  const socket = udpSocket(4);
  if (!socket.ok) return false;
  const espInUdp = 2;
  const isAsked = setIntOption(socket.value, 17, 100, espInUdp).ok;
  return isAsked && bindSocket(socket.value, "0.0.0.0" as IpAddress, 4_500).ok;
}

function say(text: string | (() => string)): void {
  console.error(typeof text === "string" ? text : text());
}

function write(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
