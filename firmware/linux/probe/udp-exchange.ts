/**
 * A UDP socket towards one far end: it alone is heard, and that it refuses is heard too. For probes that ask a question
 * and wait for answers; what these say is the caller's. Source: udp(7)
 */
import { createSocket, type Socket } from "node:dgram";
import { type Endpoint, ipFamily } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import {
  closeDescriptor,
  connectSocket,
  type Errno,
  sendDatagram,
  sinceReceipt,
  udpSocket,
} from "../libc/libc.ts";
import { bindToDevice } from "../socket/ike-socket-options.ts";

export interface UdpExchangeListener {
  /** @param receivedAt `performance.now` milliseconds at which the kernel received it. */
  datagram(bytes: Uint8Array, receivedAt: number): void;
  /** What the network said of something sent before. */
  fault(errno: Errno): void;
}

/** Opens the socket from a port of the kernel's choice. @returns the errno of what failed. */
export function openUdpExchange(
  remote: Endpoint,
  device: string | undefined,
  listener: UdpExchangeListener,
): Result<UdpExchange, Errno> {
  const family = ipFamily(remote.address);
  const opened = udpSocket(family);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const tied = device === undefined ? ok(undefined) : bindToDevice(fd, device);
  const connected = tied.ok ? connectSocket(fd, remote.address, remote.port) : tied;
  if (connected.ok) return ok(new UdpExchange(fd, family === 4 ? "udp4" : "udp6", listener));
  closeDescriptor(fd);
  return failed(connected.error);
}

/** An open socket; made by `openUdpExchange`. */
export class UdpExchange {
  readonly #fd: number;
  readonly #socket: Socket;
  #isClosed = false;

  constructor(fd: number, type: "udp4" | "udp6", listener: UdpExchangeListener) {
    this.#fd = fd;
    this.#socket = createSocket(type);
    this.#socket.on("message", (bytes) => {
      const now = performance.now();
      listener.datagram(bytes, now - (sinceReceipt(fd, now) ?? 0));
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) => listener.fault(error.code ?? "EIO"));
    // The kernel stamps what arrives from the first time on that it is asked when something did.
    sinceReceipt(fd, performance.now());
    this.#socket.bind({ fd, exclusive: true });
  }

  /** @returns why the kernel did not take it. */
  send(bytes: Uint8Array): Errno | undefined {
    const sent = sendDatagram(this.#fd, bytes, null);
    return sent.ok ? undefined : sent.error;
  }

  close(): void {
    if (!this.#isClosed) this.#socket.close();
    this.#isClosed = true;
  }
}
