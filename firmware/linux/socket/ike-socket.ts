/**
 * One UDP socket of ours for IKE, bound to one address and, where asked, one interface. It owns the descriptor, the
 * non-ESP marker and the sorting of what arrives on port 4500; it doesn't know what an IKE message says.
 * Sources: RFC 7296 §2.23, RFC 3948 §2.2 and §2.3
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import {
  type Endpoint,
  formatEndpoint,
  type IpAddress,
  ipFamily,
  parseIpAddress,
} from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import {
  bindSocket,
  closeDescriptor,
  interfaceIndex,
  socketName,
  udpSocket,
} from "../libc/libc.ts";
import { bindToDevice, setIkeOptions, shareAddress } from "./ike-socket-options.ts";
import { portHolder } from "./port-holder.ts";
import {
  addressInUse,
  interfaceMissing,
  type SocketFault,
  type SocketWish,
  sendFault,
  socketFault,
} from "./socket-fault.ts";

/** The port of IKE with ESP in UDP, and of everything behind a NAT. RFC 3948 */
export const NAT_TRAVERSAL_PORT = 4500;

/** An IKE message as it arrived, without the marker. */
export interface IkeDatagram {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The interface that the socket is tied to. */
  readonly source?: string;
  /** The receiver's to keep. */
  readonly bytes: Uint8Array;
}

/** Who hears of what happens on a socket. */
export interface IkeSocketListener {
  datagram(datagram: IkeDatagram): void;
  /** A datagram could not be sent, or the socket reports an error by itself; it stays open. */
  fault(fault: SocketFault): void;
}

export interface IkeSocketOptions {
  /** 500, or 4500 for the socket that also takes ESP out of UDP. 0 lets the kernel choose, without ESP. */
  readonly port: number;
  /** An address of this machine; datagrams leave with it, and only what is sent to it arrives. */
  readonly address: IpAddress;
  /** Send and hear by this interface only. */
  readonly device?: string;
  /** Join a socket of our own on the same address that has said `share(true)`. */
  readonly joinsShared?: boolean;
}

/** What was thrown away on arrival. */
export interface IkeSocketDrops {
  /** NAT keepalives that the kernel passed on. RFC 3948 §2.3 */
  keepalives: number;
  /** ESP for which the kernel did nothing. */
  esp: number;
  /** Too short to be anything. */
  runts: number;
}

/** Opens a socket ready to send and receive. Nothing is left open when it fails. */
export function openIkeSocket(
  options: IkeSocketOptions,
  listener: IkeSocketListener,
): Result<IkeSocket, SocketFault> {
  const family = ipFamily(options.address);
  const wish: SocketWish = { ...options, family };
  const index = options.device === undefined ? undefined : interfaceIndex(options.device);
  if (options.device !== undefined && index === undefined) {
    return failed(interfaceMissing(options.device));
  }
  const opened = udpSocket(family);
  if (!opened.ok) return failed(socketFault(wish, "open a socket", opened.error));
  const fd = opened.value;
  const fault = prepare(fd, wish, options.address, options.joinsShared === true);
  if (fault !== undefined) {
    closeDescriptor(fd);
    return failed(fault);
  }
  return ok(new IkeSocket(fd, options, index, listener));
}

/** An open IKE socket; made by `openIkeSocket`. */
export class IkeSocket {
  readonly local: Endpoint;
  readonly device: string | undefined;
  /** Of `device`, when the socket was opened: an interface that went and came back has another one. */
  readonly deviceIndex: number | undefined;
  readonly drops: IkeSocketDrops = { keepalives: 0, esp: 0, runts: 0 };
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #listener: IkeSocketListener;
  readonly #hasMarker: boolean;
  /** The last sender, so that a conversation's addresses are parsed once. */
  #sender: Endpoint & { readonly text: string } = { text: "", address: "" as IpAddress, port: 0 };

