/** Configuration payload. Values are read by `config-exchange.ts`. RFC 7296 §3.15 */
import { many, prefixed16, reserved, struct, u8, u16 } from "./codec.ts";
import { cfgTypeName, configAttributeName } from "./iana.ts";
import type { CpPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** The first bit of an attribute's type is reserved. RFC 7296 §3.15.1 */
const configurationAttribute = struct({
  type: u16(configAttributeName, 0x7fff),
  value: prefixed16(),
});

/** RFC 7296 §3.15. */
export const cpPayload: PayloadCodec<CpPayload> = payload("CP", 47, {
  cfgType: u8(cfgTypeName),
  reserved: reserved(3),
  attributes: many(configurationAttribute),
});
