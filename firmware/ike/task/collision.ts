/** Simultaneous rekeys: of the four nonces the lowest loses. RFC 7296 §2.8.1, §2.8.2. */
import { compareBytes } from "#lib/bytes.ts";

/** The lower of an exchange's two nonces, by octets; a prefix is lower. */
export function lowestNonce(a: Uint8Array, b: Uint8Array): Uint8Array {
  return compareBytes(a, b) <= 0 ? a : b;
}

/** True when the SA of the exchange with `own` is the one to close. */
export function losesCollision(own: Uint8Array, other: Uint8Array): boolean {
  return compareBytes(own, other) < 0;
}
