import type { Context, MiddlewareHandler } from "hono";
import { fault } from "./fault.ts";

/** The largest body that a call takes is a few hundred bytes. */
const MOST_BYTES = 4096;

/** Refuses bodies that no call needs, by what their head says: nothing of them is read. */
export const smallBodiesOnly: MiddlewareHandler = async (context, next) => {
  if (context.req.header("transfer-encoding") !== undefined)
    return refuse(context, 411, "api.length-needed", "say how long the body is (Content-Length)");
  if (Number(context.req.header("content-length") ?? 0) > MOST_BYTES)
    return refuse(context, 413, "api.too-large", "the body is too large");
  return await next();
};

function refuse(context: Context, status: 411 | 413, code: string, message: string): Response {
  context.header("Connection", "close");
  return fault(context, status, { code, message });
}
