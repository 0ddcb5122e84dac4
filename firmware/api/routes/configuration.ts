import { type Context, Hono } from "hono";
import { parseDuration } from "#config/duration-syntax.ts";
import type { Access } from "../access.ts";
import type { Backend, ConfigurationChange } from "../backend.ts";
import { fault } from "../fault.ts";
import { readBody } from "../read-body.ts";
import { requester } from "../requester.ts";
import { requests } from "../schema/requests.ts";

/**
 * `POST /configuration/reload|confirm`, and on the control socket alone `POST /configuration/commit {"text","within"}`: a
 * configuration can name programs to run as root.
 */
export function configurationRoutes(backend: Backend, access: Access): Hono {
  const routes = new Hono();
  for (const kind of ["reload", "confirm"] as const)
    routes.post(`/${kind}`, (context) => change(context, backend, { kind }));
  if (access.kind === "control")
    routes.post("/commit", async (context) => {
      const body = await readBody(context, requests.Commit);
      const within = body && parseDuration(body.within);
      if (!body || within === undefined)
        return fault(context, 400, {
          code: "api.bad-request",
          message: 'the body must be {"text":"…","within":"5m"}',
        });
      return change(context, backend, { kind: "commit", text: body.text, within });
    });
  return routes;
}

function change(context: Context, backend: Backend, wish: ConfigurationChange): Response {
  const outcome = backend.configure(wish, requester(context));
  if (outcome.kind === "accepted") return context.json(backend.document().configuration ?? {}, 202);
  const { code, reason, errors } = outcome;
  const details = errors === undefined ? {} : { errors };
  return fault(context, errors ? 422 : 409, { code, message: reason, ...details });
}
