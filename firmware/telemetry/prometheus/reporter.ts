/** `prometheus.listen`: metrics for a scraper, and nothing else, without a password. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Connections } from "#api/connections.ts";
import { closeServer, listening } from "#api/listening.ts";
import { createPortServer } from "#api/port-listener.ts";
import type { ResolvedPrometheus } from "#config/resolved-prometheus.ts";
import { formatEndpoint } from "#lib/ip.ts";
import type { Reporter, ReporterContext } from "../reporter.ts";

/** @throws the error of the system when it can't listen. */
export async function startPrometheus(
  { listen }: ResolvedPrometheus,
  context: Pick<ReporterContext, "backend" | "log">,
): Promise<Reporter> {
  const server = await createPortServer((request, response) => {
    answer(request, response, context).catch((error: unknown) => {
      context.log.error(() => `prometheus: ${String(error)}`);
      response.destroy();
    });
  }, undefined);
  server.on("clientError", (_error, socket) => socket.destroy());
  const connections = new Connections(server);
  try {
    await listening(server, () => server.listen(listen.port, listen.address));
  } catch (error) {
    throw new Error(`can't listen on ${formatEndpoint(listen)} (change prometheus.listen)`, {
      cause: error,
    });
  }
  return {
    close: () => {
      const closed = closeServer(server);
      connections.close();
      return closed;
    },
  };
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  { backend }: Pick<ReporterContext, "backend">,
): Promise<void> {
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD", Connection: "close" }).end();
    return;
  }
  if (url?.replace(/\?.*$/, "") !== "/metrics") {
    response.writeHead(404).end("the metrics are at /metrics\n");
    return;
  }
  const { exposition } = await import("./exposition.ts");
  const { type, text } = await exposition(backend.document());
  response.writeHead(200, { "Content-Type": type }).end(text);
}
