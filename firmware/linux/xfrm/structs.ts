/**
 * The structs that XFRM messages share: addresses, selectors, SA ids, lifetimes, templates. Pure bytes. Source:
 * linux/xfrm.h.
 */
import {
  type Endpoint,
  type IpAddress,
  ipBytes,
  ipFamily,
  ipFromBytes,
  type Prefix,
  prefixOf,
  splitPrefix,
} from "#lib/ip.ts";
import { type NetlinkWriter, structView } from "../netlink/codec.ts";
import { addressFamily, NO_LIMIT, PROTOCOL_ESP } from "./uapi.ts";

/** AF_INET or AF_INET6 of an address or prefix. */
export function familyOf(address: IpAddress | Prefix): number {
  return ipFamily(address) === 4 ? addressFamily.ipv4 : addressFamily.ipv6;
}

/** False for AF_UNSPEC and for families that are not IP. */
export function isIpFamily(family: number): boolean {
  return family === addressFamily.ipv4 || family === addressFamily.ipv6;
}

/** xfrm_address_t: 16 bytes, IPv4 in the first four. */
export function writeAddress(writer: NetlinkWriter, address: IpAddress): void {
  const bytes = ipBytes(address);
  writer.bytes(bytes).zeros(16 - bytes.length);
}

export function readAddress(bytes: Uint8Array, offset: number, family: number): IpAddress {
  return ipFromBytes(bytes.subarray(offset, offset + (family === addressFamily.ipv6 ? 16 : 4)));
}

/** struct xfrm_id, 24 bytes. */
export function writeSaId(writer: NetlinkWriter, destination: IpAddress, spi: number): void {
  writeAddress(writer, destination);
  writer.be32(spi).u8(PROTOCOL_ESP).zeros(3);
}

/** struct xfrm_selector, 56 bytes, of all protocols and ports between two prefixes of one family. */
export function writeSelector(writer: NetlinkWriter, source: Prefix, destination: Prefix): void {
  const [from, to] = [splitPrefix(source), splitPrefix(destination)];
  writeAddress(writer, to.address);
  writeAddress(writer, from.address);
  writer.zeros(8).u16(familyOf(source)).u8(to.length).u8(from.length).zeros(12);
}

export function readSelector(
  bytes: Uint8Array,
  offset: number,
): { source: Prefix; destination: Prefix } {
  const view = structView(bytes);
  const family = view.getUint16(offset + 40, true);
  return {
    destination: prefixOf(readAddress(bytes, offset, family), view.getUint8(offset + 42)),
    source: prefixOf(readAddress(bytes, offset + 16, family), view.getUint8(offset + 43)),
  };
}

interface Lifetime {
  readonly softSeconds?: number;
  readonly hardSeconds?: number;
  readonly softBytes?: number;
  readonly hardBytes?: number;
}

/** struct xfrm_lifetime_cfg, 64 bytes. A limit of zero bytes would expire at once; zero seconds is no limit. */
export function writeLifetime(writer: NetlinkWriter, lifetime: Lifetime): void {
  const count = (limit: number | undefined) => (limit === undefined ? NO_LIMIT : BigInt(limit));
  const time = (limit: number | undefined) => BigInt(limit ?? 0);
  writer.u64(count(lifetime.softBytes)).u64(count(lifetime.hardBytes));
  writer.u64(NO_LIMIT).u64(NO_LIMIT);
  writer.u64(time(lifetime.softSeconds)).u64(time(lifetime.hardSeconds));
  writer.u64(0n).u64(0n);
}

export function readEndpoint(
  bytes: Uint8Array,
  address: number,
  port: number,
  family: number,
): Endpoint {
  return { address: readAddress(bytes, address, family), port: structView(bytes).getUint16(port) };
}
