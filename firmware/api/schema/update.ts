import * as z from "zod/mini";
import { count, text, texts, time } from "./words.ts";

/** Of whole seconds, or finer. */
const built = text;
const system = z.object({ version: text, built });

/** `update`: the system in the slots, and what is being done about an update. */
export const update = z.object({
  board: text,
  version: text,
  built,
  slot: z.enum(["A", "B"]),
  other: z.optional(system),
  phase: z.enum(["idle", "writing", "armed", "restarting", "trial"]),
  incoming: z.optional(
    z.object({
      version: text,
      by: text,
      step: z.enum(["writing", "checking"]),
      done: count,
      total: count,
    }),
  ),
  trial: z.optional(z.object({ from: text, lacking: texts, "ends-at": z.optional(time) })),
  last: z.optional(
    z.object({
      version: text,
      outcome: z.enum(["kept", "rolled-back", "refused"]),
      reason: text,
      at: time,
    }),
  ),
});
