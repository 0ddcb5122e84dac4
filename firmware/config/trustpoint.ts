/** Certificates and keys of `pki.trustpoints`, read and checked against each other. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import type { WallClock } from "#lib/duration.ts";
import { type Certificate, readCertificate } from "#pki/certificate.ts";
import type { ConfigPath } from "./config-error.ts";
import { openFault, pathFrom } from "./file-access.ts";
import type { Problems } from "./problems.ts";
import type { FileTrustpoint } from "./schema.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

export interface Trustpoint {
  /** DER. */
  readonly anchors: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  /** What this branch proves itself with; absent when the trustpoint only checks others. */
  readonly own?: OwnCertificate;
}

export interface OwnCertificate {
  readonly certificate: Certificate;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
}

/** @returns undefined after telling `problems` why the trustpoint can't be used. `now` undefined skips checks of dates. */
export function loadTrustpoint(
  trustpoint: FileTrustpoint,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
  now: WallClock | undefined,
): Trustpoint | undefined {
  const reader = { source, problems, now };
  const authorities = trustpoint.ca.flatMap(
    (file, index) => loadCertificates(file, [...path, "ca", index], reader) ?? [],
  );
  const own = loadOwn(trustpoint, path, reader);
  const roots = authorities.filter(({ x509 }) => x509.checkIssued(x509));
  if (own === "failed" || authorities.length === 0) return undefined;
  // A file without any root pins what it has: an operator who gives one intermediate trusts exactly that.
  const anchors = roots.length > 0 ? roots : authorities;
  return {
    anchors: anchors.map(({ der }) => der),
    intermediates: authorities.filter((one) => !anchors.includes(one)).map(({ der }) => der),
    ...(own && { own }),
  };
}

/**
 * A certificate with its key, as for the status page. Dates are not looked at.
 * @returns undefined after telling `problems` why it can't be used, or when neither is given.
 */
export function loadCertificate(
  files: Pick<FileTrustpoint, "certificate" | "key">,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
): OwnCertificate | undefined {
  const own = loadOwn(files, path, { source, problems, now: undefined });
  return own === "failed" ? undefined : own;
}

/** What certificates are read with. */
export interface Reader {
  readonly source: SecretSource;
  readonly problems: Problems;
  readonly now: WallClock | undefined;
}

/** @returns undefined where none is named; `failed` after telling the reader's `problems` why it can't be used. */
export function loadOwn(
  trustpoint: Pick<FileTrustpoint, "certificate" | "key">,
  path: ConfigPath,
  reader: Reader,
): OwnCertificate | undefined | "failed" {
  const { certificate: file, key: reference } = trustpoint;
  if (file === undefined && reference === undefined) return undefined;
  if (file === undefined || reference === undefined) {
    reader.problems.error(path, "certificate and key go together (give both, or neither)", "key");
    return "failed";
  }
  const chain = loadCertificates(file, [...path, "certificate"], reader);
  const key = readKey(reference, [...path, "key"], reader);
  const [leaf] = chain ?? [];
  if (!chain || !leaf || !key) return "failed";
  if (!leaf.x509.checkPrivateKey(key)) {
    const isLater = chain.some(({ x509 }) => x509.checkPrivateKey(key));
    reader.problems.error(
      [...path, "key"],
      isLater
        ? "the key fits a later certificate of the file (the branch's own certificate comes first)"
        : "the key does not fit the certificate (issue the certificate for this key, or name the other key file)",
    );
    return "failed";
  }
  return { certificate: leaf, chain: chain.map(({ der }) => der), key };
}

/** @returns every certificate of a file, or undefined after telling the reader's `problems` why there is none. */
export function loadCertificates(
  name: string,
  path: ConfigPath,
  { source, problems, now }: Reader,
): readonly Certificate[] | undefined {
  const file = pathFrom(source.configFile, name);
  const read = source.readFile(file);
  if (!read.ok) {
    problems.error(path, openFault(file, read.error));
    return undefined;
  }
  const certificates: Certificate[] = [];
  for (const der of splitPem(read.value.bytes)) {
    const certificate = readCertificate(der);
    if (!certificate) {
      problems.error(path, `file ${file} has a certificate that can't be read (PEM or DER, X.509)`);
      return undefined;
    }
    certificates.push(certificate);
    warnOfDates(certificate, file, path, problems, now);
  }
  if (certificates.length > 0) return certificates;
  problems.error(path, `file ${file} has no certificate (PEM or DER, X.509)`);
  return undefined;
}

/** The DER of each certificate of a PEM file, or the whole of a DER file. */
function splitPem(bytes: Uint8Array): readonly Uint8Array[] {
  if (bytes[0] === 0x30) return [bytes];
  const text = new TextDecoder().decode(bytes);
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g);
  return Array.from(blocks, ([, base64 = ""]) => new Uint8Array(Buffer.from(base64, "base64")));
}

function warnOfDates(
  { notBefore, notAfter, x509 }: Certificate,
  file: string,
  path: ConfigPath,
  problems: Problems,
  now: WallClock | undefined,
): void {
  if (now === undefined) return;
  if (now > notAfter)
    problems.warning(path, `file ${file}: the certificate expired on ${x509.validTo} (renew it)`);
  if (now < notBefore)
    problems.warning(
      path,
      `file ${file}: the certificate is not valid before ${x509.validFrom} (check the clock)`,
    );
}

function readKey(
  reference: FileTrustpoint["key"] & {},
  path: ConfigPath,
  { source, problems }: Reader,
): KeyObject | undefined {
  const bytes = readSecret(reference, path, source, problems, "kept");
  if (!bytes) return undefined;
  const key = parseKey(bytes);
  bytes.fill(0);
  if (!key) {
    problems.error(
      path,
      "not a private key without passphrase (PEM or DER: PKCS#8, PKCS#1, SEC 1; `openssl pkey` removes a passphrase)",
    );
    return undefined;
  }
  const fault = unusable(key);
  if (fault) problems.error(path, fault);
  return fault ? undefined : key;
}

function parseKey(bytes: Uint8Array): KeyObject | undefined {
  const key = Buffer.from(bytes);
  const forms =
    bytes[0] === 0x30
      ? (["pkcs8", "pkcs1", "sec1"] as const).map((type) => ({ key, format: "der" as const, type }))
      : [{ key, format: "pem" as const }];
  try {
    for (const form of forms) {
      try {
        return createPrivateKey(form);
      } catch {
        // Not in this form; the last one decides.
      }
    }
    return undefined;
  } finally {
    key.fill(0);
  }
}

/** RFC 8247 §3: RSA of 2048 bits and more; RFC 7427 with ECDSA on the NIST curves; RFC 8420: Ed25519. */
function unusable(key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
  const kinds = "RSA of 2048 bits or more, ECDSA P-256, P-384 or P-521, Ed25519";
  switch (key.asymmetricKeyType) {
    case "rsa":
    case "rsa-pss":
      return modulusLength < 2048
        ? `an RSA key of ${modulusLength} bits is too short (${kinds})`
        : undefined;
    case "ec":
      return ["prime256v1", "secp384r1", "secp521r1"].includes(namedCurve)
        ? undefined
        : `a key on the curve ${namedCurve} can't be used (${kinds})`;
    case "ed25519":
      return undefined;
    default:
      return `a key of this kind can't be used (${kinds})`;
  }
}
