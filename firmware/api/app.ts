/** The calls of the local API, one app a kind of listener. Loaded with the first request, not at start. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Log } from "#lib/log.ts";
import type { EventDraft } from "#state/event.ts";
import {
  type Access,
  type Admission,
  type ApiEnvironment,
  sameOriginToChange,
  sessionNeeded,
} from "./access.ts";
import type { Backend } from "./backend.ts";
import { configurationOrSmallBodies, smallBodiesOnly } from "./body.ts";
import { fault } from "./fault.ts";
import { knownHostOnly } from "./known-host.ts";
import { Login } from "./login.ts";
import { pageFile } from "./page-files.ts";
import { clientRoutes } from "./routes/clients.ts";
import { configurationRoutes } from "./routes/configuration.ts";
import { debugRoutes } from "./routes/debug.ts";
import { diagnoseRoutes } from "./routes/diagnose.ts";
import { eventRoutes } from "./routes/events.ts";
import { kernelRoutes } from "./routes/kernel.ts";
import { page } from "./routes/page.ts";
import { recordingRoutes } from "./routes/recording.ts";
import { sessionRoutes } from "./routes/session.ts";
import { slaRoutes } from "./routes/sla.ts";
import { stateRoutes } from "./routes/state.ts";
import { trackRoutes } from "./routes/track.ts";
import { updateRoutes } from "./routes/update.ts";
import { userRoutes } from "./routes/users.ts";
import { securityHeaders } from "./security-headers.ts";
import { Sessions } from "./sessions.ts";
import type { StateFiles } from "./state-files.ts";
import type { Users } from "./users.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What every listener of one daemon shares. */
export interface AppOptions {
  readonly backend: Backend;
  readonly users: Users;
  readonly files: StateFiles;
  /** The metrics as Prometheus reads them; left out, there are none. */
  readonly metrics?: () => Promise<{ readonly type: string; readonly text: string }>;
  /** What the page is made of; left out, the one that was built with the program. */
  readonly pageFile?: typeof pageFile;
  readonly record: (event: EventDraft) => void;
  readonly log: Log;
}

/** What answers requests, by what they came in by. */
export interface App {
  listener(access: Access): RequestListener;
  /** Ends the sessions whose user or password is not what it was. */
  reviewSessions(): void;
}

export function openApp(options: AppOptions): App {
  const { users, files, record, log } = options;
  const sessions = new Sessions(users, files, log);
  const login = new Login({ users, sessions, record, now: () => performance.now() });
  const admission = { users, sessions, login };
  return {
    listener: (access) => {
      const app = createApp(options, admission, access);
      return getRequestListener(app.fetch as (request: Request) => Promise<Response>, {
        overrideGlobalObjects: false,
      });
    },
    reviewSessions: () => sessions.review(),
  };
}

/** @internal What answers, for those who hold it to the table of calls. */
export function createApp(
  options: AppOptions,
  admission: Admission,
  access: Access,
): Hono<ApiEnvironment> {
  const { backend, log } = options;
  const app = new Hono<ApiEnvironment>();
  app.use(securityHeaders);
  if (access.kind === "port") app.use(knownHostOnly(access.names), sameOriginToChange);
  app.use(access.kind === "control" ? configurationOrSmallBodies : smallBodiesOnly);
  if (access.kind === "port") {
    app.use(page(options.pageFile ?? pageFile));
    app.route("/api/v1/session", sessionRoutes(admission, access));
    app.use(sessionNeeded(admission, access));
  } else {
    app.route("/api/v1/users", userRoutes(admission, options.record));
    app.route("/api/v1/debug", debugRoutes(backend));
    app.route("/api/v1/recording", recordingRoutes(backend));
    app.route("/api/v1/kernel", kernelRoutes(backend));
  }
  app.route("/api/v1/state/sla", slaRoutes(backend));
  app.route("/api/v1/state", stateRoutes(backend));
  app.route("/api/v1/events", eventRoutes(backend));
  app.route("/api/v1/diagnose", diagnoseRoutes(backend));
  app.route("/api/v1/clients", clientRoutes(backend));
  app.route("/api/v1/configuration", configurationRoutes(backend, access));
  app.route("/api/v1/track", trackRoutes(backend));
  app.route("/api/v1/update", updateRoutes(backend, access));
  app.get("/api/v1/openapi.json", async (context) => {
    const { openApi } = await import("./openapi.ts");
    return context.json(openApi(backend.document().version));
  });
  const { metrics } = options;
  if (metrics)
    app.get("/metrics", async (context) => {
      const { type, text } = await metrics();
      return context.body(text, 200, { "Content-Type": type });
    });
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
