import { Hono } from "hono";
import type { SlaDetail } from "#state/document-sla.ts";
import type { Backend } from "../backend.ts";
import { unknownName } from "../fault.ts";

/** `GET /state/sla/NAME`: an operation with its past, which would make the whole document long. */
export function slaRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/:name", (context) => {
    const { name } = context.req.param();
    const { sla } = backend.document();
    const state = Object.hasOwn(sla, name) ? sla[name] : undefined;
    const history = backend.slaHistory(name);
    if (!state || !history) return unknownName(context, "sla", name, Object.keys(sla));
    return context.json({ ...state, history } satisfies SlaDetail);
  });
  return routes;
}
