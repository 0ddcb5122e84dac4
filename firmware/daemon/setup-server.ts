/** Serves the page of an appliance that has no configuration. Every request gets the same answer: there is nothing to log in to. */
import type { Server } from "node:http";
import { closeServer, listening } from "#api/listening.ts";
import { createPortServer } from "#api/port-listener.ts";
import { type Endpoint, formatEndpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";

/** The address may come later than the page. */
const AGAIN_MS = 1_000;

export class SetupServer {
  readonly #page: string;
  readonly #log: Log;
  #servers: readonly Server[] = [];
  #isClosed = false;

  constructor(page: string, log: Log) {
    this.#page = page;
    this.#log = log;
  }

  /** Where it listens; with port 0 the port that it was given. */
  get ports(): readonly number[] {
    return this.#servers.flatMap((server) => {
      const address = server.address();
      return typeof address === "object" && address ? [address.port] : [];
    });
  }

  /** Begins to listen on each endpoint; one whose address is not there yet is tried again until it is. */
  async open(endpoints: readonly Endpoint[]): Promise<void> {
    await Promise.all(endpoints.map((endpoint) => this.#listen(endpoint)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#servers.map(closeServer));
  }

  async #listen(endpoint: Endpoint): Promise<void> {
    const server = await createPortServer((request, response) => {
      request.resume();
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        "x-content-type-options": "nosniff",
      });
      response.end(this.#page);
    }, undefined);
    try {
      await listening(server, () => server.listen(endpoint.port, endpoint.address));
    } catch (error) {
      this.#log.debug(`no page on ${formatEndpoint(endpoint)} yet: ${String(error)}`);
      if (!this.#isClosed) setTimeout(() => void this.#listen(endpoint), AGAIN_MS).unref();
      return;
    }
    if (this.#isClosed) return closeServer(server);
    this.#servers = [...this.#servers, server];
  }
}
