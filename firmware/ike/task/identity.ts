/** Identities to ID payloads and back. Matching is `pki/`'s. RFC 7296 §3.5. */
import { type IpAddress, ipBytes, ipFromBytes } from "#lib/ip.ts";
import { formatDn } from "#pki/dn.ts";
import type { Identity, IdentityPattern } from "../connection.ts";
import { IdType } from "../message/iana.ts";
import { idPayload } from "../message/id.ts";
import type { IdPayload } from "../message/message.ts";

/** The ID payload of `identity`, with the body that AUTH is computed over. */
export function identityPayload(type: "IDi" | "IDr", identity: Identity): IdPayload {
  return idPayload(type, ...encodeIdentity(identity));
}

function encodeIdentity(identity: Identity): [number, Uint8Array] {
  switch (identity.kind) {
    case "fqdn":
      return [IdType.ID_FQDN, new TextEncoder().encode(identity.value)];
    case "email":
      return [IdType.ID_RFC822_ADDR, new TextEncoder().encode(identity.value)];
    case "ipv4":
      return [IdType.ID_IPV4_ADDR, ipBytes(identity.value as IpAddress)];
    case "ipv6":
      return [IdType.ID_IPV6_ADDR, ipBytes(identity.value as IpAddress)];
    case "dn":
      return [IdType.ID_DER_ASN1_DN, identity.der];
    case "key-id":
      return [IdType.ID_KEY_ID, identity.bytes];
  }
}

/** What an ID payload says; undefined for a type that we do not compare, or data that does not fit its type. */
export function readIdentity({ idType, data }: IdPayload): Identity | undefined {
  switch (idType) {
    case IdType.ID_FQDN:
      return { kind: "fqdn", value: new TextDecoder().decode(data) };
    case IdType.ID_RFC822_ADDR:
      return { kind: "email", value: new TextDecoder().decode(data) };
    case IdType.ID_IPV4_ADDR:
      return data.length === 4 ? { kind: "ipv4", value: ipFromBytes(data) } : undefined;
    case IdType.ID_IPV6_ADDR:
      return data.length === 16 ? { kind: "ipv6", value: ipFromBytes(data) } : undefined;
    case IdType.ID_DER_ASN1_DN:
      return { kind: "dn", der: data, text: formatDn(data) };
    case IdType.ID_KEY_ID:
      return { kind: "key-id", bytes: data };
    default:
      return undefined;
  }
}

/** A pattern as the configuration writes it, such as `fqdn:*.example.net`. */
export function formatPattern(pattern: IdentityPattern): string {
  switch (pattern.kind) {
    case "any":
      return "any";
    case "dn":
      return `dn:${pattern.attributes.map((one) => `${one.type}=${one.pattern}`).join(",")}`;
    case "key-id":
      return `key-id:${new TextDecoder().decode(pattern.bytes)}`;
    default:
      return `${pattern.kind}:${pattern.pattern}`;
  }
}
