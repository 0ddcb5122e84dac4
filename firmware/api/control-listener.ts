/** The control socket: made so that nobody but its owner can open it, and taken over from a daemon that was killed. */
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import type { Server } from "node:http";
import { connect } from "node:net";
import { isErrno, listening } from "./listening.ts";

/** Another process answers on the control socket. */
export class ControlSocketInUse extends Error {
  override readonly name = "ControlSocketInUse";
}

/** @throws {ControlSocketInUse}, or the error of the system. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await listenPrivately(server, path);
  } catch (error) {
    if (!isErrno(error, "EADDRINUSE") || !lstatSync(path).isSocket()) throw error;
    if (await answers(path))
      throw new ControlSocketInUse(`another flexspoke is running: it answers on ${path}`);
    unlinkSync(path);
    await listenPrivately(server, path);
  }
}

/** The socket is never open to others, not even between its making and the change of its mode. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
}

/** True when some process accepts connections on the Unix socket at `path`. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
