import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  DerTag,
  derBitString,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derValue,
  readDerConstructed,
} from "#crypto/der.ts";
import { concatBytes } from "#lib/bytes.ts";
import { ipBytes, parseIpAddress } from "#lib/ip.ts";
import { parseDn } from "#pki/dn.ts";

/** Kinds of test keys. RSA 4096 takes seconds to make; keys are made once a process and shared by the certificates. */
export type TestKeyKind =
  | "rsa-1024"
  | "rsa-2048"
  | "rsa-4096"
  | "ecdsa-256"
  | "ecdsa-384"
  | "ecdsa-521"
  | "ed25519";

/** What to put into a certificate. All but the subject has a sensible default. */
export interface TestCertificateRequest {
  /** `CN=hub.example.net,O=Example`. */
  readonly subject: string;
  readonly key?: TestKeyKind;
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly ip?: readonly string[];
  /** ISO dates; 2020-01-01 to 2049-12-31 unless given, so that the real clock is inside. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** Makes a CA, with key usage keyCertSign and cRLSign. */
  readonly isCa?: boolean;
  readonly pathLength?: number;
  /** Bits of the first byte of key usage; 0x80 is digitalSignature, 0x06 keyCertSign and cRLSign. Null leaves it out. */
  readonly keyUsage?: number | null;
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  /** DER extensions to add as they are: `[oid, isCritical, value]`. */
  readonly extensions?: readonly (readonly [string, boolean, Uint8Array])[];
  /** Hash of the issuer's signature; SHA-256 or what suits the curve unless given. */
  readonly signatureHash?: "sha1" | "sha256";
}

/** A certificate with its private key, able to issue others. */
export interface TestCertificate {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: KeyObject;
  /** PKCS #8. */
  readonly keyPem: string;
  /** From this one up to the last intermediate, without the root; what a peer sends. */
  readonly chain: readonly Uint8Array[];
  readonly chainPem: string;
  issue(request: TestCertificateRequest): TestCertificate;
}

/** A small PKI: a root, perhaps an intermediate, a hub and a branch, and two that time makes useless. */
export interface TestPki {
  readonly root: TestCertificate;
  /** The root itself when none was asked for. */
  readonly issuing: TestCertificate;
  readonly hub: TestCertificate;
  readonly branch: TestCertificate;
  /** A hub's certificate that ended in 2021. */
  readonly expired: TestCertificate;
  /** A hub's certificate that begins in 2048. */
  readonly notYetValid: TestCertificate;
}

/** Makes the whole PKI with keys of one kind. Names are `CN=NAME,O=Example`, with the name as DNS alternative name. */
export function makePki(
  options: {
    readonly key?: TestKeyKind;
    readonly hub?: string;
    readonly branch?: string;
    readonly hasIntermediate?: boolean;
    /** Addresses of the hub, as alternative names. */
    readonly hubAddresses?: readonly string[];
  } = {},
): TestPki {
  const { key = "ecdsa-256", hub = "hub.example.net", branch = "branch12.example.net" } = options;
  const root = makeRoot({ subject: "CN=Example Root CA,O=Example", key });
  const issuing = options.hasIntermediate
    ? root.issue({ subject: "CN=Example Issuing CA,O=Example", key, isCa: true, pathLength: 0 })
    : root;
  const ip = options.hubAddresses ?? [];
  const leaf = (name: string, more: Partial<TestCertificateRequest> = {}) =>
    issuing.issue({ subject: `CN=${name},O=Example`, key, dns: [name], ...more });
  return {
    root,
    issuing,
    hub: leaf(hub, { ip, email: [`admin@${hub}`] }),
    branch: leaf(branch),
    expired: leaf(hub, { notBefore: "2020-01-01", notAfter: "2021-01-01" }),
    notYetValid: leaf(hub, { notBefore: "2048-01-01" }),
  };
}

/** A self-signed CA. */
export function makeRoot(request: TestCertificateRequest): TestCertificate {
  return makeCertificate({ isCa: true, ...request }, undefined);
}

/** A certificate signed by its own key that is no CA, such as IOS makes for itself. */
export function makeSelfSigned(request: TestCertificateRequest): TestCertificate {
  return makeCertificate(request, undefined);
}

interface Issuer {
  readonly name: Uint8Array;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  readonly chain: readonly Uint8Array[];
}

