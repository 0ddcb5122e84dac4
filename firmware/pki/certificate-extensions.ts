import {
  DerTag,
  type DerValue,
  readDer,
  readDerConstructed,
  readObjectIdentifier,
} from "#crypto/der.ts";
import { type GeneralName, readGeneralName } from "./general-name.ts";
import { type NameConstraints, readNameConstraints } from "./name-constraints.ts";

/** What the extensions of a certificate say. An absent extension is undefined, or an empty list. RFC 5280 §4.2 */
export interface CertificateExtensions {
  readonly subjectAlternativeNames: readonly GeneralName[];
  /** `isCa` is false when the extension is absent. */
  readonly basicConstraints: { readonly isCa: boolean; readonly pathLength?: number };
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectKeyId?: Uint8Array;
  readonly authorityKeyId?: Uint8Array;
  readonly nameConstraints?: NameConstraints;
  /** Object identifiers of critical extensions that nothing here understands. */
  readonly unknownCritical: readonly string[];
}

/** In the order of their bits. RFC 5280 §4.2.1.3 */
const keyUsageBits = [
  "digitalSignature",
  "nonRepudiation",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
] as const;
/** What a key may be used for. RFC 5280 §4.2.1.3 */
export type KeyUsage = (typeof keyUsageBits)[number];

/**
 * @param content contents of the [3] field of a certificate, empty when it has none.
 * @returns undefined when an extension is malformed, or comes twice. RFC 5280 §4.2
 */
export function readExtensions(content: Uint8Array): CertificateExtensions | undefined {
  const list = content.length === 0 ? [] : readDerConstructed(content, DerTag.SEQUENCE);
  const extensions = list?.map(readExtension);
  if (!extensions?.every((one) => one !== undefined)) return undefined;
  const byOid = new Map(extensions.map((extension) => [extension.oid, extension]));
  if (byOid.size !== extensions.length) return undefined;

  const fields: Record<string, unknown> = {
    subjectAlternativeNames: [],
    basicConstraints: { isCa: false },
  };
  const unknownCritical: string[] = [];
  for (const { oid, isCritical, value } of extensions) {
    const reader = readers.get(oid);
    if (reader) {
      const read = reader.read(value);
      if (read === undefined) return undefined;
      fields[reader.name] = read;
    } else if (isCritical && !harmless.includes(oid)) unknownCritical.push(oid);
  }
  return { ...fields, unknownCritical } as unknown as CertificateExtensions;
}

interface Extension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/** SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, value OCTET STRING }. */
function readExtension({ whole }: DerValue): Extension | undefined {
  const fields = readDerConstructed(whole, DerTag.SEQUENCE) ?? [];
  const [type] = fields;
  const value = fields[fields.length - 1];
  const critical = fields.length === 3 ? fields[1] : undefined;
  if (type?.tag !== DerTag.OBJECT_IDENTIFIER || value?.tag !== DerTag.OCTET_STRING)
    return undefined;
  if (fields.length > 3 || (critical && critical.tag !== BOOLEAN)) return undefined;
  const oid = readObjectIdentifier(type.content);
  return oid === undefined
    ? undefined
    : { oid, isCritical: (critical?.content[0] ?? 0) !== 0, value: value.content };
}

function readSubjectAlternativeNames(der: Uint8Array): readonly GeneralName[] | undefined {
  return readDerConstructed(der, DerTag.SEQUENCE)?.map(readGeneralName);
}

function readBasicConstraints(
  der: Uint8Array,
): CertificateExtensions["basicConstraints"] | undefined {
  const fields = readDerConstructed(der, DerTag.SEQUENCE);
  if (!fields) return undefined;
  const isCa = fields.some((field) => field.tag === BOOLEAN && (field.content[0] ?? 0) !== 0);
  const limit = fields.find((field) => field.tag === DerTag.INTEGER);
  if (!limit) return { isCa };
  // A limit beyond one byte is longer than any path that is followed here.
  const pathLength = limit.content.length === 1 ? (limit.content[0] ?? 0) : 255;
  return { isCa, pathLength };
}

function readKeyUsage(der: Uint8Array): ReadonlySet<KeyUsage> | undefined {
  const read = readDer(der);
  if (read?.value.tag !== DerTag.BIT_STRING) return undefined;
  const bits = read.value.content[1] ?? 0;
  return new Set(keyUsageBits.filter((_, index) => (bits & (0x80 >> index)) !== 0));
}

function readExtendedKeyUsage(der: Uint8Array): readonly string[] | undefined {
  const oids = readDerConstructed(der, DerTag.SEQUENCE)?.map(({ content }) =>
    readObjectIdentifier(content),
  );
  return oids?.every((oid) => oid !== undefined) ? oids : undefined;
}

function readSubjectKeyId(der: Uint8Array): Uint8Array | undefined {
  const read = readDer(der);
  return read?.value.tag === DerTag.OCTET_STRING ? read.value.content : undefined;
}

/** Only keyIdentifier [0] is read; issuer and serial number help nobody. An absent one gives no bytes. */
function readAuthorityKeyId(der: Uint8Array): Uint8Array | undefined {
  const fields = readDerConstructed(der, DerTag.SEQUENCE);
  return fields && (fields.find((field) => field.tag === 0x80)?.content ?? new Uint8Array(0));
}

const BOOLEAN = 0x01;

const readers: ReadonlyMap<
  string,
  { readonly name: keyof CertificateExtensions; readonly read: (der: Uint8Array) => unknown }
> = new Map([
  ["2.5.29.14", { name: "subjectKeyId", read: readSubjectKeyId }],
  ["2.5.29.15", { name: "keyUsage", read: readKeyUsage }],
  ["2.5.29.17", { name: "subjectAlternativeNames", read: readSubjectAlternativeNames }],
  ["2.5.29.19", { name: "basicConstraints", read: readBasicConstraints }],
  ["2.5.29.30", { name: "nameConstraints", read: readNameConstraints }],
  ["2.5.29.35", { name: "authorityKeyId", read: readAuthorityKeyId }],
  ["2.5.29.37", { name: "extendedKeyUsage", read: readExtendedKeyUsage }],
]);

/**
 * May be critical and changes nothing here: certificatePolicies (no policy is asked for), cRLDistributionPoints,
 * authorityInfoAccess. RFC 5280 §4.2.1.4, §4.2.1.13, §4.2.2.1
 */
const harmless = ["2.5.29.32", "2.5.29.31", "1.3.6.1.5.5.7.1.1"];
