/**
 * Authentication payload. Its data stays out of logs: with a shared key it would let a reader try passwords at leisure.
 * RFC 7296 §3.8
 */
import { reserved, rest, u8 } from "./codec.ts";
import { authMethodName } from "./iana.ts";
import type { AuthPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** RFC 7296 §3.8. */
export const authPayload: PayloadCodec<AuthPayload> = payload("AUTH", 39, {
  method: u8(authMethodName),
  reserved: reserved(3),
  data: rest({ isSecret: true }),
});
