/** An IPv4 or IPv6 address in its canonical text form (RFC 5952 for IPv6), so that equal addresses are equal strings. */
export type IpAddress = string & { readonly __brand: "IpAddress" };
/** A network in canonical form with its host bits zero: `10.1.0.0/16`, `fd00:1::/64`. */
export type Prefix = string & { readonly __brand: "Prefix" };
/** An address with the length of the network it is on, host bits kept: `10.250.1.7/32`. */
export type InterfaceAddress = string & { readonly __brand: "InterfaceAddress" };
export type IpFamily = 4 | 6;

/** A UDP address. `port` is 0 to 65535. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** `203.0.113.2:4500`, `[2001:db8::1]:4500`. */
export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Reads an address; undefined when `text` is none. Zones (`%eth0`) and IPv4 with leading zeros are refused. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return bytes && ipFromBytes(bytes);
}

export function ipFamily(address: IpAddress | Prefix | InterfaceAddress): IpFamily {
  return address.includes(":") ? 6 : 4;
}

/** The address as 4 or 16 bytes in network order. */
export function ipBytes(address: IpAddress): Uint8Array {
  const bytes = address.includes(":") ? parseIpv6(address) : parseIpv4(address);
  if (!bytes) throw new RangeError(`not an address: ${address}`);
  return bytes;
}

/** The canonical text of 4 or 16 bytes in network order. @throws {RangeError} for any other length. */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return bytes.join(".") as IpAddress;
  if (bytes.length === 16) return formatIpv6(bytes) as IpAddress;
  throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
}

/** Reads `ADDRESS/LENGTH` and zeroes the host bits; a bare address is a host prefix. Undefined when `text` is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [head = "", tail, ...more] = text.split("/");
  const address = parseIpAddress(head);
  if (!address || more.length > 0) return undefined;
  const longest = ipFamily(address) === 4 ? 32 : 128;
  if (tail !== undefined && !/^\d{1,3}$/.test(tail)) return undefined;
  const length = tail === undefined ? longest : Number(tail);
  return length > longest ? undefined : prefixOf(address, length);
}

/** The network of `length` bits that holds `address`. */
export function prefixOf(address: IpAddress, length: number): Prefix {
  const bytes = ipBytes(address).map((byte, index) => byte & maskByte(length, index));
  return `${ipFromBytes(bytes)}/${length}` as Prefix;
}

/** `10.250.1.7` and 32 make `10.250.1.7/32`. */
export function interfaceAddress(address: IpAddress, length: number): InterfaceAddress {
  return `${address}/${length}` as InterfaceAddress;
}

/** Splits a prefix or interface address. */
export function splitPrefix(prefix: Prefix | InterfaceAddress): {
  address: IpAddress;
  length: number;
} {
  const slash = prefix.indexOf("/");
  return { address: prefix.slice(0, slash) as IpAddress, length: Number(prefix.slice(slash + 1)) };
}

/** True when every address of `inner` is in `outer`; families never mix. */
export function prefixContains(outer: Prefix, inner: Prefix | IpAddress): boolean {
  const network = splitPrefix(outer);
  const [address, length] = inner.includes("/")
    ? [splitPrefix(inner as Prefix).address, splitPrefix(inner as Prefix).length]
    : [inner as IpAddress, ipFamily(inner) === 4 ? 32 : 128];
  return (
    ipFamily(outer) === ipFamily(inner) &&
    network.length <= length &&
    prefixOf(address, network.length) === outer
  );
}

/** First and last address of a prefix. */
export function prefixRange(prefix: Prefix): { first: IpAddress; last: IpAddress } {
  const { address, length } = splitPrefix(prefix);
  const last = ipBytes(address).map((byte, index) => byte | (0xff & ~maskByte(length, index)));
  return { first: address, last: ipFromBytes(last) };
}

/** The shortest list of prefixes that covers exactly `first` to `last`, in order; empty when they are reversed or mixed. */
export function rangeToPrefixes(first: IpAddress, last: IpAddress): readonly Prefix[] {
  if (ipFamily(first) !== ipFamily(last)) return [];
  const bits = ipFamily(first) === 4 ? 32 : 128;
  const end = toBigInt(ipBytes(last));
  const prefixes: Prefix[] = [];
  let start = toBigInt(ipBytes(first));
  while (start <= end) {
    let hostBits = 0;
    while (hostBits < bits) {
      const size = 1n << BigInt(hostBits + 1);
      if (start % size !== 0n || start + size - 1n > end) break;
      hostBits++;
    }
    prefixes.push(`${ipFromBytes(fromBigInt(start, bits / 8))}/${bits - hostBits}` as Prefix);
    start += 1n << BigInt(hostBits);
  }
  return prefixes;
}

/** Orders addresses of one family by their bytes; negative when `a` is lower. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  const [left, right] = [toBigInt(ipBytes(a)), toBigInt(ipBytes(b))];
  return left < right ? -1 : left > right ? 1 : 0;
}

function maskByte(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function fromBigInt(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = length - 1, rest = value; index >= 0; index--, rest >>= 8n)
    bytes[index] = Number(rest & 0xffn);
  return bytes;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  ) {
    return undefined;
  }
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === "" ? [] : expandGroups(half)));
  const [head, tail] = groups;
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const words = [...head, ...Array<number>(missing).fill(0), ...(tail ?? [])];
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

/** The 16-bit groups of a half of an IPv6 address, the last one of which may be an IPv4 address. */
function expandGroups(half: string): number[] | undefined {
  const words: number[] = [];
  const parts = half.split(":");
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (dotted) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted;
      words.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      words.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return words;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`, the first of equals. */
function formatIpv6(bytes: Uint8Array): string {
  const words = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (part: number[]) => part.map((word) => word.toString(16)).join(":");
  if (best.start < 0) return text(words);
  return `${text(words.slice(0, best.start))}::${text(words.slice(best.start + best.length))}`;
}
