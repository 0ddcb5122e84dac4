/** Certificate Request payload. `pki/certificate-request.ts` makes and reads the hashes. RFC 7296 §3.7 */
import { rest, u8 } from "./codec.ts";
import { certEncodingName } from "./iana.ts";
import type { CertReqPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** RFC 7296 §3.7. */
export const certReqPayload: PayloadCodec<CertReqPayload> = payload("CERTREQ", 38, {
  encoding: u8(certEncodingName),
  authorities: rest(),
});
