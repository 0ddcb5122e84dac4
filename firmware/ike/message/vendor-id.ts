/** Vendor ID payload. RFC 7296 §3.12 */
import { rest } from "./codec.ts";
import type { VendorIdPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** RFC 7296 §3.12. */
export const vendorIdPayload: PayloadCodec<VendorIdPayload> = payload("VendorId", 43, {
  vendorId: rest(),
});
