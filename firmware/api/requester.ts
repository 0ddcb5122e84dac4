import type { Context } from "hono";
import type { Session } from "./sessions.ts";

/** Who asks, for the event: `admin on the page`; whoever may open the control socket is at the command line. */
export function requester(context: Context): string {
  const session = context.get("session") as Session | undefined;
  return session ? `${session.user} on the page` : "command line";
}
