/** Beginning and ending to listen, as promises. */
import type { Server } from "node:http";

/** Resolves when `server` listens after `begin`. @throws the error of the system. */
export function listening(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    begin();
  });
}

/** Ends the listener and every connection of it. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** True for an error of the system with this name: `EADDRINUSE`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
