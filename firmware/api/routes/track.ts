import { Hono } from "hono";
import type { Backend } from "../backend.ts";
import { fault, unknownName } from "../fault.ts";
import { readBody } from "../read-body.ts";
import { requester } from "../requester.ts";
import { requests } from "../schema/requests.ts";

/** `POST /track/NAME {"state":"up"}`: sets a stub object. */
export function trackRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.post("/:name", async (context) => {
    const { name } = context.req.param();
    const body = await readBody(context, requests.SetTrack);
    const { track } = backend.document();
    if (!Object.hasOwn(track, name)) return unknownName(context, "track", name, Object.keys(track));
    if (!body)
      return fault(context, 400, {
        code: "api.bad-request",
        message: 'the body must be {"state":"up"} or {"state":"down"}',
        known: ["up", "down"],
      });
    const outcome = backend.setTrack(name, body.state, requester(context));
    if (outcome.kind === "accepted") return context.json({ event: outcome.event }, 202);
    return fault(context, 409, { code: outcome.code, message: outcome.reason });
  });
  return routes;
}
