import { Hono } from "hono";
import type { Backend } from "../backend.ts";
import { unknownName } from "../fault.ts";

/** `GET /diagnose/CLIENT`. */
export function diagnoseRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/:client", async (context) => {
    const { client } = context.req.param();
    const { clients } = backend.document();
    if (!Object.hasOwn(clients, client))
      return unknownName(context, "client", client, Object.keys(clients));
    return context.json(await backend.diagnose(client));
  });
  return routes;
}
