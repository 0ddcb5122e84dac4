/** The certificate that the device makes for its own page: kept, renewed with the same key, never leaving it. */
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { type IpAddress, parseIpAddress } from "#lib/ip.ts";
import { certificatePem } from "./pem.ts";
import { selfSignedCertificate } from "./self-signed-certificate.ts";
import type { StateFiles } from "./state-files.ts";

/** What a TLS listener shows and proves, PEM. */
export interface TlsProof {
  readonly cert: string;
  readonly key: string;
  /** Wall clock, milliseconds: a new one is due then. */
  readonly renewAt: number;
}

/** What browsers may call the server. */
export interface CertifiedNames {
  readonly names: readonly string[];
  readonly addresses: readonly IpAddress[];
}

const FILE = "web-tls.pem";
const DAY = 86_400_000;
/** Browsers take no more than 398 days. */
const VALID = 397 * DAY;
const RENEW_BEFORE = 30 * DAY;
/** No clock that is right shows less: one that does was not set since the device got its power. */
const EARLIEST_NOW = Date.UTC(2026, 0, 1);

/**
 * The kept certificate when it still serves, else a new one. A clock that was not set yet renews nothing that is kept, and
 * what is made under it starts when clocks that are right may.
 * @throws when the disk refuses.
 */
export function selfSignedProof(wanted: CertifiedNames, files: StateFiles, now: number): TlsProof {
  const kept = readProof(files.read(FILE));
  if (kept && now < kept.renewAt && sameNames(kept.cert, wanted)) return kept;
  const made = makeProof(wanted, kept?.key, Math.max(now, EARLIEST_NOW));
  files.write(FILE, made.key + made.cert);
  return made;
}

function readProof(text: string | undefined): TlsProof | undefined {
  const [cert] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text ?? "") ?? [];
  const [key] =
    /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(text ?? "") ?? [];
  if (cert === undefined || key === undefined) return undefined;
  try {
    const x509 = new X509Certificate(cert);
    if (!x509.checkPrivateKey(createPrivateKey(key))) return undefined;
    return { cert, key, renewAt: Date.parse(x509.validTo) - RENEW_BEFORE };
  } catch {
    // Damaged: a new one is made.
    return undefined;
  }
}

function sameNames(cert: string, { names, addresses }: CertifiedNames): boolean {
  const x509 = new X509Certificate(cert);
  return (
    names.every((name) => x509.checkHost(name) !== undefined) &&
    addresses.every((address) => x509.checkIP(address) !== undefined)
  );
}

/** Who has told a browser to trust the key keeps that. */
function makeProof(wanted: CertifiedNames, oldKey: string | undefined, from: number): TlsProof {
  const privateKey =
    oldKey === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
      : createPrivateKey(oldKey);
  // A day earlier: the clock of who looks may be behind.
  const notBefore = from - DAY;
  const notAfter = notBefore + VALID;
  const der = selfSignedCertificate({ ...wanted, notBefore, notAfter }, privateKey);
  return {
    cert: certificatePem(der),
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    renewAt: notAfter - RENEW_BEFORE,
  };
}

/** What a self-signed certificate of this listener covers. */
export function certifiedNames(
  names: readonly string[],
  listen: readonly IpAddress[],
): CertifiedNames {
  const loopback = ["127.0.0.1", "::1"].flatMap((text) => parseIpAddress(text) ?? []);
  const own = listen.filter((address) => address !== "0.0.0.0" && address !== "::");
  return {
    names: [...new Set([...names, ...names.map((name) => `${name}.local`), "localhost"])].filter(
      (name) => name.length <= 253,
    ),
    addresses: [...new Set([...own, ...loopback])],
  };
}
