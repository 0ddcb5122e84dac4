/** The virtual hub's configuration payload: addresses from a pool, DNS, networks behind it, banner. RFC 7296 §2.19 */
import { concatBytes } from "#lib/bytes.ts";
import { type IpAddress, ipBytes, ipFamily, type Prefix, splitPrefix } from "#lib/ip.ts";
import type { WireAttribute } from "./wire.ts";

/** CFG types. RFC 7296 §3.15 */
export const CFG = { REQUEST: 1, REPLY: 2, SET: 3, ACK: 4 } as const;

/** Attribute types the hub speaks of; 28672 and up are Cisco's. */
export const ATTRIBUTE = {
  INTERNAL_IP4_ADDRESS: 1,
  INTERNAL_IP4_NETMASK: 2,
  INTERNAL_IP4_DNS: 3,
  APPLICATION_VERSION: 7,
  INTERNAL_IP6_ADDRESS: 8,
  INTERNAL_IP6_DNS: 10,
  INTERNAL_IP4_SUBNET: 13,
  INTERNAL_IP6_SUBNET: 15,
  INTERNAL_DNS_DOMAIN: 25,
  BANNER: 28_672,
  DEF_DOMAIN: 28_674,
  BACKUP_SERVERS: 28_681,
} as const;

/** What the hub hands out. An absent pool address means it has none to give. */
export interface Handout {
  readonly ipv4?: IpAddress;
  /** With the length of its prefix, host bits kept: `fd00:250::7/64`. */
  readonly ipv6?: { readonly address: IpAddress; readonly length: number };
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  readonly subnets: readonly Prefix[];
  readonly banner?: string;
  /** Gateways it names as its backups, an attribute each: text, or bytes that are sent as they are. */
  readonly backupServers?: readonly (string | Uint8Array)[];
}

/** Which addresses a request asks for. */
export function wishes(attributes: readonly WireAttribute[]): { ipv4: boolean; ipv6: boolean } {
  const asks = (type: number) => attributes.some((attribute) => attribute.type === type);
  return {
    ipv4: asks(ATTRIBUTE.INTERNAL_IP4_ADDRESS),
    ipv6: asks(ATTRIBUTE.INTERNAL_IP6_ADDRESS),
  };
}

/** The attributes of the reply: what was asked for and is there, then what gateways send unasked. */
export function reply(asked: { ipv4: boolean; ipv6: boolean }, handout: Handout): WireAttribute[] {
  const attributes: WireAttribute[] = [];
  const add = (type: number, value: Uint8Array) => attributes.push({ type, value });
  if (asked.ipv4 && handout.ipv4) add(ATTRIBUTE.INTERNAL_IP4_ADDRESS, ipBytes(handout.ipv4));
  if (asked.ipv6 && handout.ipv6) {
    const { address, length } = handout.ipv6;
    add(ATTRIBUTE.INTERNAL_IP6_ADDRESS, concatBytes(ipBytes(address), Uint8Array.of(length)));
  }
  for (const server of handout.dns) {
    const isV4 = ipFamily(server) === 4;
    add(isV4 ? ATTRIBUTE.INTERNAL_IP4_DNS : ATTRIBUTE.INTERNAL_IP6_DNS, ipBytes(server));
  }
  for (const domain of handout.domains) add(ATTRIBUTE.INTERNAL_DNS_DOMAIN, text(domain));
  for (const subnet of handout.subnets) add(...subnetAttribute(subnet));
  if (handout.banner !== undefined) add(ATTRIBUTE.BANNER, text(handout.banner));
  for (const server of handout.backupServers ?? []) {
    add(ATTRIBUTE.BACKUP_SERVERS, typeof server === "string" ? text(server) : server);
  }
  return attributes;
}

/** IPv4 networks carry a mask, IPv6 ones a length. RFC 7296 §3.15.1 */
function subnetAttribute(subnet: Prefix): [number, Uint8Array] {
  const { address, length } = splitPrefix(subnet);
  if (ipFamily(address) === 6) {
    const value = concatBytes(ipBytes(address), Uint8Array.of(length));
    return [ATTRIBUTE.INTERNAL_IP6_SUBNET, value];
  }
  const mask = new Uint8Array(4);
  new DataView(mask.buffer).setUint32(0, length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0);
  return [ATTRIBUTE.INTERNAL_IP4_SUBNET, concatBytes(ipBytes(address), mask)];
}

const text = (value: string) => new TextEncoder().encode(value);
