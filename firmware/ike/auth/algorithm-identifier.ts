/**
 * The AlgorithmIdentifiers that say in an AUTH payload how it was signed. Compares object identifiers and parameters as
 * parsed, never whole encodings, and knows no others. Source: RFC 7427 §3, appendix A; RFC 4055 §3.1; RFC 8420.
 */
import {
  DerTag,
  type DerValue,
  derInteger,
  derObjectIdentifier,
  derSequence,
  derValue,
  readDer,
  readDerConstructed,
  readDerSeries,
  readObjectIdentifier,
} from "#crypto/der.ts";
import type { SignatureHash, SignatureScheme } from "#crypto/signature.ts";

/** DER of the identifier, as RFC 7427 appendix A prints it. */
export function writeAlgorithmIdentifier(scheme: SignatureScheme): Uint8Array {
  const oid = derObjectIdentifier(schemeOid(scheme));
  if (scheme.kind === "rsa-pkcs1") return derSequence(oid, derValue(DerTag.NULL));
  if (scheme.kind === "rsa-pss") return derSequence(oid, pssParameters(scheme.hash));
  return derSequence(oid);
}

/** @returns undefined for what is no identifier, not known, or has parameters other than the ones this product signs with. */
export function readAlgorithmIdentifier(der: Uint8Array): SignatureScheme | undefined {
  const [oid, parameters, ...more] = readDerConstructed(der, DerTag.SEQUENCE) ?? [];
  if (oid?.tag !== DerTag.OBJECT_IDENTIFIER || more.length > 0) return undefined;
  const name = readObjectIdentifier(oid.content);
  if (name === RSASSA_PSS) return parameters && readPss(parameters);
  // RFC 4055 §5 wants NULL for RSA, RFC 5758 §3.2 nothing for ECDSA; peers are not that exact.
  const isBare = !parameters || (parameters.tag === DerTag.NULL && parameters.content.length === 0);
  return isBare && name !== undefined ? schemesByOid.get(name) : undefined;
}

/** `RSA-PSS with SHA-256`, `Ed25519`. */
export function describeScheme(scheme: SignatureScheme): string {
  const kind = schemeNames[scheme.kind];
  return "hash" in scheme ? `${kind} with ${hashNames[scheme.hash]}` : kind;
}

/** Hash, MGF1 with the same hash, a salt as long as the hash. RFC 4055 §3.1 */
function pssParameters(hash: SignatureHash): Uint8Array {
  const { oid, bytes } = hashes[hash];
  const hashIdentifier = derSequence(derObjectIdentifier(oid), derValue(DerTag.NULL));
  return derSequence(
    derValue(0xa0, hashIdentifier),
    derValue(0xa1, derSequence(derObjectIdentifier(MGF1), hashIdentifier)),
    derValue(0xa2, derInteger(Uint8Array.of(bytes))),
    derValue(0xa3, derInteger(Uint8Array.of(1))),
  );
}

/** Absent fields have the defaults of RFC 4055 §3.1: SHA-1, MGF1 with SHA-1, salt of 20 bytes, trailer 1. */
function readPss(parameters: DerValue): SignatureScheme | undefined {
  if (parameters.tag !== DerTag.SEQUENCE) return undefined;
  const fields = readDerSeries(parameters.content);
  if (!fields?.every((field, index) => isNextField(field, fields[index - 1]))) return undefined;
  const content = (tag: number) => fields.find((field) => field.tag === tag)?.content;
  const [hashField, mgfField, saltField, trailerField] = [0xa0, 0xa1, 0xa2, 0xa3].map(content);
  const hash = hashField ? readHash(hashField) : "sha1";
  const mgfHash = mgfField ? readMgf1(mgfField) : "sha1";
  const salt = saltField ? readSmallInteger(saltField) : 20;
  const trailer = trailerField ? readSmallInteger(trailerField) : 1;
  if (!hash || mgfHash !== hash || salt !== hashes[hash].bytes || trailer !== 1) return undefined;
  return { kind: "rsa-pss", hash };
}

function isNextField(field: DerValue, previous: DerValue | undefined): boolean {
  return field.tag >= 0xa0 && field.tag <= 0xa3 && (!previous || previous.tag < field.tag);
}

function readHash(der: Uint8Array): SignatureHash | undefined {
  const [oid] = readDerConstructed(der, DerTag.SEQUENCE) ?? [];
  if (oid?.tag !== DerTag.OBJECT_IDENTIFIER) return undefined;
  const name = readObjectIdentifier(oid.content);
  return hashOrder.find((hash) => hashes[hash].oid === name);
}

function readMgf1(der: Uint8Array): SignatureHash | undefined {
  const [oid, hash] = readDerConstructed(der, DerTag.SEQUENCE) ?? [];
  if (oid?.tag !== DerTag.OBJECT_IDENTIFIER || readObjectIdentifier(oid.content) !== MGF1)
    return undefined;
  return hash && readHash(hash.whole);
}

function readSmallInteger(der: Uint8Array): number | undefined {
  const read = readDer(der);
  if (read?.value.tag !== DerTag.INTEGER || read.value.content.length !== 1) return undefined;
  return read.value.content[0];
}

function schemeOid(scheme: SignatureScheme): string {
  switch (scheme.kind) {
    case "rsa-pkcs1":
      return hashes[scheme.hash].rsa;
    case "rsa-pss":
      return RSASSA_PSS;
    case "ecdsa":
      return hashes[scheme.hash].ecdsa;
    case "ed25519":
      return "1.3.101.112";
    case "ed448":
      return "1.3.101.113";
  }
}

const RSASSA_PSS = "1.2.840.113549.1.1.10";
const MGF1 = "1.2.840.113549.1.1.8";

/** Object identifiers of a hash, of RSA PKCS#1 with it and of ECDSA with it. */
const hashes: Readonly<
  Record<SignatureHash, { oid: string; bytes: number; rsa: string; ecdsa: string }>
> = {
  sha1: {
    oid: "1.3.14.3.2.26",
    bytes: 20,
    rsa: "1.2.840.113549.1.1.5",
    ecdsa: "1.2.840.10045.4.1",
  },
  sha256: {
    oid: "2.16.840.1.101.3.4.2.1",
    bytes: 32,
    rsa: "1.2.840.113549.1.1.11",
    ecdsa: "1.2.840.10045.4.3.2",
  },
  sha384: {
    oid: "2.16.840.1.101.3.4.2.2",
    bytes: 48,
    rsa: "1.2.840.113549.1.1.12",
    ecdsa: "1.2.840.10045.4.3.3",
  },
  sha512: {
    oid: "2.16.840.1.101.3.4.2.3",
    bytes: 64,
    rsa: "1.2.840.113549.1.1.13",
    ecdsa: "1.2.840.10045.4.3.4",
  },
};
const hashOrder = ["sha1", "sha256", "sha384", "sha512"] as const;
const hashNames = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
const schemeNames = {
  "rsa-pkcs1": "RSA",
  "rsa-pss": "RSA-PSS",
  ecdsa: "ECDSA",
  ed25519: "Ed25519",
  ed448: "Ed448",
};

const schemesByOid: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ...hashOrder.flatMap((hash): [string, SignatureScheme][] => [
    [hashes[hash].rsa, { kind: "rsa-pkcs1", hash }],
    [hashes[hash].ecdsa, { kind: "ecdsa", hash, encoding: "der" }],
  ]),
  ["1.3.101.112", { kind: "ed25519" }],
  ["1.3.101.113", { kind: "ed448" }],
]);
