import { equalBytes } from "#lib/bytes.ts";
import type { WallClock } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import {
  checkIssuer,
  checkLeaf,
  checkNames,
  checkSignatureAlgorithm,
  type JudgedAt,
} from "./certificate-checks.ts";
import { equalDn } from "./dn.ts";
import type { PkiFault } from "./fault.ts";

/** What to trust and when. All certificates are DER. */
export interface ChainRequest extends JudgedAt {
  readonly leaf: Uint8Array;
  /** From the peer and from the configuration, in any order; useless ones do no harm. */
  readonly intermediates: readonly Uint8Array[];
  /** Trust anchors: CAs, or the very certificate of a peer. */
  readonly anchors: readonly Uint8Array[];
}

/** A chain that holds at the time asked for. Revocation is not looked at. */
export interface ValidChain {
  readonly leaf: Certificate;
  /** Leaf first, anchor last; one certificate when the leaf is an anchor itself. */
  readonly path: readonly Certificate[];
  /** When the first certificate of the path runs out. */
  readonly validUntil: WallClock;
}

/**
 * Finds a path from a leaf to an anchor on which every certificate holds. RFC 5280 §6.1, RFC 4945 §5
 *
 * Work is bounded, whatever a peer sends: at most 16 of its certificates are read and 64 signatures checked.
 *
 * @returns the fault that came closest to success, so that it says what to mend.
 */
export function validateChain(request: ChainRequest): Result<ValidChain, PkiFault> {
  const leaf = readCertificate(request.leaf);
  if (!leaf) return failed(malformedLeaf);
  const leafFault = checkLeaf(leaf, request);
  if (leafFault) return failed(leafFault);
  if (request.anchors.some((anchor) => equalBytes(anchor, request.leaf)))
    return ok({ leaf, path: [leaf], validUntil: leaf.notAfter });

  const search = new PathSearch(request);
  const path = search.from([leaf]);
  if (!path) return failed(search.nearestFault ?? untrusted(leaf));
  const validUntil = Math.min(...path.map((one) => one.notAfter)) as WallClock;
  return ok({ leaf, path, validUntil });
}

/** Depth first; anchors before intermediates, so that the shortest way out is tried first. */
class PathSearch {
  readonly #anchors: readonly Certificate[];
  readonly #intermediates: readonly Certificate[];
  readonly #at: JudgedAt;
  #checksLeft = MAX_SIGNATURE_CHECKS;
  #nearest: { readonly depth: number; readonly fault: PkiFault } | undefined;

  constructor({ anchors, intermediates, time, isEarliest = false }: ChainRequest) {
    const read = (list: readonly Uint8Array[]) =>
      list.map(readCertificate).filter((certificate) => certificate !== undefined);
    this.#anchors = read(anchors);
    this.#intermediates = read(intermediates.slice(0, MAX_INTERMEDIATES));
    this.#at = { time, isEarliest };
  }

  get nearestFault(): PkiFault | undefined {
    return this.#nearest?.fault;
  }

  from(path: readonly Certificate[]): readonly Certificate[] | undefined {
    const last = path[path.length - 1];
    if (!last || path.length > MAX_PATH) return undefined;
    let hasIssuer = false;
    for (const anchor of this.#anchors.filter((one) => mayHaveIssued(one, last))) {
      hasIssuer = true;
      if (this.#extends(path, last, anchor)) return [...path, anchor];
    }
    for (const issuer of this.#intermediates.filter((one) => mayHaveIssued(one, last))) {
      if (path.some((one) => equalBytes(one.der, issuer.der))) continue;
      hasIssuer = true;
      if (!this.#extends(path, last, issuer)) continue;
      const found = this.from([...path, issuer]);
      if (found) return found;
    }
    if (!hasIssuer) this.#note(path.length - 1, untrusted(last));
    return undefined;
  }

  #extends(path: readonly Certificate[], subject: Certificate, issuer: Certificate): boolean {
    if (this.#checksLeft-- <= 0) return false;
    const fault = isSignedBy(subject, issuer)
      ? (checkSignatureAlgorithm(subject) ??
        checkIssuer(issuer, path.length - 1, this.#at) ??
        checkNames(issuer, path))
      : badSignature(subject);
    if (fault) this.#note(path.length, fault);
    return !fault;
  }

  #note(depth: number, fault: PkiFault): void {
    if (!this.#nearest || depth >= this.#nearest.depth) this.#nearest = { depth, fault };
  }
}

/** By name, and by key identifier when both have one. RFC 5280 §4.2.1.1 */
function mayHaveIssued(issuer: Certificate, subject: Certificate): boolean {
  const [wanted, held] = [subject.authorityKeyId, issuer.subjectKeyId];
  const keysDiffer = wanted && wanted.length > 0 && held && !equalBytes(wanted, held);
  return !keysDiffer && equalDn(issuer.subject, subject.issuer);
}

function isSignedBy(subject: Certificate, issuer: Certificate): boolean {
  try {
    return subject.x509.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function untrusted({ subjectText, issuerText }: Certificate): PkiFault {
  return {
    code: "pki.untrusted",
    message: `nobody trusted here issued "${subjectText}"; its issuer is "${issuerText}"`,
    remedy: `add the certificate of "${issuerText}" to the trustpoint's ca list if it is the right one`,
  };
}

function badSignature({ subjectText, issuerText }: Certificate): PkiFault {
  return {
    code: "pki.bad-signature",
    message: `"${subjectText}" is not signed by the "${issuerText}" that is known here`,
    remedy: `check whether "${issuerText}" was renewed with another key, and add its present certificate`,
  };
}

const malformedLeaf: PkiFault = {
  code: "pki.malformed",
  message: "the peer's certificate can't be read",
  remedy: "check that the hub sends an X.509 certificate with an RSA, ECDSA or Ed25519 key",
};

/** Certificates from leaf to anchor, both counted, are at most one more. */
const MAX_PATH = 8;
const MAX_INTERMEDIATES = 16;
const MAX_SIGNATURE_CHECKS = 64;
