import { createHash } from "node:crypto";
import { concatBytes, equalBytes } from "#lib/bytes.ts";
import { type Certificate, readCertificate } from "./certificate.ts";

/**
 * What a CERTREQ payload of encoding 4 holds: SHA-1 of the SubjectPublicKeyInfo of every CA that we trust, back to back.
 * RFC 7296 §3.7
 *
 * @param anchors DER; what is no certificate, and repeated keys, are left out.
 */
export function certificateRequestAuthorities(anchors: readonly Uint8Array[]): Uint8Array {
  const hashes = anchors
    .map(readCertificate)
    .filter((certificate) => certificate !== undefined)
    .map(authorityHash);
  const unique = hashes.filter(
    (hash, index) => hashes.findIndex((other) => equalBytes(hash, other)) === index,
  );
  return concatBytes(...unique);
}

/** 20 bytes that name a CA in a CERTREQ payload. */
export function authorityHash({ spki }: Pick<Certificate, "spki">): Uint8Array {
  return concatBytes(createHash("sha1").update(spki).digest());
}

/**
 * True when a certificate of this chain was issued by one of the authorities asked for. A peer that asks for none, or for
 * CAs that it does not know by name, takes any: RFC 7296 §3.7 leaves that to the sender.
 */
export function answersRequest(authorities: Uint8Array, chain: readonly Certificate[]): boolean {
  const hashes = chain.map(authorityHash);
  for (let at = 0; at + HASH_BYTES <= authorities.length; at += HASH_BYTES) {
    const wanted = authorities.subarray(at, at + HASH_BYTES);
    if (hashes.some((hash) => equalBytes(hash, wanted))) return true;
  }
  return authorities.length < HASH_BYTES;
}

const HASH_BYTES = 20;
