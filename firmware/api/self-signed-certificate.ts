/** The DER of a certificate for TLS servers that is its own issuer. RFC 5280 §4.1 */
import { createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  DerTag,
  derBitString,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  derValue,
} from "#crypto/der.ts";
import { type IpAddress, ipBytes } from "#lib/ip.ts";

export interface SelfSignedRequest {
  /** DNS names; the first is the common name, cut to its 64 characters. */
  readonly names: readonly string[];
  readonly addresses: readonly IpAddress[];
  /** Wall clock, milliseconds; years up to 2049. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** @param key ECDSA on P-256. */
export function selfSignedCertificate(request: SelfSignedRequest, key: KeyObject): Uint8Array {
  const { names, addresses, notBefore, notAfter } = request;
  // ecdsa-with-SHA256, RFC 5758 §3.2
  const algorithm = derSequence(derObjectIdentifier("1.2.840.10045.4.3.2"));
  const name = commonName(names[0]?.slice(0, 64) ?? "flexspoke");
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const alternatives = [
    ...names.map((each) => derValue(0x82, utf8(each))),
    ...addresses.map((each) => derValue(0x87, ipBytes(each))),
  ];
  const content = derSequence(
    derValue(0xa0, derInteger(Uint8Array.of(2))),
    derInteger(serial),
    algorithm,
    name,
    derSequence(utcTime(notBefore), utcTime(notAfter)),
    name,
    new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" })),
    derValue(
      0xa3,
      derSequence(
        extension("2.5.29.19", true, derSequence()),
        // digitalSignature
        extension("2.5.29.15", true, derValue(DerTag.BIT_STRING, Uint8Array.of(7, 0x80))),
        extension("2.5.29.37", false, derSequence(derObjectIdentifier("1.3.6.1.5.5.7.3.1"))),
        extension("2.5.29.17", false, derSequence(...alternatives)),
      ),
    ),
  );
  const signature = new Uint8Array(sign("sha256", content, key));
  return derSequence(content, algorithm, derBitString(signature));
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function commonName(text: string): Uint8Array {
  const value = derValue(UTF8_STRING, utf8(text));
  return derSequence(derValue(SET, derSequence(derObjectIdentifier("2.5.4.3"), value)));
}

function extension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? [derValue(BOOLEAN, Uint8Array.of(0xff))] : [];
  return derSequence(derObjectIdentifier(oid), ...critical, derOctetString(value));
}

/** RFC 5280 §4.1.2.5.1: `YYMMDDHHMMSSZ` */
function utcTime(instant: number): Uint8Array {
  const digits = new Date(instant).toISOString().replace(/\..*$|\D/g, "");
  return derValue(UTC_TIME, utf8(`${digits.slice(2, 14)}Z`));
}

/** X.680 */
const BOOLEAN = 0x01;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SET = 0x31;
