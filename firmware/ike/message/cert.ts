/** Certificate payload. What the data holds follows from the encoding and is read in `pki/`. RFC 7296 §3.6 */
import { rest, u8 } from "./codec.ts";
import { certEncodingName } from "./iana.ts";
import type { CertPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** RFC 7296 §3.6. */
export const certPayload: PayloadCodec<CertPayload> = payload("CERT", 37, {
  encoding: u8(certEncodingName),
  data: rest(),
});
