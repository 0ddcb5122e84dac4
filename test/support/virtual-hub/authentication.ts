/** How the virtual hub proves itself and checks the branch. RFC 7296 §2.15, RFC 7427 */
import { constants, createHash, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { concatBytes, equalBytes, toHex } from "#lib/bytes.ts";
import { prf } from "./keys.ts";

/** What the hub proves itself with. Certificates are DER, leaf first. */
export type HubCredential =
  | { readonly method: "psk"; readonly secret: Uint8Array }
  | {
      readonly method: "certificate";
      readonly chain: readonly Uint8Array[];
      readonly key: KeyObject;
      readonly padding?: "pkcs1" | "pss";
    };

/** What the hub takes as proof from a branch. */
export type HubTrust =
  | { readonly method: "psk"; readonly secret: Uint8Array }
  | { readonly method: "certificate"; readonly anchors: readonly Uint8Array[] };

export interface Proof {
  readonly method: number;
  readonly data: Uint8Array;
}

/** AUTH methods. RFC 7296 §3.8, RFC 7427 §3 */
export const AUTH_METHOD = {
  RSA: 1,
  SHARED_KEY: 2,
  ECDSA_256: 9,
  ECDSA_384: 10,
  ECDSA_521: 11,
  SIGNATURE: 14,
} as const;

/** The octets that an end signs: its own SA_INIT message, the other's nonce, the MAC of its identity. */
export function signedOctets(
  prfId: number,
  message: Uint8Array,
  nonce: Uint8Array,
  skP: Uint8Array,
  idBody: Uint8Array,
): Uint8Array {
  return concatBytes(message, nonce, prf(prfId, skP, idBody));
}

/** The hub's AUTH. `hashes` are what the peer's SIGNATURE_HASH_ALGORITHMS listed; empty when it sent none. */
export function prove(
  credential: HubCredential,
  prfId: number,
  octets: Uint8Array,
  hashes: readonly number[],
): Proof {
  if (credential.method === "psk") {
    return { method: AUTH_METHOD.SHARED_KEY, data: sharedKey(prfId, credential.secret, octets) };
  }
  const { key } = credential;
  const isPss = credential.padding === "pss" && key.asymmetricKeyType === "rsa";
  const scheme = schemeOf(key, isPss);
  if (!hashes.includes(scheme.hashId)) return legacyProof(key, octets);
  const options = isPss
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    : { key };
  const signature = sign(scheme.hash, octets, options);
  const identifier = Buffer.from(scheme.identifier, "hex");
  const data = concatBytes(Uint8Array.of(identifier.length), identifier, signature);
  return { method: AUTH_METHOD.SIGNATURE, data };
}

/** Whether the branch's AUTH is right. `certificates` are its CERT payloads, DER, leaf first. */
export function isProven(
  trust: HubTrust,
  prfId: number,
  octets: Uint8Array,
  proof: Proof,
  certificates: readonly Uint8Array[],
): boolean {
  if (trust.method === "psk") {
    if (proof.method !== AUTH_METHOD.SHARED_KEY) return false;
    return equalBytes(proof.data, sharedKey(prfId, trust.secret, octets));
  }
  const leaf = certificates[0] && new X509Certificate(certificates[0]);
  if (!leaf || !isTrusted(certificates, trust.anchors)) return false;
  return isSignature(leaf.publicKey, octets, proof);
}

/** Whether a certificate carries this DNS name, mail address or IP address. */
export function certificateNames(der: Uint8Array, kind: "DNS" | "email" | "IP", name: string) {
  const names = new X509Certificate(der).subjectAltName?.split(", ") ?? [];
  const prefix = kind === "IP" ? "IP Address:" : `${kind}:`;
  return names.some((entry) => entry.toLowerCase() === `${prefix}${name}`.toLowerCase());
}

/** SHA-1 of a certificate's public key, as CERTREQ carries it. RFC 7296 §3.7 */
export function authorityHash(der: Uint8Array): Uint8Array {
  const spki = new X509Certificate(der).publicKey.export({ type: "spki", format: "der" });
  return Uint8Array.from(createHash("sha1").update(spki).digest());
}

function sharedKey(prfId: number, secret: Uint8Array, octets: Uint8Array): Uint8Array {
  return prf(prfId, prf(prfId, secret, new TextEncoder().encode("Key Pad for IKEv2")), octets);
}

function isTrusted(chain: readonly Uint8Array[], anchors: readonly Uint8Array[]): boolean {
  const known = [...chain.slice(1), ...anchors].map((der) => new X509Certificate(der));
  const roots = anchors.map((der) => new X509Certificate(der).fingerprint256);
  let current = new X509Certificate(chain[0] ?? new Uint8Array());
  for (let depth = 0; depth < 5; depth++) {
    if (roots.includes(current.fingerprint256)) return true;
    const issuer = known.find((c) => current.checkIssued(c) && current.verify(c.publicKey));
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}

interface Scheme {
  readonly hash: string | null;
  readonly hashId: number;
  /** AlgorithmIdentifier, DER in hexadecimal. RFC 7427 appendix A */
  readonly identifier: string;
}

const RSA_SHA256 = "300d06092a864886f70d01010b0500";
const PSS_SHA256 =
  "304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120a303020101";

function schemeOf(key: KeyObject, isPss: boolean): Scheme {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType === "ed25519") {
    return { hash: null, hashId: 5, identifier: "300506032b6570" };
  }
  if (curve === "prime256v1") {
    return { hash: "sha256", hashId: 2, identifier: "300a06082a8648ce3d040302" };
  }
  if (curve === "secp384r1") {
    return { hash: "sha384", hashId: 3, identifier: "300a06082a8648ce3d040303" };
  }
  if (curve === "secp521r1") {
    return { hash: "sha512", hashId: 4, identifier: "300a06082a8648ce3d040304" };
  }
  return { hash: "sha256", hashId: 2, identifier: isPss ? PSS_SHA256 : RSA_SHA256 };
}

/** RSA with SHA-1, or ECDSA with the curve's own hash and a raw signature. RFC 7296 §3.8, RFC 4754 */
function legacyProof(key: KeyObject, octets: Uint8Array): Proof {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (!curve) return { method: AUTH_METHOD.RSA, data: sign("sha1", octets, key) };
  const { method, hash } = legacyEcdsa(curve);
  return { method, data: sign(hash, octets, { key, dsaEncoding: "ieee-p1363" }) };
}

function legacyEcdsa(curve: string): { method: number; hash: string } {
  if (curve === "secp384r1") return { method: AUTH_METHOD.ECDSA_384, hash: "sha384" };
  if (curve === "secp521r1") return { method: AUTH_METHOD.ECDSA_521, hash: "sha512" };
  return { method: AUTH_METHOD.ECDSA_256, hash: "sha256" };
}

function isSignature(key: KeyObject, octets: Uint8Array, { method, data }: Proof): boolean {
  if (method === AUTH_METHOD.RSA) return verify("sha1", octets, key, data);
  if (method !== AUTH_METHOD.SIGNATURE) {
    const legacy = legacyEcdsa(key.asymmetricKeyDetails?.namedCurve ?? "");
    if (legacy.method !== method) return false;
    return verify(legacy.hash, octets, { key, dsaEncoding: "ieee-p1363" }, data);
  }
  const length = data[0] ?? 0;
  const identifier = toHex(data.subarray(1, 1 + length));
  const signature = data.subarray(1 + length);
  if (identifier.includes("06032b6570")) return verify(null, octets, key, signature);
  const hash = hashIn(identifier);
  if (!hash) return false;
  if (!identifier.includes("06092a864886f70d01010a")) return verify(hash, octets, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(
    hash,
    octets,
    { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
    signature,
  );
}

/** The digest that an AlgorithmIdentifier names, by its OID: RSA, ECDSA, or the parameters of RSASSA-PSS. */
function hashIn(identifier: string): string | undefined {
  const known: readonly (readonly [string, string])[] = [
    ["2a864886f70d01010b", "sha256"],
    ["2a864886f70d01010c", "sha384"],
    ["2a864886f70d01010d", "sha512"],
    ["2a8648ce3d040302", "sha256"],
    ["2a8648ce3d040303", "sha384"],
    ["2a8648ce3d040304", "sha512"],
    ["608648016503040201", "sha256"],
    ["608648016503040202", "sha384"],
    ["608648016503040203", "sha512"],
  ];
  return known.find(([oid]) => identifier.includes(oid))?.[1];
}
