import type { MiddlewareHandler } from "hono";
import type { ApiEnvironment } from "./access.ts";
import { fault } from "./fault.ts";

/**
 * Refuses names that a page elsewhere could have pointed at this machine (DNS rebinding): what a request calls it must be
 * one of `names`, the address that it came to, or a loopback address, as at the end of an SSH tunnel.
 */
export function knownHostOnly(names: readonly string[]): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const { socket } = context.env.incoming;
    if (isKnown(context.req.header("host") ?? "", names, socket.localAddress)) return await next();
    return fault(context, 421, {
      code: "api.unknown-host",
      message:
        "this name is not one of this server: use its address, or list the name under web.names",
    });
  };
}

/** @param arrivedAt the address of ours that the connection has. */
export function isKnown(
  header: string,
  names: readonly string[],
  arrivedAt: string | undefined,
): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(header.toLowerCase());
  const host = match?.[1]?.replace(/\.$/, "");
  if (host === undefined) return false;
  if (host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)) return true;
  if (names.some((name) => host === name || host === `${name}.local`)) return true;
  const address = arrivedAt?.replace(/^::ffff:(?=\d+\.)/, "").toLowerCase();
  return address !== undefined && (host === address || host === `[${address}]`);
}
