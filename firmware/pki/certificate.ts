import { type KeyObject, X509Certificate } from "node:crypto";
import {
  DerTag,
  type DerValue,
  readDerConstructed,
  readDerSeries,
  readObjectIdentifier,
} from "#crypto/der.ts";
import type { WallClock } from "#lib/duration.ts";
import { type CertificateExtensions, readExtensions } from "./certificate-extensions.ts";
import { formatDn } from "./dn.ts";

/** A certificate as far as IKE needs it. Byte strings are views on `der`. RFC 5280 §4.1 */
export interface Certificate extends CertificateExtensions {
  readonly der: Uint8Array;
  /** DER Names, and the subject as text. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subjectText: string;
  readonly issuerText: string;
  /** Upper-case hexadecimal. */
  readonly serialNumber: string;
  readonly notBefore: WallClock;
  readonly notAfter: WallClock;
  /** Object identifier of the issuer's signature. */
  readonly signatureAlgorithm: string;
  /** SubjectPublicKeyInfo, whole. */
  readonly spki: Uint8Array;
  readonly publicKey: KeyObject;
  /** OpenSSL's reading of the same bytes, for signature checks. */
  readonly x509: X509Certificate;
}

/**
 * Reads one certificate of at most 64 KiB. Both OpenSSL and this reader must take it.
 * @returns undefined when the bytes are no certificate, or have a key that OpenSSL does not know.
 */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  if (der.length > MAX_CERTIFICATE_BYTES) return undefined;
  const tbs = readTbs(der);
  const extensions = tbs && readExtensions(tbs.extensions);
  if (!tbs || !extensions) return undefined;
  const x509 = openX509(der);
  if (!x509) return undefined;
  return {
    ...extensions,
    der,
    subject: tbs.subject.whole,
    issuer: tbs.issuer.whole,
    subjectText: formatDn(tbs.subject.whole),
    issuerText: formatDn(tbs.issuer.whole),
    serialNumber: x509.parsed.serialNumber,
    notBefore: x509.parsed.validFromDate.getTime() as WallClock,
    notAfter: x509.parsed.validToDate.getTime() as WallClock,
    signatureAlgorithm: tbs.signatureAlgorithm,
    spki: tbs.spki.whole,
    publicKey: x509.publicKey,
    x509: x509.parsed,
  };
}

interface Tbs {
  readonly issuer: DerValue;
  readonly subject: DerValue;
  readonly spki: DerValue;
  readonly signatureAlgorithm: string;
  /** Contents of the [3] field; empty when there is none. */
  readonly extensions: Uint8Array;
}

/** version [0]?, serial, algorithm, issuer, validity, subject, key, [1]?, [2]?, extensions [3]?. RFC 5280 §4.1 */
function readTbs(der: Uint8Array): Tbs | undefined {
  const [body] = readDerConstructed(der, DerTag.SEQUENCE) ?? [];
  if (body?.tag !== DerTag.SEQUENCE) return undefined;
  const fields = readDerSeries(body.content) ?? [];
  const [, algorithm, issuer, , subject, spki, ...more] =
    fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (!algorithm || !issuer || !subject || !spki) return undefined;
  const [oid] = readDerSeries(algorithm.content) ?? [];
  const signatureAlgorithm = oid && readObjectIdentifier(oid.content);
  if (signatureAlgorithm === undefined) return undefined;
  const extensions = more.find((field) => field.tag === 0xa3)?.content ?? new Uint8Array(0);
  return { issuer, subject, spki, signatureAlgorithm, extensions };
}

function openX509(der: Uint8Array): { parsed: X509Certificate; publicKey: KeyObject } | undefined {
  try {
    const parsed = new X509Certificate(der);
    // Bytes after the certificate would make two readers see two things.
    if (parsed.raw.length !== der.length) return undefined;
    return { parsed, publicKey: parsed.publicKey };
  } catch {
    return undefined;
  }
}

const MAX_CERTIFICATE_BYTES = 65_536;
