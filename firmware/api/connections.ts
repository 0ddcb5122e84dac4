/**
 * Keeps a listener usable while strangers hold on to its connections: there are never more than a few, from one address
 * fewer, and a newcomer takes the place of the one that has been there longest without having logged in.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** At one time, from everybody. */
const MOST = 128;
/** From one address: a browser opens six, and there may be several behind one router. */
const MOST_OF_ONE = 32;

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  isAdmitted: boolean;
}

export class Connections {
  /** By the other end's address and port, oldest first. */
  readonly #open = new Map<string, Connection>();

  /** Watches over what `server` accepts. */
  constructor(server: Server) {
    server.on("connection", (socket: Socket) => this.#accept(socket));
  }

  get size(): number {
    return this.#open.size;
  }

  /** This connection shows a session: it does not make room for strangers. */
  admit(socket: Socket): void {
    const connection = this.#open.get(keyOf(socket));
    if (connection) connection.isAdmitted = true;
  }

  /** Ends them all, those that are still at their TLS handshake, too. */
  close(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) return void socket.destroy();
    const key = keyOf(socket);
    const ofOne = [...this.#open.values()].filter((each) => each.address === address);
    if (ofOne.length >= MOST_OF_ONE && !makeRoom(ofOne)) return void socket.destroy();
    if (this.#open.size >= MOST && !makeRoom([...this.#open.values()]))
      return void socket.destroy();
    this.#open.set(key, { socket, address, isAdmitted: false });
    socket.once("close", () => this.#open.delete(key));
  }
}

/** @returns false when everybody is logged in. */
function makeRoom(connections: readonly Connection[]): boolean {
  const stranger = connections.find(({ isAdmitted, socket }) => !isAdmitted && !socket.destroyed);
  stranger?.socket.destroy();
  return stranger !== undefined;
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
