import { parseIpAddress } from "#lib/ip.ts";
import { isDnsName } from "./identity-syntax.ts";
import type { SlaHost } from "./resolved-sla.ts";

/** Reads `203.0.113.1`, `2001:db8::1` or `portal.example.net`; undefined when it is neither address nor name. */
export function parseHost(text: string): SlaHost | undefined {
  const address = parseIpAddress(text);
  if (address) return { kind: "address", address };
  // Four numbers that are no address are a mistyped one, not a name.
  return isDnsName(text) && !/^[\d.]+$/.test(text) ? { kind: "name", name: text } : undefined;
}

/** Reads `10.0.0.10:443`, `[2001:db8::1]:7` or `portal.example.net:443`; undefined when it has no host or no port. */
export function parseHostPort(text: string): { host: SlaHost; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match && parseHost(match[1] ?? match[2] ?? "");
  const port = Number(match?.[3]);
  return host && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** Reads an http or https URL without user and password; undefined when it is none. */
export function parseWebUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return parseHost(host) ? url : undefined;
}
