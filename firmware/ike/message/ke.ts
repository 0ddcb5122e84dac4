/** Key Exchange payload. Whether the method is the one that was negotiated is the exchange's business. RFC 7296 §3.4 */
import { reserved, rest, u16 } from "./codec.ts";
import { keyExchangeName } from "./iana.ts";
import type { KePayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** RFC 7296 §3.4. */
export const kePayload: PayloadCodec<KePayload> = payload("KE", 34, {
  method: u16(keyExchangeName),
  reserved: reserved(2),
  publicValue: rest({ min: 1 }),
});
