/** What a listener lets in: the control socket everything, a TCP port those who are logged in. */
import type { Socket } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { fault } from "./fault.ts";
import type { Login } from "./login.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

/** What a request came in by. */
export type Access =
  | { readonly kind: "control" }
  | {
      readonly kind: "port";
      /** Only this machine can reach it: where nobody may log in, it may be read. */
      readonly isLoopback: boolean;
      readonly isSecure: boolean;
      /** Names that a request may call this machine, in lower case. */
      readonly names: readonly string[];
      /** The connection shows a session. */
      readonly admit?: (socket: Socket) => void;
    };

/** Who may come in, the same for every port. */
export interface Admission {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly login: Login;
}

/** What the handlers of a call find in their context. */
export interface ApiEnvironment {
  Bindings: HttpBindings;
  Variables: { session?: Session };
}

/** Name of the cookie that holds a session's token. */
export const SESSION_COOKIE = "flexspoke";

const reads = new Set(["GET", "HEAD"]);

/** Lets in who shows a session; who does not may at most read, on a loopback port that nobody can log in to. */
export function sessionNeeded(
  admission: Admission,
  { isLoopback, admit }: Extract<Access, { kind: "port" }>,
): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const session = sessionOf(context, admission);
    if (session) {
      context.set("session", session);
      admit?.(context.env.incoming.socket);
      return await next();
    }
    if (admission.users.isEmpty && isLoopback) {
      if (reads.has(context.req.method)) return await next();
      return fault(context, 403, {
        code: "api.read-only",
        message:
          "this port shows state only: use the flexspoke command, or set a password with `flexspoke passwd --save`",
      });
    }
    return fault(context, 401, {
      code: "api.login-needed",
      message: 'log in first: POST /api/v1/session {"user":"…","password":"…"}',
    });
  };
}

/** The session whose token the request shows. */
export function sessionOf(
  context: Context<ApiEnvironment>,
  { sessions }: Admission,
): Session | undefined {
  const token = getCookie(context, SESSION_COOKIE);
  return token ? sessions.find(token) : undefined;
}

/** Refuses what a page from elsewhere makes a browser send. Programs that are no browser name no origin. */
export const sameOriginToChange: MiddlewareHandler = async (context, next) => {
  if (reads.has(context.req.method) || isSameOrigin(context)) return await next();
  return fault(context, 403, {
    code: "api.cross-origin",
    message: "a page of another server may not change anything here",
  });
};

function isSameOrigin(context: Context): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") return false;
  const origin = context.req.header("origin");
  if (origin === undefined) return true;
  return URL.parse(origin)?.host === hostOf(context.req.header("host") ?? "");
}

/** Without a port that goes without saying, as browsers write origins. */
const hostOf = (host: string): string | undefined =>
  URL.parse(`http://${host}`)?.host.toLowerCase();
