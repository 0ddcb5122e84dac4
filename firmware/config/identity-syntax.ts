/** Identities as the configuration writes them: `KIND:VALUE`. RFC 7296 §3.5 */
import type { Identity, IdentityPattern } from "#ike/connection.ts";
import { ipFamily, parseIpAddress } from "#lib/ip.ts";
import { parseDn } from "#pki/dn.ts";
import { attributeOid } from "#pki/dn-attributes.ts";
import { splitDn } from "#pki/dn-text.ts";

/** What `parseIdentity` takes, in words. */
export const identityForms =
  "fqdn:NAME, email:USER@NAME, ipv4:ADDRESS, ipv6:ADDRESS, dn:CN=NAME,O=NAME, key-id:TEXT or key-id:0xHEX";

/** Reads one's own identity. A `dn` stands most specific part first, as RFC 4514 writes names. @returns what is wrong with it when it is none. */
export function parseIdentity(text: string): Identity | string {
  const { kind, value } = split(text);
  switch (kind) {
    case "fqdn":
      return isDnsName(value) ? { kind, value } : "not a DNS name (fqdn:branch12.example.net)";
    case "email":
      return isEmail(value) ? { kind, value } : "not an e-mail address (email:USER@NAME)";
    case "ipv4":
    case "ipv6":
      return addressIdentity(kind, value);
    case "key-id": {
      const bytes = keyIdBytes(value);
      return bytes ? { kind, bytes } : "empty, or not whole octets (key-id:TEXT or key-id:0xHEX)";
    }
    case "dn": {
      const name = parseDn(value);
      return name.ok
        ? { kind, der: name.value, text: value }
        : "not a distinguished name (attributes such as dn:CN=branch12,O=Example)";
    }
    default:
      return `not an identity (${identityForms})`;
  }
}

/** Reads what the peer may call itself: an identity, where `*` may stand first in a name and for a value of a dn; or `any`. */
export function parseIdentityPattern(text: string): IdentityPattern | string {
  if (text === "any") return { kind: "any" };
  const { kind, value } = split(text);
  switch (kind) {
    case "fqdn":
    case "email": {
      const literal = value.replace(/^\*[.@]?/, "");
      const fits = literal === "" ? value.startsWith("*") : isDnsName(literal) || isEmail(literal);
      return fits ? { kind, pattern: value } : `not a name (${kind}:NAME, where * may stand first)`;
    }
    case "ipv4":
    case "ipv6": {
      const identity = addressIdentity(kind, value);
      return typeof identity === "string" ? identity : { kind, pattern: identity.value };
    }
    case "dn": {
      const parts = splitDn(value);
      const attributes = parts.ok ? parts.value.flat() : [];
      if (attributes.length === 0 || !attributes.every(({ type }) => attributeOid(type)))
        return "not a distinguished name (attributes such as dn:CN=*,O=Example)";
      return {
        kind,
        attributes: attributes.map(({ type, value: pattern }) => ({ type, pattern })),
      };
    }
    default: {
      const identity = parseIdentity(text);
      if (typeof identity !== "string" && identity.kind === "key-id") return identity;
      return `not an identity (any, ${identityForms})`;
    }
  }
}

/** True for a name of letters, digits, hyphens and dots, at most 253 octets. RFC 1123 §2.1 */
export function isDnsName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/.test(text)
  );
}

function split(text: string): { kind: string; value: string } {
  const colon = text.indexOf(":");
  return { kind: text.slice(0, Math.max(0, colon)), value: text.slice(colon + 1).trim() };
}

const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf("@");
  return at > 0 && !/\s/.test(text) && isDnsName(text.slice(at + 1));
};

function addressIdentity(
  kind: "ipv4" | "ipv6",
  text: string,
): { kind: "ipv4" | "ipv6"; value: string } | string {
  const address = parseIpAddress(text);
  const fits = address && ipFamily(address) === (kind === "ipv4" ? 4 : 6);
  return fits
    ? { kind, value: address }
    : `not an address of this kind (${kind}:${kind === "ipv4" ? "203.0.113.1" : "2001:db8::1"})`;
}

function keyIdBytes(text: string): Uint8Array | undefined {
  if (!text.startsWith("0x")) return text === "" ? undefined : new TextEncoder().encode(text);
  const hex = text.slice(2);
  if (!/^([0-9a-fA-F]{2})+$/.test(hex)) return undefined;
  return Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
}
