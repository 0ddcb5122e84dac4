import { Hono } from "hono";
import type { Backend } from "../backend.ts";

/** `GET /recording`: the last inputs of the engines, for `flexspoke replay`; for the control socket only. */
export function recordingRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/", (context) =>
    context.body(backend.recording(), 200, { "Content-Type": "application/jsonl; charset=utf-8" }),
  );
  return routes;
}
