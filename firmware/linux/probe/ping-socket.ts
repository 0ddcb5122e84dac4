/**
 * One socket for all ICMP echoes of a family over an interface: sends by a plain call, hears by Node's event loop, and
 * finds the probe of each answer by sequence and payload. Answers are timed by the kernel's receive stamp, so that a busy
 * process makes nobody's round trip longer. Sources: RFC 792, RFC 4443, icmp(7)
 */
import { createSocket, type Socket } from "node:dgram";
import type { IpAddress, IpFamily } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { ProbeId } from "#sla/probe.ts";
import {
  bindSocket,
  closeDescriptor,
  type Errno,
  pingSocket,
  type SocketAddress,
  sendDatagram,
  sinceReceipt,
  socketAddress,
} from "../libc/libc.ts";
import { bindToDevice, enlargeReceiveBuffer } from "../socket/ike-socket-options.ts";
import { decodeEchoReply, encodeEchoRequest } from "./echo-codec.ts";
import { allowPing } from "./ping-permission.ts";
import { SentEchoes } from "./sent-echoes.ts";

/** An echo that was answered. */
export interface EchoAnswer {
  readonly id: ProbeId;
  readonly packet: number;
  /** Milliseconds. */
  readonly rtt: number;
  /** False when the data came back changed. */
  readonly isIntact: boolean;
}

export interface PingSocketOptions {
  readonly family: IpFamily;
  /** Send and hear by this interface only. */
  readonly device?: string;
  /** Unpredictable, 32 bits: an answer must bring it back. */
  readonly token: number;
  readonly listener: (answer: EchoAnswer) => void;
}

/** Opens the socket. @returns the errno of what failed. */
export function openPingSocket(options: PingSocketOptions): Result<PingSocket, Errno> {
  const { family, device } = options;
  let opened = pingSocket(family);
  if (!opened.ok && opened.error === "EACCES" && allowPing()) opened = pingSocket(family);
  if (!opened.ok) return opened;
  const fd = opened.value;
  enlargeReceiveBuffer(fd, RECEIVE_BUFFER);
  const tied = device === undefined ? ok(undefined) : bindToDevice(fd, device);
  const bound = tied.ok ? bindSocket(fd, ANY[family], 0) : tied;
  if (bound.ok) {
    // The kernel stamps what arrives from the first time on that it is asked when something did.
    sinceReceipt(fd, performance.now());
    return ok(new PingSocket(fd, options));
  }
  closeDescriptor(fd);
  return failed(bound.error);
}

/** An open ping socket; made by `openPingSocket`. */
export class PingSocket {
  readonly #fd: number;
  readonly #options: PingSocketOptions;
  readonly #socket: Socket;
  readonly #addresses = new Map<IpAddress, SocketAddress>();
  readonly #sent = new SentEchoes();

  constructor(fd: number, options: PingSocketOptions) {
    this.#fd = fd;
    this.#options = options;
    this.#socket = createSocket(options.family === 4 ? "udp4" : "udp6");
    this.#socket.on("message", (bytes) => this.#receive(bytes));
    // What goes wrong with an echo is the answer of its `send`; the socket itself goes on.
    this.#socket.on("error", () => undefined);
    this.#socket.bind({ fd, exclusive: true });
  }

  /** Sends one echo. @param timeout milliseconds that its answer is waited for. @returns why the kernel did not take it. */
  send(id: ProbeId, packet: number, to: IpAddress, timeout: number): Errno | undefined {
    const { family, token } = this.#options;
    const sentAt = performance.now();
    const sequence = this.#sent.nextSequence(sentAt);
    const message = encodeEchoRequest(family, 0, sequence, { token, id, packet });
    const result = sendDatagram(this.#fd, message, this.#addressOf(to));
    if (!result.ok) return result.error;
    this.#sent.add(sequence, { id, packet, sentAt, expiresAt: sentAt + timeout });
    return undefined;
  }

  close(): void {
    this.#socket.close();
    this.#sent.clear();
  }

  #receive(bytes: Uint8Array): void {
    const now = performance.now();
    const { family, token, listener } = this.#options;
    const reply = decodeEchoReply(family, bytes);
    if (reply?.token !== token) return;
    const sent = this.#sent.take(reply.sequence, reply.id, reply.packet);
    if (!sent) return;
    const rtt = Math.max(0, now - (sinceReceipt(this.#fd, now) ?? 0) - sent.sentAt);
    listener({ id: sent.id, packet: sent.packet, rtt, isIntact: reply.isIntact });
  }

  #addressOf(to: IpAddress): SocketAddress {
    let address = this.#addresses.get(to);
    if (address === undefined) {
      if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
      address = socketAddress(to, 0);
      this.#addresses.set(to, address);
    }
    return address;
  }
}

const ANY: Readonly<Record<IpFamily, IpAddress>> = {
  4: "0.0.0.0" as IpAddress,
  6: "::" as IpAddress,
};
/** Room for some thousand answers: a moment without this process must not look like silence. Bytes. */
const RECEIVE_BUFFER = 4 << 20;
/** Names move: what was probed once need not be remembered for ever. */
const MOST_ADDRESSES = 4_096;
