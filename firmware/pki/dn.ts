import {
  DerTag,
  type DerValue,
  derObjectIdentifier,
  derSequence,
  derValue,
  readDerConstructed,
  readDerSeries,
  readObjectIdentifier,
} from "#crypto/der.ts";
import type { Identity } from "#ike/connection.ts";
import { compareBytes, toHex } from "#lib/bytes.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { attributeOid, attributeType } from "./dn-attributes.ts";
import { splitDn } from "./dn-text.ts";

/** One attribute of a distinguished name. */
export interface DnAttribute {
  /** Short name (`CN`) when it has one, else the object identifier. */
  readonly type: string;
  /** Its text; for values that are no string, `#` and the hexadecimal of their DER. RFC 4514 §2.4 */
  readonly value: string;
  readonly isText: boolean;
}

/** Attributes that stand together, joined by `+` in text; nearly always one. */
export type RelativeDn = readonly DnAttribute[];

/**
 * Reads `CN=branch12,OU=Sales,O=Example`: most specific part first, as RFC 4514 writes names; types in any case.
 * @returns the DER Name, in which that order is reversed; or a sentence saying what is wrong.
 */
export function parseDn(text: string): Result<Uint8Array, string> {
  const parts = splitDn(text);
  if (!parts.ok) return parts;
  const relative: Uint8Array[] = [];
  for (const part of parts.value) {
    const attributes: Uint8Array[] = [];
    for (const { type, value } of part) {
      const oid = attributeOid(type);
      if (!oid) return failed(`"${type}" is no attribute type (CN, O, OU, C, … or dotted numbers)`);
      attributes.push(derSequence(derObjectIdentifier(oid), derText(oid, value)));
    }
    relative.unshift(derValue(DerTag.SET, ...attributes.sort(compareBytes)));
  }
  return ok(derSequence(...relative));
}

/** Reads a DER Name, in its own order: least specific first. Undefined when the bytes are none. RFC 5280 §4.1.2.4 */
export function readDn(der: Uint8Array): readonly RelativeDn[] | undefined {
  const sets = readDerConstructed(der, DerTag.SEQUENCE);
  const relative = sets?.map(readRelativeDn);
  return relative?.every((one) => one !== undefined) ? relative : undefined;
}

/** The name as `parseDn` reads it; `undefined` bytes of a peer become `(malformed name)`. RFC 4514 §2 */
export function formatDn(der: Uint8Array): string {
  const relative = readDn(der);
  if (!relative) return "(malformed name)";
  return [...relative]
    .reverse()
    .map((one) =>
      one
        .map(({ type, value, isText }) => `${type}=${isText ? escapeValue(value) : value}`)
        .join("+"),
    )
    .join(",");
}

/**
 * True when both are the same name: parts in the same order, values alike without regard to case, string type and
 * repeated spaces. RFC 5280 §7.1
 */
export function equalDn(a: Uint8Array, b: Uint8Array): boolean {
  const [nameA, nameB] = [readDn(a), readDn(b)];
  return nameA !== undefined && nameB !== undefined && comparable(nameA) === comparable(nameB);
}

/** A value as names are compared. RFC 5280 §7.1 */
export function normalizeValue(value: string): string {
  return value.normalize("NFC").trim().replaceAll(/\s+/g, " ").toLowerCase();
}

/** An identity as logs, events and `show` print it, in the configuration's form. */
export function formatIdentity(identity: Identity): string {
  switch (identity.kind) {
    case "dn":
      return identity.text;
    case "key-id":
      return formatKeyId(identity.bytes);
    default:
      return printable(identity.value);
  }
}

function formatKeyId(bytes: Uint8Array): string {
  const isText = bytes.length > 0 && bytes.every((byte) => byte > 0x20 && byte < 0x7f);
  return isText ? new TextDecoder().decode(bytes) : `0x${toHex(bytes)}`;
}

/** Peers choose these texts: control characters must not reach a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\u00a0-\u{10ffff}]/gu, "?");
}

function readRelativeDn({ tag, content }: DerValue): RelativeDn | undefined {
  const attributes = tag === DerTag.SET ? readDerSeries(content)?.map(readAttribute) : undefined;
  if (!attributes || attributes.length === 0) return undefined;
  return attributes.every((one) => one !== undefined) ? attributes : undefined;
}

function readAttribute({ whole }: DerValue): DnAttribute | undefined {
  const [type, value, ...more] = readDerConstructed(whole, DerTag.SEQUENCE) ?? [];
  if (type?.tag !== DerTag.OBJECT_IDENTIFIER || !value || more.length > 0) return undefined;
  const oid = readObjectIdentifier(type.content);
  if (oid === undefined) return undefined;
  const text = readText(value);
  return {
    type: attributeType(oid),
    value: text ?? `#${toHex(value.whole)}`,
    isText: text !== undefined,
  };
}

/** Text of the string types that names are made of. */
function readText({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case DerTag.UTF8_STRING:
    case DerTag.PRINTABLE_STRING:
    case DerTag.IA5_STRING:
      return new TextDecoder().decode(content);
    case DerTag.TELETEX_STRING:
      return new TextDecoder("latin1").decode(content);
    case DerTag.BMP_STRING:
      return content.length % 2 === 0 ? new TextDecoder("utf-16be").decode(content) : undefined;
    default:
      return undefined;
  }
}

/** C and serialNumber are PrintableString, DC and E IA5String, others UTF8String unless PrintableString holds them. */
function derText(oid: string, value: string): Uint8Array {
  const hex = /^#((?:[0-9a-f]{2})+)$/i.exec(value)?.[1];
  if (hex) return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const bytes = new TextEncoder().encode(value);
  if (IA5_TYPES.includes(oid)) return derValue(DerTag.IA5_STRING, bytes);
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  return derValue(isPrintable ? DerTag.PRINTABLE_STRING : DerTag.UTF8_STRING, bytes);
}

function comparable(name: readonly RelativeDn[]): string {
  const relative = name.map((attributes) =>
    attributes.map(({ type, value }) => `${type}=${normalizeValue(value)}`).sort(),
  );
  return JSON.stringify(relative);
}

/** RFC 4514 §2.4. */
function escapeValue(value: string): string {
  return printable(value)
    .replaceAll(/[",+;<>\\]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/(?<=.) $/, "\\ ");
}

/** DC and E. RFC 5280 appendix A.1 */
const IA5_TYPES = ["0.9.2342.19200300.100.1.25", "1.2.840.113549.1.9.1"];
