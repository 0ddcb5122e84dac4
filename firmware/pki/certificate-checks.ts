import type { WallClock } from "#lib/duration.ts";
import type { Certificate } from "./certificate.ts";
import { equalDn, readDn } from "./dn.ts";
import type { PkiFault } from "./fault.ts";
import type { GeneralName } from "./general-name.ts";
import { namesAllowed } from "./name-constraints.ts";

/** The date that certificates are judged by. */
export interface JudgedAt {
  readonly time: WallClock;
  /**
   * The clock can't be trusted, and `time` is only the earliest that it can be: what has run out by then has run out, and
   * what begins later may have begun.
   */
  readonly isEarliest?: boolean;
}

/** What keeps a certificate from proving an IKE peer at this time. RFC 4945 §5.1 */
export function checkLeaf(certificate: Certificate, at: JudgedAt): PkiFault | undefined {
  return (
    checkTime(certificate, at) ??
    checkKey(certificate) ??
    checkCritical(certificate) ??
    checkLeafUsage(certificate)
  );
}

/**
 * What keeps a CA from having issued the certificate below it at this time. RFC 5280 §6.1.4
 * @param below CAs between it and the leaf, the leaf not counted.
 */
export function checkIssuer(
  certificate: Certificate,
  below: number,
  at: JudgedAt,
): PkiFault | undefined {
  return (
    checkTime(certificate, at) ??
    checkKey(certificate) ??
    checkCritical(certificate) ??
    checkCa(certificate, below)
  );
}

/** What keeps the names of the certificates below a CA from being under it. RFC 5280 §6.1.3 (b), (c) */
export function checkNames(
  { nameConstraints, subjectText }: Certificate,
  below: readonly Certificate[],
): PkiFault | undefined {
  if (!nameConstraints) return undefined;
  // CAs that renew themselves are not constrained, but for the leaf.
  for (const certificate of below)
    if (certificate === below[0] || !equalDn(certificate.subject, certificate.issuer))
      if (!namesAllowed(nameConstraints, namesOf(certificate)))
        return {
          code: "pki.name-constraint",
          message: `"${subjectText}" may not issue for the names of "${certificate.subjectText}"`,
          remedy: "have the certificate issued with a name inside the CA's name constraints",
        };
  return undefined;
}

function namesOf({ subject, subjectAlternativeNames }: Certificate): readonly GeneralName[] {
  const hasSubject = (readDn(subject) ?? []).length > 0;
  return hasSubject
    ? [{ kind: "dn", der: subject }, ...subjectAlternativeNames]
    : subjectAlternativeNames;
}

function checkTime(
  certificate: Certificate,
  { time, isEarliest = false }: JudgedAt,
): PkiFault | undefined {
  const { subjectText, notBefore, notAfter } = certificate;
  if (time > notAfter)
    return {
      code: "pki.expired",
      message: `"${subjectText}" expired at ${formatTime(notAfter)}; it is ${formatTime(time)} here`,
      remedy: "renew the certificate, or set the clock if it is wrong",
    };
  if (time < notBefore && !isEarliest)
    return {
      code: "pki.not-yet-valid",
      message: `"${subjectText}" is valid from ${formatTime(notBefore)}; it is ${formatTime(time)} here`,
      remedy: "set the clock of this router, or wait until the certificate is valid",
    };
  return undefined;
}

/** RSA below 2048 bits is refused. RFC 8247 §3.1 */
function checkKey({ publicKey, subjectText }: Certificate): PkiFault | undefined {
  const { modulusLength = Number.POSITIVE_INFINITY } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength >= 2048) return undefined;
  return {
    code: "pki.weak-key",
    message: `"${subjectText}" has an RSA key of ${modulusLength} bits`,
    remedy: "have it issued again with RSA 2048, ECDSA P-256 or better",
  };
}

