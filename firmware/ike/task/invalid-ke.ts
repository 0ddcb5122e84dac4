/** The responder wants another key exchange method than the one we guessed. RFC 7296 §1.2, §1.3. */
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload, Payload } from "../message/message.ts";
import { notify, u16Bytes } from "./notify.ts";

/** Asks the peer to come again with `method`. */
export function buildInvalidKe(method: number): readonly Payload[] {
  return [notify(NotifyType.INVALID_KE_PAYLOAD, u16Bytes(method))];
}

/** The method that is wanted; undefined when the notify does not say. */
export function processInvalidKe(payload: NotifyPayload): number | undefined {
  const { data } = payload;
  if (data.length !== 2) return undefined;
  return ((data[0] ?? 0) << 8) | (data[1] ?? 0);
}
