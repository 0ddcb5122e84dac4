import { type IpAddress, ipBytes, type Prefix, parseIpAddress, prefixOf } from "#lib/ip.ts";

/** The length that a mask such as 255.255.255.0 stands for; undefined when its ones are not at its beginning. */
export function maskLength(mask: string): number | undefined {
  const address = parseIpAddress(mask);
  if (!address || address.includes(":")) return undefined;
  const bits = Array.from(ipBytes(address), (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}

/** `10.1.0.0` and `255.255.0.0` make `10.1.0.0/16`. */
export function prefixFromMask(text: string, mask: string): Prefix | undefined {
  const [address, length] = [parseIpAddress(text), maskLength(mask)];
  return address && length !== undefined && !address.includes(":")
    ? prefixOf(address as IpAddress, length)
    : undefined;
}
