import * as z from "zod/mini";
import { byName, count } from "./words.ts";

const space = z.object({ total: count, available: count });

/** `system.clock` */
export const clock = z.object({
  trusted: z.boolean(),
  synchronised: z.boolean(),
  reason: z.optional(z.string()),
  earliest: z.optional(z.string()),
});

/** `system.host` */
export const host = z.object({
  cpu: z.optional(z.number()),
  load: z.readonly(z.tuple([z.number(), z.number(), z.number()])),
  memory: space,
  board: z.optional(z.string()),
  temperature: z.optional(z.number()),
  disk: z.optional(space),
  uptime: z.number(),
  interfaces: byName(
    z.object({
      "bytes-in": count,
      "bytes-out": count,
      "packets-in": count,
      "packets-out": count,
      "errors-in": count,
      "errors-out": count,
      "drops-in": count,
      "drops-out": count,
    }),
  ),
});
