/** Makes the branch's state, inside the lab, readable at 127.0.0.1:8080 of this host. */
import { createServer, type Server } from "node:http";
import type { Machine } from "#test/lab/machine.ts";

const PORT = 8080;

/** @param controlSocket of the branch, on its machine. @returns where it is, and what ends it. */
export async function serveState(
  machine: Machine,
  controlSocket: string,
): Promise<{ readonly url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (request.method !== "GET" || !path.startsWith("/api/v1/")) {
      response.writeHead(404).end(`see /api/v1/state and /api/v1/events?last=50\n`);
      return;
    }
    machine.http(controlSocket, "GET", path).then(
      ({ status, body }) => {
        response.writeHead(status, { "Content-Type": "application/json" }).end(body);
      },
      (error: unknown) => response.writeHead(502).end(`${String(error)}\n`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(PORT, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${PORT}/api/v1/state`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
