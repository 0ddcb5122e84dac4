import { DerTag, type DerValue, readDer } from "#crypto/der.ts";
import { type IpAddress, ipFromBytes } from "#lib/ip.ts";

/** An alternative name of a kind that IKE identities have; others keep only their tag. RFC 5280 §4.2.1.6 */
export type GeneralName =
  | { readonly kind: "email" | "dns"; readonly value: string }
  /** As in the certificate: 4 or 16 bytes; with a mask behind them inside name constraints. */
  | { readonly kind: "ip"; readonly bytes: Uint8Array }
  | { readonly kind: "dn"; readonly der: Uint8Array }
  | { readonly kind: "other"; readonly tag: number };

/** Reads one GeneralName; what is not understood becomes `other`. */
export function readGeneralName({ tag, content }: DerValue): GeneralName {
  if (tag === 0x81 || tag === 0x82) {
    const value = readAscii(content);
    if (value === undefined) return { kind: "other", tag };
    return { kind: tag === 0x81 ? "email" : "dns", value };
  }
  if (tag === 0x87) return { kind: "ip", bytes: content };
  const name = tag === 0xa4 ? readDer(content) : undefined;
  if (name?.value.tag === DerTag.SEQUENCE && name.rest.length === 0)
    return { kind: "dn", der: name.value.whole };
  return { kind: "other", tag };
}

/** The address of an `ip` name in canonical text; undefined for lengths that are no address. */
export function generalNameAddress(bytes: Uint8Array): IpAddress | undefined {
  return bytes.length === 4 || bytes.length === 16 ? ipFromBytes(bytes) : undefined;
}

/** IA5String without control characters: a NUL in a name has fooled others into seeing a shorter one. */
function readAscii(bytes: Uint8Array): string | undefined {
  if (!bytes.every((byte) => byte > 0x20 && byte < 0x7f)) return undefined;
  return new TextDecoder().decode(bytes);
}
