/**
 * A look at the way to a hub, for somebody who asks why it does not answer: ICMP echoes of several sizes that may not be
 * fragmented, and what comes back from two UDP ports. It takes about two seconds and judges nothing.
 * Sources: RFC 1191, RFC 4821, icmp(7), ip(7)
 */
import { createSocket, type Socket } from "node:dgram";
import { type IpAddress, ipFamily } from "#lib/ip.ts";
import {
  closeDescriptor,
  connectSocket,
  type Errno,
  pingSocket,
  readBytesOption,
  sendDatagram,
  setIntOption,
  udpSocket,
} from "../libc/libc.ts";
import { bindToDevice } from "../socket/ike-socket-options.ts";
import { allowPing } from "./ping-permission.ts";

/** What was found. */
export interface PathLook {
  /** Undefined when it could not be asked. */
  readonly answersPing?: boolean;
  /** UDP ports for which the kernel was told that they can't be reached. */
  readonly refusals: readonly { readonly port: number; readonly errno: Errno }[];
  /** Present when the hub answers pings. Sizes are of IP packets, bytes. */
  readonly size?: { readonly passes: number; readonly lost?: number; readonly isTold: boolean };
}

export interface PathLookOptions {
  readonly address: IpAddress;
  /** Leaves by this interface only. */
  readonly device?: string;
  /** Largest packet that the interface takes, bytes. */
  readonly mtu: number;
  /** UDP ports to knock at. */
  readonly ports: readonly number[];
}

export async function lookAtPath(options: PathLookOptions): Promise<PathLook> {
  const [pinged, ...knocks] = await Promise.all([
    ping(options),
    ...options.ports.map((port) => knock(options, port)),
  ]);
  return { ...pinged, refusals: knocks.flatMap((each) => (each ? [each] : [])) };
}

async function ping({
  address,
  device,
  mtu,
}: PathLookOptions): Promise<Omit<PathLook, "refusals">> {
  const family = ipFamily(address);
  let opened = pingSocket(family);
  if (!opened.ok && opened.error === "EACCES" && allowPing()) opened = pingSocket(family);
  if (!opened.ok) return {};
  const fd = opened.value;
  const [level, option] = family === 4 ? IPV4_DISCOVER : IPV6_DISCOVER;
  // What the kernel learnt of the path is not asked: the path is.
  setIntOption(fd, level, option, PMTUDISC_PROBE);
  const tied = ready(fd, address, 0, device);
  if (!tied) return {};
  const headers = (family === 4 ? 20 : 40) + ECHO_HEADER;
  const sizes = [SMALL, ...SIZES.filter((size) => size < mtu), mtu].map((size) => size - headers);
  const heard = new Set<number>();
  let isTold = false;
  const socket = listen(fd, family, {
    heard: (length) => heard.add(length),
    refused: (errno) => {
      isTold ||= errno === "EMSGSIZE";
    },
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of sizes)
      if (!heard.has(size + ECHO_HEADER)) sendDatagram(fd, echo(family, round, size), null);
    await pause(ROUND);
    if (sizes.every((size) => heard.has(size + ECHO_HEADER))) break;
    if (round === 1 && heard.size === 0) break;
  }
  socket.close();
  if (heard.size === 0) return { answersPing: false };
  const passes = Math.max(...sizes.filter((size) => heard.has(size + ECHO_HEADER))) + headers;
  const lost = sizes
    .map((size) => size + headers)
    .filter((size) => size > passes)
    .sort((a, b) => a - b)[0];
  // An ICMP error may be heard by the call that sends the next echo; what the kernel made of it stays.
  const learnt = lost === undefined ? undefined : learntMtu(address, device);
  isTold ||= lost !== undefined && learnt !== undefined && learnt < lost;
  return {
    answersPing: true,
    size: { passes, ...(lost === undefined ? {} : { lost }), isTold },
  };
}

/** What the kernel holds to fit on the way to an address, bytes: what a router said, or what the interface takes. */
function learntMtu(address: IpAddress, device: string | undefined): number | undefined {
  const family = ipFamily(address);
  const opened = udpSocket(family);
  if (!opened.ok || !ready(opened.value, address, DISCARD, device)) return undefined;
  const [level, option] = family === 4 ? IPV4_MTU : IPV6_MTU;
  const value = readBytesOption(opened.value, level, option, 4);
  closeDescriptor(opened.value);
  return value.ok ? new DataView(value.value.buffer).getInt32(0, true) : undefined;
}

/** One byte, which IKE on 4500 takes for a keepalive and on 500 for nothing. RFC 3948 §2.3 @returns why not. */
async function knock(
  { address, device }: PathLookOptions,
  port: number,
): Promise<{ readonly port: number; readonly errno: Errno } | undefined> {
  const family = ipFamily(address);
  const opened = udpSocket(family);
  if (!opened.ok || !ready(opened.value, address, port, device)) return undefined;
  const fd = opened.value;
  let errno: Errno | undefined;
  const socket = listen(fd, family, {
    heard: () => undefined,
    refused: (code) => {
      errno ??= code;
    },
  });
  for (let round = 0; round < 2 && errno === undefined; round++) {
    const sent = sendDatagram(fd, Uint8Array.of(0xff), null);
    if (!sent.ok) errno ??= sent.error;
    await pause(ROUND);
  }
  socket.close();
  if (errno === undefined || !TELLING.has(errno)) return undefined;
  return { port, errno: errno === "ECONNREFUSED" ? errno : "EHOSTUNREACH" };
}

/** Connected, so that the kernel tells of ICMP errors. @returns false when it can't be, and the descriptor is closed. */
function ready(fd: number, address: IpAddress, port: number, device: string | undefined): boolean {
  const tied = device === undefined || bindToDevice(fd, device).ok;
  if (tied && connectSocket(fd, address, port).ok) return true;
  closeDescriptor(fd);
  return false;
}

interface Ears {
  heard(length: number): void;
  refused(errno: Errno): void;
}

function listen(fd: number, family: 4 | 6, ears: Ears): Socket {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  socket.on("message", ({ length }) => ears.heard(length));
  socket.on("error", (error: NodeJS.ErrnoException) => ears.refused(error.code ?? ""));
  socket.bind({ fd, exclusive: true });
  return socket;
}

/** An echo request with so many bytes of data, its checksum and identifier left to the kernel. RFC 792, RFC 4443 §4.1 */
function echo(family: 4 | 6, sequence: number, size: number): Uint8Array {
  const bytes = new Uint8Array(ECHO_HEADER + size);
  bytes[0] = family === 4 ? 8 : 128;
  bytes[7] = sequence;
  return bytes;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

const ECHO_HEADER = 8;
/** Passes wherever anything does. */
const SMALL = 84;
/** What lines and tunnels of providers make of 1,500: PPPoE, L2TP, GRE, mobile networks, IPv6's least. */
const SIZES = [1_280, 1_320, 1_360, 1_400, 1_420, 1_440, 1_460, 1_480, 1_492] as const;
const ROUNDS = 3;
/** Milliseconds; a round trip by satellite fits. */
const ROUND = 700;
const IPV4_DISCOVER = [0, 10] as const;
const IPV6_DISCOVER = [41, 23] as const;
const PMTUDISC_PROBE = 3;
/** ip(7): IP_MTU, ipv6(7): IPV6_MTU; of connected sockets. */
const IPV4_MTU = [0, 14] as const;
const IPV6_MTU = [41, 24] as const;
/** Nothing is sent to it. */
const DISCARD = 9;
const TELLING: ReadonlySet<Errno> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EACCES",
]);
