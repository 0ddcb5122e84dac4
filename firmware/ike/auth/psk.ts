/**
 * The AUTH payload of a shared key, for both ends. Knows the formula and nothing of identities or states.
 * RFC 7296 §2.15.
 */
import { timingSafeEqual } from "node:crypto";
import { prf } from "#crypto/prf.ts";
import { SecretBytes } from "#lib/secret.ts";

/**
 * AUTH data of a shared key: prf(prf(secret, "Key Pad for IKEv2"), signed octets).
 * @param signedOctets message, nonce and MACed identity: see `signed-octets.ts`.
 */
export function pskAuth(prfId: number, secret: SecretBytes, signedOctets: Uint8Array): Uint8Array {
  const algorithm = prf(prfId);
  const key = new SecretBytes(algorithm.compute(secret, KEY_PAD));
  const auth = algorithm.compute(key, signedOctets);
  key.wipe();
  return auth;
}

/** Compares in constant time. @returns false too when `received` has another length. */
export function verifyPskAuth(
  prfId: number,
  secret: SecretBytes,
  signedOctets: Uint8Array,
  received: Uint8Array,
): boolean {
  const expected = pskAuth(prfId, secret, signedOctets);
  return expected.length === received.length && timingSafeEqual(expected, received);
}

/** 17 octets of ASCII, without a terminator. */
const KEY_PAD = Uint8Array.from("Key Pad for IKEv2", (character) => character.charCodeAt(0));
