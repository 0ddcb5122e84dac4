/** What probes ask, as real programs: listeners, echo, web and name servers, each in the namespace it is started in. */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { TestCertificate } from "#test/support/pki.ts";

interface Closable {
  close(): unknown;
}

/** Everything started here is ended by `close`. */
export class Responders {
  readonly #started: Closable[] = [];

  /** A TCP listener. */
  tcp(host: string, port: number): Promise<void> {
    return this.#listen(
      createServer((socket) => socket.on("error", () => undefined).resume()),
      host,
      port,
    );
  }

  /** A listener that sends this at once. */
  babble(host: string, port: number, text: string): Promise<void> {
    return this.#listen(
      createServer((socket) => socket.on("error", () => undefined).end(text)),
      host,
      port,
    );
  }

  /** UDP: what `answer` makes of a datagram is sent back, nothing when it makes nothing of it. */
  async udp(
    host: string,
    port: number,
    answer: (bytes: Buffer) => Uint8Array | undefined,
  ): Promise<void> {
    const socket: UdpSocket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.on("message", (bytes, from) => {
      const reply = answer(bytes);
      if (reply) socket.send(reply, from.port, from.address);
    });
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, "listening");
    this.#started.push(socket);
  }

  /** `/health` is well, `/moved` redirects, all else is status 503. */
  web(host: string, port: number): Promise<void> {
    return this.#listen(createWebServer(answerHttp), host, port);
  }

  /** The same by TLS. */
  secureWeb(host: string, port: number, { chainPem, keyPem }: TestCertificate): Promise<void> {
    return this.#listen(
      createSecureServer({ cert: chainPem, key: keyPem }, answerHttp),
      host,
      port,
    );
  }

  /** A name server by UDP that knows one name and one address. RFC 1035 §4.1 */
  dns(host: string, port: number, name: string): Promise<void> {
    return this.udp(host, port, (query) => {
      const isKnown = nameOf(query) === name;
      const reply = Buffer.concat([query, isKnown ? addressRecord : Buffer.alloc(0)]);
      reply.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
      reply.writeUInt16BE(isKnown ? 1 : 0, 6);
      return reply;
    });
  }

  close(): void {
    for (const each of this.#started.splice(0)) each.close();
  }

  async #listen(server: Server, host: string, port: number): Promise<void> {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    if ((server.address() as AddressInfo).port !== port) throw new Error("another port");
    this.#started.push(server);
  }
}

const answerHttp: Parameters<typeof createWebServer>[1] = (request, response) => {
  const status = { "/health": 200, "/moved": 302 }[request.url ?? ""] ?? 503;
  response.writeHead(status).end("a body that nobody reads");
};

function nameOf(query: Buffer): string {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return labels.join(".");
}

/** An A record of the name in the question. */
const addressRecord = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 10]);
