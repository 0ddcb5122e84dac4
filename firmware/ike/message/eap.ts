/** EAP payload: one EAP packet, which may hold a password and so stays out of logs. RFC 7296 §3.16 */
import { rest } from "./codec.ts";
import type { EapPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** The packet begins with its own four-byte header, which `eap/` reads. RFC 7296 §3.16 */
export const eapPayload: PayloadCodec<EapPayload> = payload("EAP", 48, {
  message: rest({ min: 4, isSecret: true }),
});