function makeCertificate(
  request: TestCertificateRequest,
  issuer: Issuer | undefined,
): TestCertificate {
  const pair = keyPair(request);
  const name = nameOf(request.subject);
  const spki = new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
  const self = { name, key: pair.privateKey, keyId: keyIdOf(spki), chain: [] };
  const signer = issuer ?? self;
  const algorithm = signatureAlgorithm(signer.key, request.signatureHash);
  const tbs = derSequence(
    derValue(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(Uint8Array.of(++lastSerial >> 8, lastSerial & 0xff)),
    algorithm.identifier,
    signer.name,
    derSequence(
      utcTime(request.notBefore ?? "2020-01-01"),
      utcTime(request.notAfter ?? "2049-12-31"),
    ),
    name,
    spki,
    derValue(0xa3, derSequence(...extensionsOf(request, self.keyId, signer.keyId))),
  );
  const signature = concatBytes(sign(algorithm.hash, tbs, signer.key));
  const der = derSequence(tbs, algorithm.identifier, derBitString(signature));
  const chain = [der, ...signer.chain];
  return {
    der,
    pem: pemOf(der),
    key: pair.privateKey,
    keyPem: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    chain,
    chainPem: chain.map(pemOf).join(""),
    issue: (next) => makeCertificate(next, { ...self, chain: issuer ? chain : [] }),
  };
}

/** A key of its own for every subject, kept so that making the same certificate again costs nothing. */
function keyPair({ subject, key = "ecdsa-256" }: TestCertificateRequest) {
  const known = keyPairs.get(`${key} ${subject}`);
  if (known) return known;
  const made = generators[key]();
  keyPairs.set(`${key} ${subject}`, made);
  return made;
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}
const keyPairs = new Map<string, KeyPair>();
let lastSerial = 0x0100;

const generators: Readonly<Record<TestKeyKind, () => KeyPair>> = {
  "rsa-1024": () => generateKeyPairSync("rsa", { modulusLength: 1024 }),
  "rsa-2048": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  "rsa-4096": () => generateKeyPairSync("rsa", { modulusLength: 4096 }),
  "ecdsa-256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "ecdsa-384": () => generateKeyPairSync("ec", { namedCurve: "P-384" }),
  "ecdsa-521": () => generateKeyPairSync("ec", { namedCurve: "P-521" }),
  ed25519: () => generateKeyPairSync("ed25519"),
};

function signatureAlgorithm(
  key: KeyObject,
  hash: "sha1" | "sha256" = "sha256",
): { readonly identifier: Uint8Array; readonly hash: string | null } {
  if (key.asymmetricKeyType === "ed25519")
    return { identifier: derSequence(derObjectIdentifier("1.3.101.112")), hash: null };
  if (key.asymmetricKeyType === "rsa") {
    const oid = hash === "sha1" ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11";
    return { identifier: derSequence(derObjectIdentifier(oid), derValue(DerTag.NULL)), hash };
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [oid, suited] =
    hash === "sha1"
      ? ["1.2.840.10045.4.1", "sha1"]
      : curve === "secp384r1"
        ? ["1.2.840.10045.4.3.3", "sha384"]
        : curve === "secp521r1"
          ? ["1.2.840.10045.4.3.4", "sha512"]
          : ["1.2.840.10045.4.3.2", "sha256"];
  return { identifier: derSequence(derObjectIdentifier(oid ?? "")), hash: suited ?? null };
}

function extensionsOf(
  request: TestCertificateRequest,
  keyId: Uint8Array,
  issuerKeyId: Uint8Array,
): readonly Uint8Array[] {
  const { isCa = false, pathLength, dns = [], email = [], ip = [] } = request;
  const { keyUsage = isCa ? 0x06 : 0x80, extendedKeyUsage = [] } = request;
  const limit = pathLength === undefined ? [] : [derInteger(Uint8Array.of(pathLength))];
  const names = [
    ...dns.map((name) => derValue(0x82, ascii(name))),
    ...email.map((name) => derValue(0x81, ascii(name))),
    ...ip.map((text) => derValue(0x87, addressBytes(text))),
  ];
  return [
    extension("2.5.29.14", false, derOctetString(keyId)),
    extension("2.5.29.35", false, derSequence(derValue(0x80, issuerKeyId))),
    ...(isCa ? [extension("2.5.29.19", true, derSequence(BOOLEAN_TRUE, ...limit))] : []),
    ...(keyUsage === null
      ? []
      : [extension("2.5.29.15", true, derValue(DerTag.BIT_STRING, usageBits(keyUsage)))]),
    ...(names.length > 0 ? [extension("2.5.29.17", false, derSequence(...names))] : []),
    ...(extendedKeyUsage.length > 0
      ? [extension("2.5.29.37", false, derSequence(...extendedKeyUsage.map(derObjectIdentifier)))]
      : []),
    ...(request.extensions ?? []).map(([oid, critical, value]) => extension(oid, critical, value)),
  ];
}

function extension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? [BOOLEAN_TRUE] : [];
  return derSequence(derObjectIdentifier(oid), ...critical, derOctetString(value));
}

/** Number of unused bits, then the bits. */
function usageBits(bits: number): Uint8Array {
  let unused = 0;
  while (unused < 7 && (bits & (1 << unused)) === 0) unused++;
  return Uint8Array.of(unused, bits);
}

/** SHA-1 of the key's bits. RFC 5280 §4.2.1.2 */
function keyIdOf(spki: Uint8Array): Uint8Array {
  const bits = readDerConstructed(spki, DerTag.SEQUENCE)?.[1]?.content ?? new Uint8Array(0);
  return concatBytes(createHash("sha1").update(bits.subarray(1)).digest());
}

function nameOf(text: string): Uint8Array {
  const name = parseDn(text);
  if (!name.ok) throw new RangeError(name.error);
  return name.value;
}

function addressBytes(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (!address) throw new RangeError(`not an address: ${text}`);
  return ipBytes(address);
}

/** `2026-01-31` as UTCTime, at midnight. Years 1950 to 2049. */
function utcTime(date: string): Uint8Array {
  return derValue(0x17, ascii(`${date.replaceAll("-", "").slice(2)}000000Z`));
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const BOOLEAN_TRUE = derValue(0x01, Uint8Array.of(0xff));
