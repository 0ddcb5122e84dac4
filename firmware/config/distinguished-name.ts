/** Distinguished names as text and as DER. RFC 4514 (text), X.501 and RFC 5280 §4.1.2.4 (Name) */

/** One attribute of a name. `type` is a short name of the table below or a dotted object identifier. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

const attributeOids: Readonly<Record<string, string>> = {
  CN: "2.5.4.3",
  SN: "2.5.4.4",
  serialNumber: "2.5.4.5",
  C: "2.5.4.6",
  L: "2.5.4.7",
  ST: "2.5.4.8",
  street: "2.5.4.9",
  O: "2.5.4.10",
  OU: "2.5.4.11",
  title: "2.5.4.12",
  GN: "2.5.4.42",
  DC: "0.9.2342.19200300.100.1.25",
  UID: "0.9.2342.19200300.100.1.1",
  E: "1.2.840.113549.1.9.1",
};
const otherSpellings: Readonly<Record<string, string>> = { S: "ST", emailAddress: "E", email: "E" };

/** Short names of attribute types that a `dn:` identity may use. */
export const attributeTypes: readonly string[] = Object.keys(attributeOids);

/**
 * Reads `CN=branch12, O=Example`. Escapes are those of RFC 4514 §2.4: `\,` and `\2C`; the order is kept.
 * @returns undefined when it is no such list or has a type that is neither in the table nor an object identifier.
 */
export function parseDistinguishedName(text: string): readonly NameAttribute[] | undefined {
  const attributes: NameAttribute[] = [];
  for (const part of splitUnescaped(text)) {
    const match = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=\s*(.*?)\s*$/s.exec(part);
    const type = match && attributeType(match[1] ?? "");
    const value = unescapeValue(match?.[2] ?? "");
    if (!type || !value) return undefined;
    attributes.push({ type, value });
  }
  return attributes;
}

/** The attributes as text in their order, `C=CH, O=Example, CN=branch12`. */
export function formatDistinguishedName(attributes: readonly NameAttribute[]): string {
  return attributes
    .map(({ type, value }) => `${type}=${value.replace(/([,\\+"<>;])/g, "\\$1")}`)
    .join(", ");
}

/** DER of a Name with one attribute a set, in the order given. Text is PrintableString where it fits, else UTF8String. */
export function encodeDistinguishedName(attributes: readonly NameAttribute[]): Uint8Array {
  return der(
    0x30,
    attributes.map(({ type, value }) =>
      der(0x31, [der(0x30, [encodeOid(attributeOids[type] ?? type), encodeText(type, value)])]),
    ),
  );
}

/** Attributes of a DER Name; undefined when it is malformed or has text that is not a string type. */
export function decodeDistinguishedName(name: Uint8Array): readonly NameAttribute[] | undefined {
  const attributes: NameAttribute[] = [];
  for (const set of children(name) ?? [undefined])
    for (const pair of (set && children(set.whole)) ?? [undefined]) {
      const [oid, value] = (pair && children(pair.whole)) ?? [];
      if (!oid || !value || oid.tag !== 0x06) return undefined;
      attributes.push({ type: typeOfOid(decodeOid(oid.content)), value: decodeText(value) });
    }
  return attributes;
}

/** The DER of the subject Name within a DER certificate; undefined when it is malformed. RFC 5280 §4.1 */
export function subjectOfCertificate(certificate: Uint8Array): Uint8Array | undefined {
  const toBeSigned = children(certificate)?.[0];
  const fields = toBeSigned && children(toBeSigned.whole);
  if (!fields) return undefined;
  const hasVersion = fields[0]?.tag === 0xa0;
  return fields[hasVersion ? 5 : 4]?.whole;
}

/** True when both have the same attributes, in whatever order. */
export function sameAttributes(a: readonly NameAttribute[], b: readonly NameAttribute[]): boolean {
  const list = (attributes: readonly NameAttribute[]) =>
    attributes.map(({ type, value }) => `${type}=${value}`).sort();
  return list(a).join("\0") === list(b).join("\0");
}

function attributeType(word: string): string | undefined {
  if (/^\d/.test(word)) return typeOfOid(word);
  const wanted = word.toLowerCase();
  for (const [spelling, type] of Object.entries(otherSpellings))
    if (spelling.toLowerCase() === wanted) return type;
  return attributeTypes.find((type) => type.toLowerCase() === wanted);
}

function typeOfOid(oid: string): string {
  for (const [type, known] of Object.entries(attributeOids)) if (known === oid) return type;
  return oid;
}

function splitUnescaped(text: string): string[] {
  const parts = [""];
  for (const piece of text.match(/\\.|[^\\]|\\$/gsu) ?? [])
    if (piece === ",") parts.push("");
    else parts.push(`${parts.pop()}${piece}`);
  return parts;
}

function unescapeValue(text: string): string {
  return text.replace(/(?:\\[0-9a-fA-F]{2})+|\\(.)/gsu, (escaped, character: string | undefined) =>
    character === undefined
      ? new TextDecoder().decode(
          Uint8Array.from(escaped.split("\\").slice(1), (hex) => Number.parseInt(hex, 16)),
        )
      : character,
  );
}

function encodeText(type: string, value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  if (type === "E" || type === "DC") return der(0x16, [bytes]);
  return der(/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value) ? 0x13 : 0x0c, [bytes]);
}

function decodeText({ tag, content }: Tlv): string {
  if (tag === 0x1e) return new TextDecoder("utf-16be").decode(content);
  return new TextDecoder(tag === 0x14 ? "latin1" : "utf-8").decode(content);
}

function encodeOid(oid: string): Uint8Array {
  const [first = 0, second = 0, ...arcs] = oid.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...arcs]) {
    const groups = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      groups.unshift((rest % 128) + 128);
    bytes.push(...groups);
  }
  return der(0x06, [Uint8Array.from(bytes)]);
}

function decodeOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join(".");
}

interface Tlv {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly whole: Uint8Array;
}

function der(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  if (content.length < 0x80) length.push(content.length);
  else {
    for (let rest = content.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
    length.unshift(0x80 | length.length);
  }
  return Uint8Array.from([tag, ...length, ...content]);
}

/** The elements inside a constructed element; undefined when lengths do not fit. Single-octet tags only. */
function children(element: Uint8Array): readonly Tlv[] | undefined {
  const outer = readTlv(element, 0);
  if (!outer) return undefined;
  const found: Tlv[] = [];
  for (let at = 0; at < outer.content.length; ) {
    const inner = readTlv(outer.content, at);
    if (!inner) return undefined;
    found.push(inner);
    at += inner.whole.length;
  }
  return found;
}

function readTlv(bytes: Uint8Array, start: number): Tlv | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) return undefined;
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 4) return undefined;
    length = 0;
    for (const byte of bytes.subarray(at, at + count)) length = length * 256 + byte;
    at += count;
  }
  if (at + length > bytes.length) return undefined;
  return {
    tag,
    content: bytes.subarray(at, at + length),
    whole: bytes.subarray(start, at + length),
  };
}
