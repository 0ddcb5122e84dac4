import type { Context } from "hono";

/** Who asks, for the event: whoever may open the control socket is at the command line. */
export function requester(_context: Context): string {
  return "command line";
}
