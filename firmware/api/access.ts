import type { MiddlewareHandler } from "hono";
import { fault } from "./fault.ts";

/** What a listener lets in: the control socket everything, a TCP port reading only. */
export type Access = "control" | "read-only";

/** Refuses requests that would change something. */
export const readOnly: MiddlewareHandler = async (context, next) => {
  if (context.req.method === "GET" || context.req.method === "HEAD") return await next();
  return fault(context, 403, {
    code: "api.read-only",
    message: "this port shows state only: use the control socket, or the flexspoke command",
  });
};

/** Refuses names that a page elsewhere could have pointed at this machine (DNS rebinding). */
export const loopbackHostOnly: MiddlewareHandler = async (context, next) => {
  if (isLoopbackHost(context.req.header("host") ?? "")) return await next();
  return fault(context, 421, {
    code: "api.unknown-host",
    message: "this name is not one of this server: use localhost, 127.0.0.1 or [::1]",
  });
};

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** What every answer says to a browser: nothing here is a page, nothing may be framed, kept or guessed. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("Cache-Control", "no-store");
  context.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  context.header("Cross-Origin-Resource-Policy", "same-origin");
  context.header("Referrer-Policy", "no-referrer");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("X-Frame-Options", "DENY");
};
