import { type Endpoint, type IpAddress, parseIpAddress } from "#lib/ip.ts";

/** Reads `192.168.12.1:8080` or `[::1]:8080`; undefined when it is no address with port. */
export function parseListenEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match && parseIpAddress(match[1] ?? match[2] ?? "");
  const port = Number(match?.[3]);
  return address && port >= 1 && port <= 65_535 ? { address, port } : undefined;
}

/** True when nobody but this machine can reach it. */
export const isLoopback = (address: IpAddress): boolean =>
  address.startsWith("127.") || address === "::1";

/** True for the address that stands for all of the machine's. */
export const isWildcard = (address: IpAddress): boolean =>
  address === "0.0.0.0" || address === "::";
