import { type Context, Hono } from "hono";
import type { Backend } from "../backend.ts";
import { eventStream } from "../event-stream.ts";
import { fault } from "../fault.ts";
import type { Session } from "../sessions.ts";

const MOST_EVENTS = 10_000;

/** `GET /events?last=N` as JSON, `GET /events` as server-sent events. */
export function eventRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/", (context) => {
    const last = context.req.query("last");
    if (last === undefined) return stream(context, backend);
    if (!/^\d{1,9}$/.test(last) || Number(last) < 1)
      return fault(context, 400, {
        code: "api.bad-request",
        message: `last must be a whole number from 1 to ${MOST_EVENTS}`,
      });
    return context.json(backend.events(Math.min(Number(last), MOST_EVENTS)));
  });
  return routes;
}

function stream(context: Context, backend: Backend): Response {
  const lastEventId = context.req.header("last-event-id");
  const fromId =
    lastEventId !== undefined && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
  const session = context.get("session") as Session | undefined;
  return context.body(eventStream(backend, fromId, session?.ended), 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "X-Accel-Buffering": "no",
  });
}
