/**
 * The listeners of the local API. A start costs two sockets: what answers is loaded when somebody asks for the first
 * time, because a router has its tunnel to bring up before anybody looks at it.
 */
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { type Endpoint, formatEndpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import type { Access } from "./access.ts";
import type { RequestListener } from "./app.ts";
import type { Backend } from "./backend.ts";

export interface ApiServer {
  /** Where it listens over TCP; a port of 0 that was asked for is the one that was given. */
  readonly endpoints: readonly Endpoint[];
  /** Ends every stream and listener; the control socket is gone afterwards. */
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly backend: Backend;
  /** Path of the Unix socket, in a folder that exists. */
  readonly controlSocket: string;
  /** Loopback addresses; one that can't be had is an error in the log, not an end. */
  readonly listen: readonly Endpoint[];
  readonly log: Log;
}

/** Another process answers on the control socket. */
export class ControlSocketInUse extends Error {
  override readonly name = "ControlSocketInUse";
}

/** @throws {ControlSocketInUse}, or the error of the system when the control socket can't be made. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { backend, log } = options;
  const control = lazyServer(backend, "control", log);
  await listenOnSocket(control, options.controlSocket);
  const servers = [control];
  const endpoints: Endpoint[] = [];
  for (const wish of options.listen) {
    const server = lazyServer(backend, "read-only", log);
    const endpoint = await listenOnPort(server, wish, log);
    if (!endpoint) continue;
    servers.push(server);
    endpoints.push(endpoint);
  }
  return {
    endpoints,
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

function lazyServer(backend: Backend, access: Access, log: Log): Server {
  let listener: Promise<RequestListener> | undefined;
  const server = createServer((request, response) => {
    listener ??= import("./app.ts").then((app) => app.requestListener(backend, access, log));
    listener
      .then((answer) => answer(request, response))
      .catch((error: unknown) => {
        log.error(() => `local API: ${String(error)}`);
        response.destroy();
      });
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
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

async function listenOnPort(
  server: Server,
  endpoint: Endpoint,
  log: Log,
): Promise<Endpoint | undefined> {
  try {
    await listening(server, () => server.listen(endpoint.port, endpoint.address));
  } catch (error) {
    const reason = isErrno(error, "EADDRINUSE")
      ? "another program has the port (change web.listen)"
      : String(error);
    log.error(`local API: can't listen on ${formatEndpoint(endpoint)}: ${reason}`);
    return undefined;
  }
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : endpoint.port;
  return { address: endpoint.address, port };
}

function listening(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    begin();
  });
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

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
