/**
 * What an AUTH payload signs: one side's IKE_SA_INIT message, the other's nonce, and the MACed identity.
 * RFC 7296 §2.15.
 */
import { prf } from "#crypto/prf.ts";
import { concatBytes } from "#lib/bytes.ts";
import type { SecretBytes } from "#lib/secret.ts";

/**
 * @param message the signer's whole IKE_SA_INIT message as sent, without non-ESP marker; of several requests, the one
 * that was answered.
 * @param peerNonce the other side's nonce as data.
 * @param skP SK_pi for the initiator's octets, SK_pr for the responder's.
 * @param identityBody the signer's ID payload without its generic header.
 */
export function signedOctets(
  prfId: number,
  message: Uint8Array,
  peerNonce: Uint8Array,
  skP: SecretBytes,
  identityBody: Uint8Array,
): Uint8Array {
  return concatBytes(message, peerNonce, prf(prfId).compute(skP, identityBody));
}
