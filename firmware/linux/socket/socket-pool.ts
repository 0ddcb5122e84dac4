/**
 * The IKE sockets of the daemon: one for each interface, address and port, opened when something is first sent from
 * there and closed when no session uses it any more. It knows sessions as names only and decides nothing about them.
 */
import { type Endpoint, formatEndpoint, type IpAddress, ipFamily } from "#lib/ip.ts";
import { ok, type Result } from "#lib/result.ts";
import { bindSocket, closeDescriptor, interfaceIndex, udpSocket } from "../libc/libc.ts";
import { type IkeSocket, type IkeSocketListener, openIkeSocket } from "./ike-socket.ts";
import { interfaceMissing, noAddress, type SocketFault } from "./socket-fault.ts";

/** Where datagrams leave from. `ike/connection.ts`: `Path` is one. */
export interface LocalPath {
  readonly local: Endpoint;
  /** Interface to send by; undefined leaves it to the routing table. */
  readonly source?: string;
}

/** Whoever keeps a socket open; an IKE session's id. */
export type SocketUser = string | number;

/** A socket that had to be given up because its address or interface is gone. */
export interface LostSocket {
  readonly path: LocalPath;
  readonly users: readonly SocketUser[];
  readonly fault: SocketFault;
}

interface Entry {
  readonly path: LocalPath;
  socket: IkeSocket;
  readonly users: Set<SocketUser>;
}

export class IkeSocketPool {
  readonly #listener: IkeSocketListener;
  readonly #entries = new Map<string, Entry>();

  /** @param listener hears the datagrams and faults of every socket. */
  constructor(listener: IkeSocketListener) {
    this.#listener = listener;
  }

  /** Sends an IKE message for `user`, who keeps the socket from now on. @returns why the socket could not be opened. */
  send(
    user: SocketUser,
    path: LocalPath & { readonly remote: Endpoint },
    message: Uint8Array,
  ): SocketFault | undefined {
    const opened = this.open(user, path);
    if (!opened.ok) return opened.error;
    opened.value.send(message, path.remote);
    return undefined;
  }

  /** Sends a NAT keepalive for `user`. @returns why the socket could not be opened. */
  sendKeepalive(
    user: SocketUser,
    path: LocalPath & { readonly remote: Endpoint },
  ): SocketFault | undefined {
    const opened = this.open(user, path);
    if (!opened.ok) return opened.error;
    opened.value.sendKeepalive(path.remote);
    return undefined;
  }

  /** The socket for `path`, opened when needed and kept for `user`; ESP in UDP arrives only while it is open. */
  open(user: SocketUser, path: LocalPath): Result<IkeSocket, SocketFault> {
    const key = keyOf(path);
    const known = this.#entries.get(key);
    if (known) {
      known.users.add(user);
      return ok(known.socket);
    }
    const opened = this.#openNew(path);
    if (opened.ok) {
      this.#entries.set(key, { path: localOf(path), socket: opened.value, users: new Set([user]) });
    }
    return opened;
  }

  /** `user` is done with its sockets but the one of `except`; those that nobody else uses are closed. */
  release(user: SocketUser, except?: LocalPath): void {
    const kept = except && keyOf(except);
    for (const [key, entry] of this.#entries) {
      if (key === kept || !entry.users.delete(user) || entry.users.size > 0) continue;
      entry.socket.close();
      this.#entries.delete(key);
    }
  }

  /**
   * Brings the sockets in line with the machine's interfaces: call it when an interface or an address came or went.
   * A socket whose interface was replaced by one of the same name is opened anew on it, unseen by its users.
   * @returns the sockets that were closed because their address or interface is gone; their users must find another.
   */
  refresh(): readonly LostSocket[] {
    const lost: LostSocket[] = [];
    for (const [key, entry] of this.#entries) {
      const fault = this.#renew(entry);
      if (fault === undefined) continue;
      this.#entries.delete(key);
      lost.push({ path: entry.path, users: [...entry.users], fault });
    }
    return lost;
  }

  /** Local addresses and ports that are open. */
  openPaths(): readonly LocalPath[] {
    return [...this.#entries.values()].map(({ path }) => path);
  }

  /** Closes everything. */
  close(): void {
    for (const { socket } of this.#entries.values()) socket.close();
    this.#entries.clear();
  }

  /** @returns why the entry's socket is of no use any more; it is closed then. */
  #renew(entry: Entry): SocketFault | undefined {
    const { local, source } = entry.path;
    const index = source === undefined ? undefined : interfaceIndex(source);
    if (source !== undefined && index === undefined) {
      entry.socket.close();
      return interfaceMissing(source);
    }
    if (!isOwnAddress(local.address)) {
      entry.socket.close();
      const { address, port } = local;
      const device = source === undefined ? {} : { device: source };
      return noAddress({ port, family: ipFamily(address), address, ...device });
    }
    if (index === entry.socket.deviceIndex) return undefined;
    entry.socket.close();
    const opened = this.#openNew(entry.path, entry);
    if (!opened.ok) return opened.error;
    entry.socket = opened.value;
    return undefined;
  }

  /**
   * Opens a socket, beside those of ours that have the same address on another interface: they share it for the
   * moment of binding only, so that another program's IKE daemon can never slip in and is always noticed.
   */
  #openNew(path: LocalPath, replaced?: Entry): Result<IkeSocket, SocketFault> {
    const { local, source } = path;
    const sameAddress = [...this.#entries.values()].filter(
      (entry) => entry !== replaced && formatEndpoint(entry.path.local) === formatEndpoint(local),
    );
    for (const { socket } of sameAddress) socket.share(true);
    const device = source === undefined ? {} : { device: source };
    const opened = openIkeSocket(
      { ...local, ...device, joinsShared: sameAddress.length > 0 },
      this.#listener,
    );
    for (const { socket } of sameAddress) socket.share(false);
    return opened;
  }
}

function keyOf({ local, source }: LocalPath): string {
  return `${source ?? ""} ${formatEndpoint(local)}`;
}

function localOf({ local, source }: LocalPath): LocalPath {
  return source === undefined ? { local } : { local, source };
}

/** True when the kernel lets a socket have this address now. */
function isOwnAddress(address: IpAddress): boolean {
  const opened = udpSocket(ipFamily(address));
  if (!opened.ok) return false;
  const bound = bindSocket(opened.value, address, 0);
  closeDescriptor(opened.value);
  return bound.ok;
}