  constructor(
    fd: number,
    options: IkeSocketOptions,
    deviceIndex: number | undefined,
    listener: IkeSocketListener,
  ) {
    this.#fd = fd;
    this.#listener = listener;
    this.#hasMarker = options.port === NAT_TRAVERSAL_PORT;
    this.device = options.device;
    this.deviceIndex = deviceIndex;
    this.local = { address: options.address, port: options.port || boundPort(fd) };
    const isV4 = ipFamily(options.address) === 4;
    this.#socket = createSocket({
      type: isV4 ? "udp4" : "udp6",
      // Only addresses are ever given: answering at once keeps `send` synchronous, so that a last datagram goes out
      // before a close that follows it.
      lookup: (host, _options, done) => done(null, host, isV4 ? 4 : 6),
    });
    this.#socket.on("message", (bytes, from) => this.#receive(bytes, from));
    this.#socket.on("error", (error) => this.#report(this.local, error));
    this.#socket.bind({ fd, exclusive: true });
  }

  /** Sends an IKE message; on port 4500 the non-ESP marker goes in front of it. RFC 3948 §2.2 */
  send(message: Uint8Array, remote: Endpoint): void {
    this.#transmit(this.#hasMarker ? [NON_ESP_MARKER, message] : message, remote);
  }

  /** Sends the single octet that keeps a NAT's mapping. RFC 3948 §2.3 */
  sendKeepalive(remote: Endpoint): void {
    this.#transmit(KEEPALIVE, remote);
  }

  /** Lets another socket of ours open on the same address, or stops letting it. */
  share(isShared: boolean): void {
    shareAddress(this.#fd, isShared);
  }

  /** Closes the descriptor; what was sent before has left. Nothing is heard any more. */
  close(): void {
    this.#socket.close();
  }

  #transmit(data: Uint8Array | readonly Uint8Array[], remote: Endpoint): void {
    this.#socket.send(data, remote.port, remote.address, (error) => {
      if (error) this.#report(remote, error);
    });
  }

  #report(remote: Endpoint, error: NodeJS.ErrnoException): void {
    this.#listener.fault(sendFault(formatEndpoint(remote), error.code ?? error.message));
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    const start = this.#hasMarker ? this.#messageStart(bytes) : bytes.length > 0 ? 0 : undefined;
    if (start === undefined) return;
    const remote = this.#senderOf(from);
    if (remote === undefined) return;
    // A plain Uint8Array: Buffer's `slice` shares memory where everyone downstream expects a copy.
    const message = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
    const { local, device } = this;
    this.#listener.datagram(
      device === undefined
        ? { local, remote, bytes: message }
        : { local, remote, source: device, bytes: message },
    );
  }

  /** Where the IKE message starts in a datagram on port 4500; undefined when it holds none. */
  #messageStart(bytes: Buffer): number | undefined {
    if (bytes.length === 1 && bytes[0] === 0xff) {
      this.drops.keepalives++;
    } else if (bytes.length <= NON_ESP_MARKER.length) {
      this.drops.runts++;
    } else if ((bytes[0] ?? 0) | (bytes[1] ?? 0) | (bytes[2] ?? 0) | (bytes[3] ?? 0)) {
      this.drops.esp++;
    } else {
      return NON_ESP_MARKER.length;
    }
    return undefined;
  }

  #senderOf(from: RemoteInfo): Endpoint | undefined {
    if (this.#sender.text !== from.address || this.#sender.port !== from.port) {
      // A zone (fe80::1%eth0) has no place in an IKE path: such a sender can't be answered.
      const address = parseIpAddress(from.address);
      if (address === undefined) {
        this.drops.runts++;
        return undefined;
      }
      this.#sender = { text: from.address, address, port: from.port };
    }
    return { address: this.#sender.address, port: this.#sender.port };
  }
}

function prepare(
  fd: number,
  wish: SocketWish,
  address: IpAddress,
  joinsShared: boolean,
): SocketFault | undefined {
  const failedStep = setIkeOptions(fd, wish.family, wish.port === NAT_TRAVERSAL_PORT);
  if (failedStep) return socketFault(wish, failedStep.step, failedStep.errno);
  if (wish.device !== undefined) {
    const tied = bindToDevice(fd, wish.device);
    if (!tied.ok) return socketFault(wish, "tie the socket to the interface", tied.error);
  }
  if (joinsShared) shareAddress(fd, true);
  const bound = bindSocket(fd, address, wish.port);
  if (joinsShared) shareAddress(fd, false);
  if (bound.ok) return undefined;
  return bound.error === "EADDRINUSE"
    ? addressInUse(wish, portHolder(wish.port))
    : socketFault(wish, "bind the socket", bound.error);
}

function boundPort(fd: number): number {
  const name = socketName(fd);
  return name.ok ? name.value.port : 0;
}

const NON_ESP_MARKER = new Uint8Array(4);
const KEEPALIVE = Uint8Array.of(0xff);
