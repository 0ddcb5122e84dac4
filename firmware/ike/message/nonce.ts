/** Nonce payload. RFC 7296 §3.9 */
import { rest } from "./codec.ts";
import type { NoncePayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** Other lengths than 16 to 256 bytes are refused. RFC 7296 §3.9 */
export const noncePayload: PayloadCodec<NoncePayload> = payload("Nonce", 40, {
  nonce: rest({ min: 16, max: 256 }),
});
