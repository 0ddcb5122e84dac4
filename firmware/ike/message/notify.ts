/** Notify payload. What the data of a type holds is read by the task that knows the type. RFC 7296 §3.10 */
import { rest, size8, sized, u8, u16 } from "./codec.ts";
import { notifyName, protocolName } from "./iana.ts";
import type { NotifyPayload } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

/** Any SPI size is taken: peers differ in what they send about an IKE SA, and nobody reads it. RFC 7296 §3.10 */
export const notifyPayload: PayloadCodec<NotifyPayload> = payload("Notify", 41, {
  protocol: u8(protocolName),
  spiSize: size8((notify: NotifyPayload) => notify.spi.length),
  notify: u16(notifyName),
  spi: sized(),
  data: rest(),
});