/** What keeps the signature on a certificate from counting; that of an anchor on itself is never asked. RFC 8247 §3.2 */
export function checkSignatureAlgorithm(certificate: Certificate): PkiFault | undefined {
  const { signatureAlgorithm, subjectText, issuerText } = certificate;
  const hash = weakSignatures.get(signatureAlgorithm);
  if (!hash) return undefined;
  return {
    code: "pki.weak-signature",
    message: `"${issuerText}" signed "${subjectText}" over ${hash}, which can be forged`,
    remedy: "have it issued again with SHA-256 or better",
  };
}

function checkCritical({ unknownCritical, subjectText }: Certificate): PkiFault | undefined {
  if (unknownCritical.length === 0) return undefined;
  return {
    code: "pki.unknown-critical-extension",
    message: `"${subjectText}" has critical extensions that are not understood here: ${unknownCritical.join(", ")}`,
    remedy: "have it issued without them, or with them not critical",
  };
}

/** Key usage must allow signing; extended key usage, when there, must be one that hubs are given. RFC 4945 §5.1.3 */
function checkLeafUsage(certificate: Certificate): PkiFault | undefined {
  const { keyUsage, extendedKeyUsage, subjectText } = certificate;
  if (keyUsage && !keyUsage.has("digitalSignature") && !keyUsage.has("nonRepudiation"))
    return {
      code: "pki.bad-usage",
      message: `the key usage of "${subjectText}" does not allow signatures`,
      remedy: "have it issued with key usage digitalSignature",
    };
  if (extendedKeyUsage && !extendedKeyUsage.some((oid) => peerUsages.includes(oid)))
    return {
      code: "pki.bad-usage",
      message: `the extended key usage of "${subjectText}" is for neither IKE nor TLS: ${extendedKeyUsage.join(", ")}`,
      remedy: "have it issued with extended key usage ipsecIKE or serverAuth, or with none",
    };
  return undefined;
}

function checkCa(certificate: Certificate, below: number): PkiFault | undefined {
  const { basicConstraints, keyUsage, subjectText } = certificate;
  if (!basicConstraints.isCa)
    return {
      code: "pki.not-a-ca",
      message: `"${subjectText}" issued a certificate and is no CA`,
      remedy: "a certificate chain must lead over CA certificates only: check what the hub sends",
    };
  if (keyUsage && !keyUsage.has("keyCertSign"))
    return {
      code: "pki.bad-usage",
      message: `the key usage of the CA "${subjectText}" does not allow it to issue certificates`,
      remedy: "have the CA certificate issued with key usage keyCertSign",
    };
  if (basicConstraints.pathLength !== undefined && below > basicConstraints.pathLength)
    return {
      code: "pki.path-too-long",
      message: `"${subjectText}" allows ${basicConstraints.pathLength} CAs below it, here are ${below}`,
      remedy:
        "have the CA certificate issued with a longer path length, or the leaf by a higher CA",
    };
  return undefined;
}

/** `2026-11-24 06:00:00 UTC`. */
function formatTime(time: WallClock): string {
  const days = Math.floor(time / 86_400_000);
  const { year, month, day } = civilDate(days);
  const second = Math.floor((time - days * 86_400_000) / 1000);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const clock = [second / 3600, (second / 60) % 60, second % 60].map(two).join(":");
  return `${year}-${two(month)}-${two(day)} ${clock} UTC`;
}

/** The Gregorian date of a day counted from 1970-01-01; engines have no `Date`. */
function civilDate(days: number): { year: number; month: number; day: number } {
  // Counted from 0000-03-01, so that the leap day ends a year.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** ipsecIKE, iKEIntermediate, serverAuth, clientAuth, anyExtendedKeyUsage. RFC 4945 §5.1.3.12 */
const peerUsages = [
  "1.3.6.1.5.5.7.3.17",
  "1.3.6.1.5.5.8.2.2",
  "1.3.6.1.5.5.7.3.1",
  "1.3.6.1.5.5.7.3.2",
  "2.5.29.37.0",
];

/** RSA and ECDSA over MD2, MD5 and SHA-1. */
const weakSignatures: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.2", "MD2"],
  ["1.2.840.113549.1.1.4", "MD5"],
  ["1.2.840.113549.1.1.5", "SHA-1"],
  ["1.2.840.10045.4.1", "SHA-1"],
]);
