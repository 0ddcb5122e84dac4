import { Hono } from "hono";
import type { Backend } from "../backend.ts";

/** `GET /kernel`: what the kernel has, without keys; for support cases, on the control socket only. */
export function kernelRoutes(backend: Backend): Hono {
  const routes = new Hono();
  routes.get("/", async (context) => context.json((await backend.survey?.()) ?? {}));
  return routes;
}
