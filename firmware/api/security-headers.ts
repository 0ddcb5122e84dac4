import type { MiddlewareHandler } from "hono";

/** The page loads nothing from elsewhere, runs no inline script and is never framed. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const callPolicy = "default-src 'none'; frame-ancestors 'none'";

/** What every answer says to a browser: nothing here may be framed, kept or guessed; only the page runs anything. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  const isPage = /^text\/html/.test(headers.get("content-type") ?? "");
  if (!headers.has("Cache-Control")) context.header("Cache-Control", "no-store");
  context.header("Content-Security-Policy", isPage ? pagePolicy : callPolicy);
  context.header("Cross-Origin-Opener-Policy", "same-origin");
  context.header("Cross-Origin-Resource-Policy", "same-origin");
  context.header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  context.header("Referrer-Policy", "no-referrer");
  context.header("X-Content-Type-Options", "nosniff");
  context.header("X-Frame-Options", "DENY");
};
