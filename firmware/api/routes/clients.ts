import { type Context, Hono } from "hono";
import type { Backend, ClientAction } from "../backend.ts";
import { fault, unknownName } from "../fault.ts";
import { readBody } from "../read-body.ts";
import { requester } from "../requester.ts";
import { requests } from "../schema/requests.ts";

/** `POST /clients/NAME/connect|disconnect|clear|switch|rehearse` and `POST /clients/NAME/rekey`. */
export function clientRoutes(backend: Backend): Hono {
  const routes = new Hono();
  for (const kind of ["connect", "disconnect", "clear", "switch", "rehearse"] as const)
    routes.post(`/:name/${kind}`, (context) => act(context, backend, { kind }));
  routes.post("/:name/rekey", async (context) => {
    const body = await readBody(context, requests.Rekey);
    if (body) return act(context, backend, { kind: "rekey", what: body.what });
    return fault(context, 400, {
      code: "api.bad-request",
      message: 'the body must be {"what":"ike"} or {"what":"child"}',
      known: ["ike", "child"],
    });
  });
  return routes;
}

function act(context: Context, backend: Backend, action: ClientAction): Response {
  const name = context.req.param("name") ?? "";
  const { clients } = backend.document();
  if (!Object.hasOwn(clients, name))
    return unknownName(context, "client", name, Object.keys(clients));
  const outcome = backend.act(name, action, requester(context));
  if (outcome.kind === "accepted") return context.json({ event: outcome.event }, 202);
  return fault(context, 409, { code: outcome.code, message: outcome.reason });
}
