/** UDP echo: datagrams that carry their own number, to a server that sends them back. Source: RFC 862 */
import { randomInt } from "node:crypto";
import type { Endpoint } from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import type { Errno } from "../libc/libc.ts";
import { openUdpExchange, type UdpExchange } from "./udp-exchange.ts";

export interface UdpEchoListener {
  /** @param rtt milliseconds. */
  answered(packet: number, rtt: number): void;
  /** A datagram came back with other data than it had. */
  changed(packet: number): void;
  fault(errno: Errno): void;
}

/** Opens a socket for the datagrams of one run. @returns the errno of what failed. */
export function openUdpEcho(
  remote: Endpoint,
  device: string | undefined,
  listener: UdpEchoListener,
): Result<UdpEcho, Errno> {
  const sentAt = new Map<number, number>();
  const token = randomInt(2 ** 32);
  const opened = openUdpExchange(remote, device, {
    datagram: (bytes, receivedAt) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (bytes.length < HEADER_BYTES || view.getUint32(0) !== token) return;
      const packet = view.getUint32(4);
      const sent = sentAt.get(packet);
      if (sent === undefined) return;
      sentAt.delete(packet);
      if (isIntact(bytes)) listener.answered(packet, Math.max(0, receivedAt - sent));
      else listener.changed(packet);
    },
    fault: (errno) => listener.fault(errno),
  });
  return opened.ok ? ok(new UdpEcho(opened.value, token, sentAt)) : opened;
}

/** An open run; made by `openUdpEcho`. */
export class UdpEcho {
  readonly #exchange: UdpExchange;
  readonly #token: number;
  readonly #sentAt: Map<number, number>;

  constructor(exchange: UdpExchange, token: number, sentAt: Map<number, number>) {
    this.#exchange = exchange;
    this.#token = token;
    this.#sentAt = sentAt;
  }

  /** @returns why the kernel did not take it. */
  send(packet: number): Errno | undefined {
    const bytes = new Uint8Array(DATA_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#token);
    view.setUint32(4, packet);
    for (let at = HEADER_BYTES; at < DATA_BYTES; at++) bytes[at] = at;
    this.#sentAt.set(packet, performance.now());
    return this.#exchange.send(bytes);
  }

  close(): void {
    this.#exchange.close();
  }
}

function isIntact(bytes: Uint8Array): boolean {
  return bytes.length === DATA_BYTES && bytes.every((byte, at) => at < HEADER_BYTES || byte === at);
}

const HEADER_BYTES = 8;
/** IOS: udp-echo, request-data-size 16 */
const DATA_BYTES = 16;
