/** The hub asks for proof that we receive at our address: the same request again with its cookie. RFC 7296 §2.6. */
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload, Payload } from "../message/message.ts";
import { notify } from "./notify.ts";

/** Stands first in the repeated request. */
export function buildCookie(cookie: Uint8Array | undefined): readonly Payload[] {
  return cookie ? [notify(NotifyType.COOKIE, cookie)] : [];
}

/** The cookie to return; undefined when it has no valid length (1 to 64 bytes). */
export function processCookie(payload: NotifyPayload): Uint8Array | undefined {
  const { length } = payload.data;
  return length >= 1 && length <= 64 ? payload.data.slice() : undefined;
}
