import { Hono } from "hono";
import { type DebugArea, type DebugCondition, debugAreas } from "#state/debug.ts";
import type { Backend } from "../backend.ts";
import { debugStream } from "../debug-stream.ts";
import { fault } from "../fault.ts";

/** `GET /debug?areas=ikev2,client&client=NAME&peer=ADDRESS` as server-sent events; for the control socket only. */
export function debugRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/", (context) => {
    const { areas: wanted = "", client, peer } = context.req.query();
    const names = wanted.split(",").filter((name) => name !== "");
    const unknown = names.find((name) => !isArea(name));
    if (unknown !== undefined)
      return fault(context, 400, {
        code: "api.bad-request",
        message: `there is no debug area ${JSON.stringify(unknown)}: there is ${debugAreas.join(", ")}`,
        known: debugAreas,
      });
    const areas = names.length > 0 ? names.filter(isArea) : debugAreas;
    const condition: DebugCondition = {
      areas,
      ...(client !== undefined && { client }),
      ...(peer !== undefined && { peer }),
    };
    const stream = debugStream(backend, condition);
    if (!stream)
      return fault(context, 503, {
        code: "api.too-many",
        message: "too many watch already: end another debug first",
      });
    return context.body(stream, 200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "X-Accel-Buffering": "no",
    });
  });
  return routes;
}

const isArea = (name: string): name is DebugArea => debugAreas.some((area) => area === name);
