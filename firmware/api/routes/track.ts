import { Hono } from "hono";
import type { Backend } from "../backend.ts";
import { fault, unknownName } from "../fault.ts";
import { requester } from "../requester.ts";

/** `POST /track/NAME {"state":"up"}`: sets a stub object. */
export function trackRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.post("/:name", async (context) => {
    const { name } = context.req.param();
    const body: unknown = await context.req.json().catch(() => undefined);
    const { track } = backend.document();
    if (!Object.hasOwn(track, name)) return unknownName(context, "track", name, Object.keys(track));
    const state =
      typeof body === "object" && body !== null && "state" in body ? body.state : undefined;
    if (state !== "up" && state !== "down")
      return fault(context, 400, {
        code: "api.bad-request",
        message: 'the body must be {"state":"up"} or {"state":"down"}',
        known: ["up", "down"],
      });
    const outcome = backend.setTrack(name, state, requester(context));
    if (outcome.kind === "accepted") return context.json({ event: outcome.event }, 202);
    return fault(context, 409, { code: outcome.code, message: outcome.reason });
  });
  return routes;
}
