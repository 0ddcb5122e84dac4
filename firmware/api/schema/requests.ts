/** The schemas that bodies of requests are validated by. */
import * as z from "zod/mini";
import { parseDuration } from "#config/duration-syntax.ts";
import { parsePasswordHash } from "#config/password-hash-syntax.ts";

/** Every schema by the name that it has in the document. */
export const requests = {
  Login: z.object({
    user: z.string().check(z.minLength(1), z.maxLength(64)),
    password: z.string().check(z.minLength(1), z.maxLength(256)),
  }),
  Rekey: z.object({ what: z.enum(["ike", "child"]) }),
  SetTrack: z.object({ state: z.enum(["up", "down"]) }),
  NewPassword: z.object({
    "password-hash": z.string().check(z.refine((text) => parsePasswordHash(text) !== undefined)),
  }),
  Commit: z.object({
    text: z.string(),
    within: z.string().check(z.refine((text) => (parseDuration(text) ?? 0) > 0)),
  }),
} as const;
