import { constants, type KeyObject, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";

/** Hashes that signatures are made over. */
export type SignatureHash = "sha1" | "sha256" | "sha384" | "sha512";

/**
 * How a signature is made. ECDSA comes as DER SEQUENCE { r, s } (method 14) or as r | s of fixed width (methods 9 to
 * 11); the salt of PSS is as long as the hash.
 */
export type SignatureScheme =
  | { readonly kind: "rsa-pkcs1"; readonly hash: SignatureHash }
  | { readonly kind: "rsa-pss"; readonly hash: SignatureHash }
  | { readonly kind: "ecdsa"; readonly hash: SignatureHash; readonly encoding: "der" | "raw" }
  | { readonly kind: "ed25519" | "ed448" };

/**
 * Signs `octets` themselves, not a digest of them. RSA-4096 takes milliseconds.
 * @throws {Error} of node:crypto when the key is of another kind: `schemeFitsKey` first.
 */
export function sign(scheme: SignatureScheme, key: KeyObject, octets: Uint8Array): Uint8Array {
  return concatBytes(nodeSign(hashOf(scheme), octets, { key, ...parameters(scheme) }));
}

/** True when `signature` is one of `octets` by `publicKey`. Never throws, whatever the bytes are. */
export function verify(
  scheme: SignatureScheme,
  publicKey: KeyObject,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!schemeFitsKey(scheme, publicKey)) return false;
  try {
    return nodeVerify(hashOf(scheme), octets, { key: publicKey, ...parameters(scheme) }, signature);
  } catch {
    return false;
  }
}

/** True when a key of this kind can make or check such signatures; a key restricted to PSS makes no other. */
export function schemeFitsKey(scheme: SignatureScheme, key: KeyObject): boolean {
  const kind = key.asymmetricKeyType;
  if (scheme.kind === "rsa-pkcs1") return kind === "rsa";
  if (scheme.kind === "rsa-pss") return kind === "rsa" || kind === "rsa-pss";
  if (scheme.kind === "ecdsa") return kind === "ec";
  return kind === scheme.kind;
}

function hashOf(scheme: SignatureScheme): SignatureHash | null {
  return "hash" in scheme ? scheme.hash : null;
}

function parameters(scheme: SignatureScheme): {
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: "der" | "ieee-p1363";
} {
  if (scheme.kind === "rsa-pkcs1") return { padding: constants.RSA_PKCS1_PADDING };
  if (scheme.kind === "rsa-pss")
    return {
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    };
  if (scheme.kind === "ecdsa")
    return { dsaEncoding: scheme.encoding === "der" ? "der" : "ieee-p1363" };
  return {};
}
