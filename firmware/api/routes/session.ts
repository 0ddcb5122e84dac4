import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { IpAddress } from "#lib/ip.ts";
import {
  type Access,
  type Admission,
  type ApiEnvironment,
  SESSION_COOKIE,
  sessionOf,
} from "../access.ts";
import { fault } from "../fault.ts";
import { readBody } from "../read-body.ts";
import { requests } from "../schema/requests.ts";

/** `POST`, `GET` and `DELETE /session`: logging in, who is logged in, logging out. */
export function sessionRoutes(
  admission: Admission,
  access: Extract<Access, { kind: "port" }>,
): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  const cookie = {
    httpOnly: true,
    sameSite: "Strict",
    path: "/",
    secure: access.isSecure,
  } as const;
  routes.get("/", (context) => {
    const session = sessionOf(context, admission);
    if (session) return context.json({ user: session.user });
    if (admission.users.isEmpty && access.isLoopback) return context.json({ user: null });
    return fault(context, 401, { code: "api.login-needed", message: "nobody is logged in" });
  });
  routes.post("/", async (context) => {
    const body = await readBody(context, requests.Login);
    if (!body)
      return fault(context, 400, {
        code: "api.bad-request",
        message: 'the body must be {"user":"…","password":"…"}',
      });
    const { user, password } = body;
    const outcome = await admission.login.attempt(user, password, addressOf(context));
    switch (outcome.kind) {
      case "in":
        setCookie(context, SESSION_COOKIE, outcome.token, cookie);
        return context.body(null, 204);
      case "wait":
        context.header("Retry-After", String(outcome.retryAfter));
        return fault(context, 429, {
          code: "api.too-many-logins",
          message: `too many attempts: try again in ${outcome.retryAfter} s`,
        });
      case "wrong":
        return fault(context, 401, {
          code: "api.wrong-password",
          message:
            "no such user, or not this password (`flexspoke passwd --save` on the device sets a new one)",
        });
    }
  });
  routes.delete("/", (context) => {
    const token = getCookie(context, SESSION_COOKIE);
    if (token) admission.sessions.end(token);
    deleteCookie(context, SESSION_COOKIE, cookie);
    return context.body(null, 204);
  });
  return routes;
}

/** Where the request comes from, IPv4 in its own form. */
function addressOf(context: Context<ApiEnvironment>): IpAddress {
  const address = context.env.incoming.socket.remoteAddress ?? "0.0.0.0";
  return address.replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "") as IpAddress;
}
