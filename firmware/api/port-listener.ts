/** One address of `web.listen`: plain or TLS, and hardened against who is slow, huge or many. */
import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { TlsProof } from "./self-signed.ts";

/**
 * How long a stranger may take, milliseconds, and how much it may say. A head or a body that is not there in time, a
 * connection on which nothing moves, and a reader that takes nothing are all closed.
 */
const limits: ServerOptions = {
  headersTimeout: 10_000,
  // A bundle over a slow line; other bodies have `BODY_TIMEOUT`.
  requestTimeout: 30 * 60_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 8_192,
};
/** More than the time between two heartbeats of an event stream. */
const STALLED = 45_000;
const HANDSHAKE = 10_000;
/** For a few kilobytes. */
const BODY_TIMEOUT = 15_000;

/** What a listener shows; a new one when it is due. */
export interface TlsSource {
  readonly first: Omit<TlsProof, "renewAt">;
  /** Called with each connection. @returns what to show from now on, when that changed. */
  renewal(): Omit<TlsProof, "renewAt"> | undefined;
}

/** Requests on one connection whose answers were not taken yet: no browser sends a second one before. RFC 9112 §9.3.2 */
const MOST_PIPELINED = 4;

/** A server that does not listen yet. */
export async function createPortServer(
  listener: RequestListener,
  tls: TlsSource | undefined,
): Promise<Server> {
  const answer = withoutPiles(withoutDawdlers(listener));
  const server = tls ? await createTlsServer(answer, tls) : createServer(limits, answer);
  server.maxHeadersCount = 100;
  server.maxRequestsPerSocket = 1_000;
  server.setTimeout(STALLED);
  return server;
}

/** Cuts off who asks on and on without taking the answers. */
function withoutPiles(listener: RequestListener): RequestListener {
  const open = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const count = (open.get(socket) ?? 0) + 1;
    if (socket.destroyed || count > MOST_PIPELINED) return void socket.destroy();
    open.set(socket, count);
    response.once("close", () => open.set(socket, (open.get(socket) ?? 1) - 1));
    listener(request, response);
  };
}

/** Cuts off whose body does not come; only a bundle may take long. */
function withoutDawdlers(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (!request.url?.startsWith("/api/v1/update")) {
      const timer = setTimeout(() => {
        if (!request.complete) request.socket.destroy();
      }, BODY_TIMEOUT).unref();
      response.once("close", () => clearTimeout(timer));
    }
    listener(request, response);
  };
}

async function createTlsServer(answer: RequestListener, tls: TlsSource): Promise<Server> {
  const https = await import("node:https");
  const server = https.createServer(
    { ...limits, ...tls.first, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE },
    answer,
  );
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("connection", () => {
    const proof = tls.renewal();
    if (proof) server.setSecureContext({ ...proof, minVersion: "TLSv1.2" });
  });
  return server;
}
