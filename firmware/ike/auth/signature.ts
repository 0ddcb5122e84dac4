/**
 * AUTH by certificate: makes and checks methods 1, 9, 10, 11 and 14 over octets that the exchange put together. Whose
 * key it is, and whether to trust it, is `pki/`'s. Source: RFC 7296 §2.15, RFC 4754, RFC 7427, RFC 8420.
 */
import type { KeyObject } from "node:crypto";
import {
  type SignatureHash,
  type SignatureScheme,
  schemeFitsKey,
  sign,
  verify,
} from "#crypto/signature.ts";
import { concatBytes } from "#lib/bytes.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { AuthMethod, authMethodName, HashAlgorithm, hashAlgorithmName } from "../message/iana.ts";
import {
  describeScheme,
  readAlgorithmIdentifier,
  writeAlgorithmIdentifier,
} from "./algorithm-identifier.ts";

/** Why an AUTH payload can't be made, or does not prove what it should. */
export interface SignatureFault {
  /** Stable: `ike.auth.no-common-signature`, `ike.auth.unsupported-method`, `ike.auth.signature-mismatch`, `ike.auth.weak-hash`. */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What goes into an AUTH payload. */
export interface AuthSignature {
  readonly method: number;
  readonly data: Uint8Array;
  /** How it was made, for events: `ECDSA with SHA-256`. */
  readonly description: string;
}

/** What SIGNATURE_HASH_ALGORITHMS of ours lists, in order of preference: SHA-1 is not among them. RFC 7427 §4 */
export const OUR_SIGNATURE_HASHES: readonly number[] = [
  HashAlgorithm.SHA2_256,
  HashAlgorithm.SHA2_384,
  HashAlgorithm.SHA2_512,
  HashAlgorithm.IDENTITY,
];

/**
 * Signs with the method that the peer can check: 14 with a hash of its list when it sent one, else the older method of
 * the key's kind. RFC 7427 §3
 *
 * @param peerHashes ids of the peer's SIGNATURE_HASH_ALGORITHMS; empty when it sent none.
 */
export function signAuth(request: {
  readonly octets: Uint8Array;
  readonly key: KeyObject;
  readonly peerHashes: readonly number[];
  readonly rsaPadding: "pkcs1" | "pss";
}): Result<AuthSignature, SignatureFault> {
  const { octets, key, peerHashes, rsaPadding } = request;
  if (peerHashes.length === 0) return signWithOldMethod(octets, key);
  const scheme = chooseScheme(key, peerHashes, rsaPadding);
  if (!scheme)
    return failed({
      code: "ike.auth.no-common-signature",
      message: `the peer checks signatures over ${peerHashes.map(hashAlgorithmName).join(", ")} only, which our ${key.asymmetricKeyType} key can't make`,
      remedy: "use a certificate with an RSA or ECDSA key, or allow SHA-2 signatures at the hub",
    });
  const identifier = writeAlgorithmIdentifier(scheme);
  const data = concatBytes(Uint8Array.of(identifier.length), identifier, sign(scheme, key, octets));
  return ok({ method: AuthMethod.DIGITAL_SIGNATURE, data, description: describeScheme(scheme) });
}

/**
 * Checks the peer's AUTH payload against the key of its certificate. Never throws because of `data`.
 *
 * @param acceptedHashes what we announced in SIGNATURE_HASH_ALGORITHMS; method 14 must keep to it.
 * @returns how it was signed, for events.
 */
export function verifyAuth(check: {
  readonly octets: Uint8Array;
  readonly method: number;
  readonly data: Uint8Array;
  readonly publicKey: KeyObject;
  readonly acceptedHashes?: readonly number[];
}): Result<{ readonly description: string }, SignatureFault> {
  const { octets, method, data, publicKey, acceptedHashes = OUR_SIGNATURE_HASHES } = check;
  const claimed =
    method === AuthMethod.DIGITAL_SIGNATURE ? readDigitalSignature(data) : oldScheme(method, data);
  if (!claimed)
    return failed({
      code: "ike.auth.unsupported-method",
      message: `the peer signed with ${authMethodName(method)} in a way that is not known here`,
      remedy: "make the hub sign with RSA, ECDSA or Ed25519 (RFC 7427)",
    });
  const { scheme, signature } = claimed;
  const description = describeScheme(scheme);
  if (method === AuthMethod.DIGITAL_SIGNATURE && !acceptedHashes.includes(hashId(scheme)))
    return failed({
      code: "ike.auth.weak-hash",
      message: `the peer signed by ${description}, which we did not announce`,
      remedy: "make the hub sign with SHA-256 or better",
    });
  if (!isOldMethodOfCurve(method, publicKey) || !verify(scheme, publicKey, octets, signature))
    return failed({
      code: "ike.auth.signature-mismatch",
      message: `the peer's signature (${description}) is not one of the key in its certificate`,
      remedy: "check that the hub uses the private key that belongs to the certificate it sends",
    });
  return ok({ description });
}

interface ClaimedSignature {
  readonly scheme: SignatureScheme;
  readonly signature: Uint8Array;
}

/** Length of the AlgorithmIdentifier, the identifier, the signature. RFC 7427 §3 */
function readDigitalSignature(data: Uint8Array): ClaimedSignature | undefined {
  const length = data[0];
  if (length === undefined || 1 + length > data.length) return undefined;
  const scheme = readAlgorithmIdentifier(data.subarray(1, 1 + length));
  return scheme && { scheme, signature: data.subarray(1 + length) };
}

function oldScheme(method: number, signature: Uint8Array): ClaimedSignature | undefined {
  if (method === AuthMethod.RSA_SIGNATURE)
    return { scheme: { kind: "rsa-pkcs1", hash: "sha1" }, signature };
  const ecdsa = ecdsaMethods.find((one) => one.method === method);
  return ecdsa && { scheme: { kind: "ecdsa", hash: ecdsa.hash, encoding: "raw" }, signature };
}

/** Methods 9 to 11 name their curve; the others leave the key free. RFC 4754 §3 */
function isOldMethodOfCurve(method: number, key: KeyObject): boolean {
  const ecdsa = ecdsaMethods.find((one) => one.method === method);
  return !ecdsa || key.asymmetricKeyDetails?.namedCurve === ecdsa.curve;
}

/** RSA signs SHA-1 here, because a peer without RFC 7427 expects nothing else. RFC 7296 §3.8 */
function signWithOldMethod(
  octets: Uint8Array,
  key: KeyObject,
): Result<AuthSignature, SignatureFault> {
  const ecdsa = ecdsaMethods.find(({ curve }) => key.asymmetricKeyDetails?.namedCurve === curve);
  const [method, scheme]: [number, SignatureScheme] = ecdsa
    ? [ecdsa.method, { kind: "ecdsa", hash: ecdsa.hash, encoding: "raw" }]
    : [AuthMethod.RSA_SIGNATURE, { kind: "rsa-pkcs1", hash: "sha1" }];
  if (!schemeFitsKey(scheme, key))
    return failed({
      code: "ike.auth.no-common-signature",
      message: `the peer does not speak RFC 7427, without which our ${key.asymmetricKeyType} key can't sign`,
      remedy: "use a certificate with an RSA or ECDSA key (P-256, P-384 or P-521)",
    });
  return ok({ method, data: sign(scheme, key, octets), description: describeScheme(scheme) });
}

/** The hash that suits the key's strength when the peer takes it, else the first of ours that it takes. */
function chooseScheme(
  key: KeyObject,
  peerHashes: readonly number[],
  rsaPadding: "pkcs1" | "pss",
): SignatureScheme | undefined {
  const kind = key.asymmetricKeyType;
  if (kind === "ed25519" || kind === "ed448")
    return peerHashes.includes(HashAlgorithm.IDENTITY) ? { kind } : undefined;
  const wanted = [suitableHash(key), ...signingHashes.keys()];
  const id = wanted.find((one) => peerHashes.includes(one));
  const hash = id === undefined ? undefined : signingHashes.get(id);
  if (!hash) return undefined;
  if (kind === "ec") return { kind: "ecdsa", hash, encoding: "der" };
  if (kind === "rsa" && rsaPadding === "pkcs1") return { kind: "rsa-pkcs1", hash };
  return kind === "rsa" || kind === "rsa-pss" ? { kind: "rsa-pss", hash } : undefined;
}

function suitableHash(key: KeyObject): number {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (namedCurve === "secp521r1") return HashAlgorithm.SHA2_512;
  if (namedCurve === "secp384r1" || modulusLength > 3072) return HashAlgorithm.SHA2_384;
  return HashAlgorithm.SHA2_256;
}

function hashId(scheme: SignatureScheme): number {
  if (!("hash" in scheme)) return HashAlgorithm.IDENTITY;
  return [...signingHashes].find(([, hash]) => hash === scheme.hash)?.[0] ?? HashAlgorithm.SHA1;
}

/** What we sign with under method 14. SHA-1 is not among them: a peer that takes nothing else gets nothing. RFC 8247 §3.2 */
const signingHashes: ReadonlyMap<number, SignatureHash> = new Map([
  [HashAlgorithm.SHA2_256, "sha256"],
  [HashAlgorithm.SHA2_384, "sha384"],
  [HashAlgorithm.SHA2_512, "sha512"],
]);

/** RFC 4754 §3, with OpenSSL's names of the curves. */
const ecdsaMethods = [
  { method: AuthMethod.ECDSA_SHA256_P256, hash: "sha256", curve: "prime256v1" },
  { method: AuthMethod.ECDSA_SHA384_P384, hash: "sha384", curve: "secp384r1" },
  { method: AuthMethod.ECDSA_SHA512_P521, hash: "sha512", curve: "secp521r1" },
] as const;
