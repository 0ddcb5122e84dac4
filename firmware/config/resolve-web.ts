import type { Endpoint } from "#lib/ip.ts";
import { isLoopback, isWildcard, parseListenEndpoint } from "./listen-syntax.ts";
import { type PasswordHash, parsePasswordHash } from "./password-hash-syntax.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedTls, ResolvedWeb } from "./resolved-web.ts";
import type { FileWeb } from "./schema-web.ts";
import type { SecretSource } from "./secret-source.ts";
import { loadCertificate } from "./trustpoint.ts";

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
    if (endpoint && (web.tls === "off" || web.tls === false) && !isLoopback(endpoint.address))
      problems.warning(path, "passwords cross the LAN in clear (remove web.tls: off)");
    const key = endpoint ? `${endpoint.address} ${endpoint.port}` : text;
    if (seen.has(key)) problems.error(path, "is here twice (each address and port once)");
    seen.add(key);
  }
}

/**
 * @param web was validated by its schema.
 * @returns a best effort where `problems` has errors.
 */
export function resolveWeb(
  web: FileWeb,
  hostname: string,
  source: SecretSource,
  problems: Problems,
): ResolvedWeb {
  const users = Object.entries(web.users).map(
    ([name, user]) => [name, parsePasswordHash(user["password-hash"]) as PasswordHash] as const,
  );
  return {
    listen: web.listen.map((text) => parseListenEndpoint(text) as Endpoint),
    names: [...new Set([hostname, ...web.names].map((name) => name.toLowerCase()))],
    tls: resolveTls(web, source, problems),
    users: Object.fromEntries(users),
  };
}

function resolveTls({ tls }: FileWeb, source: SecretSource, problems: Problems): ResolvedTls {
  const path = ["web", "tls"];
  if (tls === undefined) return { kind: "auto" };
  if (typeof tls !== "object") return { kind: "off" };
  const { "self-signed": selfSigned, ...files } = tls;
  const isGiven = files.certificate !== undefined || files.key !== undefined;
  if (selfSigned && isGiven)
    problems.error(path, "self-signed and a certificate exclude each other (remove one)", "key");
  if (!selfSigned && !isGiven)
    problems.error(path, "says nothing (self-signed: true, or certificate and key)", "key");
  if (!isGiven) return { kind: "self-signed" };
  const own = loadCertificate(files, path, source, problems);
  return own ? { kind: "given", chain: own.chain, key: own.key } : { kind: "off" };
}
