import type { Context, MiddlewareHandler } from "hono";
import { fault } from "./fault.ts";

/** The largest body that a call takes is a few hundred bytes, but for a configuration. */
const MOST_BYTES = 4096;
const MOST_BYTES_OF_CONFIGURATION = 1024 * 1024;
/** A bundle fills a slot at most; it is never held in memory, and may come without its length being known. */
const MOST_OF_UPDATE = 1024 * 1024 * 1024;
const UPDATE = "/api/v1/update";

/** Refuses bodies that no call needs, by what their head says: nothing of them is read. */
export const smallBodiesOnly = bodiesUpTo((path) =>
  path === UPDATE ? MOST_OF_UPDATE : MOST_BYTES,
);

/** As `smallBodiesOnly`, but for the one call that takes a whole configuration. */
export const configurationOrSmallBodies = bodiesUpTo((path) =>
  path === "/api/v1/configuration/commit"
    ? MOST_BYTES_OF_CONFIGURATION
    : path === UPDATE
      ? MOST_OF_UPDATE
      : MOST_BYTES,
);

function bodiesUpTo(most: (path: string) => number): MiddlewareHandler {
  return async (context, next) => {
    const hasNoLength = context.req.header("transfer-encoding") !== undefined;
    if (hasNoLength && context.req.path !== UPDATE)
      return refuse(context, 411, "api.length-needed", "say how long the body is (Content-Length)");
    if (Number(context.req.header("content-length") ?? 0) > most(context.req.path))
      return refuse(context, 413, "api.too-large", "the body is too large");
    return await next();
  };
}

function refuse(context: Context, status: 411 | 413, code: string, message: string): Response {
  context.header("Connection", "close");
  return fault(context, status, { code, message });
}
