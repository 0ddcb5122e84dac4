import type { Endpoint } from "#lib/ip.ts";
import { isWildcard, parseListenEndpoint } from "./listen-syntax.ts";
import { type PasswordHash, parsePasswordHash } from "./password-hash-syntax.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedWeb } from "./resolved-web.ts";
import type { FileWeb } from "./schema-web.ts";

/** Tells `problems` what of the section can't work or is probably not meant. */
export function checkWeb(web: FileWeb, problems: Problems): void {
  const seen = new Set<string>();
  for (const [index, text] of web.listen.entries()) {
    const endpoint = parseListenEndpoint(text);
    const path = ["web", "listen", index];
    if (endpoint && isWildcard(endpoint.address))
      problems.warning(
        path,
        "opens the page towards the WAN, too (name the router's own LAN address)",
      );
    const key = endpoint ? `${endpoint.address} ${endpoint.port}` : text;
    if (seen.has(key)) problems.error(path, "is here twice (each address and port once)");
    seen.add(key);
  }
}

/** @param web was validated by its schema. */
export function resolveWeb(web: FileWeb, hostname: string): ResolvedWeb {
  const users = Object.entries(web.users).map(
    ([name, user]) => [name, parsePasswordHash(user["password-hash"]) as PasswordHash] as const,
  );
  return {
    listen: web.listen.map((text) => parseListenEndpoint(text) as Endpoint),
    names: [...new Set([hostname, ...web.names].map((name) => name.toLowerCase()))],
    users: Object.fromEntries(users),
  };
}
