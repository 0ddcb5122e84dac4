/** The calls of the local API, one app a kind of listener. Loaded with the first request, not at start. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Log } from "#lib/log.ts";
import { type Access, loopbackHostOnly, readOnly, securityHeaders } from "./access.ts";
import type { Backend } from "./backend.ts";
import { fault } from "./fault.ts";
import { clientRoutes } from "./routes/clients.ts";
import { diagnoseRoutes } from "./routes/diagnose.ts";
import { eventRoutes } from "./routes/events.ts";
import { slaRoutes } from "./routes/sla.ts";
import { stateRoutes } from "./routes/state.ts";
import { trackRoutes } from "./routes/track.ts";

/** Larger bodies are refused; the largest that is asked for is a dozen bytes. */
const MAX_BODY = 4096;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What answers the requests of one listener. */
export function requestListener(backend: Backend, access: Access, log: Log): RequestListener {
  const app = createApp(backend, access, log);
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}

function createApp(backend: Backend, access: Access, log: Log): Hono {
  const app = new Hono();
  app.use(securityHeaders);
  if (access === "read-only") app.use(loopbackHostOnly, readOnly);
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (context) =>
        fault(context, 413, { code: "api.too-large", message: "the body is too large" }),
    }),
  );
  app.route("/api/v1/state/sla", slaRoutes(backend));
  app.route("/api/v1/state", stateRoutes(backend));
  app.route("/api/v1/events", eventRoutes(backend));
  app.route("/api/v1/diagnose", diagnoseRoutes(backend));
  app.route("/api/v1/clients", clientRoutes(backend));
  app.route("/api/v1/track", trackRoutes(backend));
  app.notFound((context) =>
    fault(context, 404, {
      code: "api.unknown-call",
      message: "there is no such call (GET /api/v1/state shows what there is to see)",
    }),
  );
  app.onError((error, context) => {
    log.error(
      () => `answering ${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`,
    );
    return fault(context, 500, {
      code: "api.internal",
      message: "the daemon failed to answer (its log says why)",
    });
  });
  return app;
}
