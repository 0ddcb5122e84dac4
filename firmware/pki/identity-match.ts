import type { Identity, IdentityPattern } from "#ike/connection.ts";
import { equalBytes } from "#lib/bytes.ts";
import type { Certificate } from "./certificate.ts";
import { type DnAttribute, equalDn, formatIdentity, normalizeValue, readDn } from "./dn.ts";
import { attributeOid } from "./dn-attributes.ts";
import type { PkiFault } from "./fault.ts";
import { type GeneralName, generalNameAddress } from "./general-name.ts";

/** True when a peer may call itself so. An identity must still be proven, and with a certificate be in it. */
export function matchesIdentity(pattern: IdentityPattern, identity: Identity): boolean {
  switch (pattern.kind) {
    case "any":
      return true;
    case "fqdn":
    case "email":
      return identity.kind === pattern.kind && matchesText(pattern.pattern, identity.value);
    case "ipv4":
    case "ipv6":
      return identity.kind === pattern.kind && identity.value === pattern.pattern;
    case "key-id":
      return identity.kind === "key-id" && equalBytes(pattern.bytes, identity.bytes);
    case "dn":
      return identity.kind === "dn" && matchesDn(pattern.attributes, identity.der);
  }
}

/** True when any of the patterns matches. */
export function matchesAnyIdentity(
  patterns: readonly IdentityPattern[],
  identity: Identity,
): boolean {
  return patterns.some((pattern) => matchesIdentity(pattern, identity));
}

/**
 * What keeps a certificate from naming this identity: it must be among the alternative names of its kind, be the
 * subject, or for a key ID the key's identifier. A good chain alone proves no name. RFC 7296 §3.5, RFC 4945 §3.1
 */
export function checkIdentityInCertificate(
  identity: Identity,
  certificate: Certificate,
): PkiFault | undefined {
  if (holdsIdentity(identity, certificate)) return undefined;
  const held = [
    `subject "${certificate.subjectText}"`,
    ...certificate.subjectAlternativeNames.flatMap(describeName),
  ];
  return {
    code: "pki.identity-not-in-certificate",
    message: `the peer calls itself ${formatIdentity(identity)}, its certificate holds ${held.join(", ")}`,
    remedy: "give the hub an identity that is in its certificate, or a certificate with that name",
  };
}

function holdsIdentity(identity: Identity, certificate: Certificate): boolean {
  const names = certificate.subjectAlternativeNames;
  switch (identity.kind) {
    case "fqdn":
      return names.some((name) => name.kind === "dns" && sameText(name.value, identity.value));
    case "email":
      return names.some((name) => name.kind === "email" && sameText(name.value, identity.value));
    case "ipv4":
    case "ipv6":
      return names.some(
        (name) => name.kind === "ip" && generalNameAddress(name.bytes) === identity.value,
      );
    case "dn":
      return (
        equalDn(certificate.subject, identity.der) ||
        names.some((name) => name.kind === "dn" && equalDn(name.der, identity.der))
      );
    case "key-id":
      return (
        certificate.subjectKeyId !== undefined &&
        equalBytes(certificate.subjectKeyId, identity.bytes)
      );
  }
}

/** A leading `*` stands for any text, also none: `*.example.net` matches every host below, `*` all. */
function matchesText(pattern: string, value: string): boolean {
  if (!pattern.startsWith("*")) return sameText(pattern, value);
  return lower(value).endsWith(lower(pattern.slice(1)));
}

/** Every attribute listed must be there, with its value or any; order and further attributes do not matter. */
function matchesDn(
  wanted: readonly { readonly type: string; readonly pattern: string }[],
  der: Uint8Array,
): boolean {
  const held = readDn(der)?.flat();
  return (
    held !== undefined && wanted.every((one) => held.some((attribute) => fits(one, attribute)))
  );
}

function fits(
  { type, pattern }: { readonly type: string; readonly pattern: string },
  attribute: DnAttribute,
): boolean {
  const oid = attributeOid(type);
  if (oid === undefined || oid !== attributeOid(attribute.type)) return false;
  return pattern === "*" || normalizeValue(pattern) === normalizeValue(attribute.value);
}

function sameText(a: string, b: string): boolean {
  return lower(a) === lower(b);
}

/** ASCII only: names on the wire have no other letters, and locale rules must not make two names one. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function describeName(name: GeneralName): readonly string[] {
  switch (name.kind) {
    case "dns":
    case "email":
      return [name.value];
    case "ip":
      return [generalNameAddress(name.bytes) ?? "a malformed address"];
    case "dn":
    case "other":
      return [];
  }
}
