import { type Endpoint, parseIpAddress } from "#lib/ip.ts";

/** Reads `127.0.0.1:8080` or `[::1]:8080`; undefined when it is no address with port, or not one of the loopback. */
export function parseLoopbackEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match && parseIpAddress(match[1] ?? match[2] ?? "");
  const port = Number(match?.[3]);
  if (!address || port < 1 || port > 65_535) return undefined;
  return address.startsWith("127.") || address === "::1" ? { address, port } : undefined;
}
