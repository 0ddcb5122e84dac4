import type { Context, MiddlewareHandler } from "hono";
import type { PageFile } from "../page-files.ts";

/** The status page and what it is made of, for everybody: it shows nothing until the calls let its reader in. */
export function page(fileAt: (path: string) => PageFile | undefined): MiddlewareHandler {
  return async (context, next) => {
    const { method, path } = context.req;
    const file = method === "GET" || method === "HEAD" ? fileAt(path) : undefined;
    if (!file) return await next();
    return answer(context, file);
  };
}

/** Browsers ask again each time and are told that nothing changed: a new firmware is a new page at once. */
function answer(context: Context, { type, body, gzip, etag }: PageFile): Response {
  context.header("Cache-Control", "no-cache");
  context.header("ETag", etag);
  context.header("Vary", "Accept-Encoding");
  // Before "nothing changed" too: its headers replace those that the browser kept, the policy of the page among them.
  context.header("Content-Type", type);
  if (context.req.header("if-none-match")?.includes(etag)) return context.body(null, 304);
  const isSmaller = gzip.length < body.length;
  const takesGzip = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  if (isSmaller && takesGzip) context.header("Content-Encoding", "gzip");
  return context.body(new Uint8Array(isSmaller && takesGzip ? gzip : body));
}
