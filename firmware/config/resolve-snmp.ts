/** The section `snmp` of a complete file becomes what the agent works with. */
import { invariant } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { ConfigPath } from "./config-error.ts";
import { isLoopback } from "./listen-syntax.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedSnmp, SnmpUser } from "./resolved-snmp.ts";
import type { SecretReference } from "./schema-scalars.ts";
import { type FileSnmp, parseSnmpListen, parseTrapTarget } from "./schema-snmp.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

/** @returns undefined when there is no such section, or after telling `problems` what is wrong with it. */
export function resolveSnmp(
  file: FileSnmp | undefined,
  source: SecretSource,
  problems: Problems,
): ResolvedSnmp | undefined {
  if (!file) return undefined;
  const listen = parseSnmpListen(file.listen);
  invariant(listen, "addresses were checked");
  const read = (reference: SecretReference | undefined, path: ConfigPath) =>
    reference === undefined ? undefined : readKey(reference, path, source, problems);
  const community = read(file.community, ["snmp", "community"]);
  const users = Object.entries(file.users).flatMap(([name, user]): readonly SnmpUser[] => {
    const path = ["snmp", "users", name];
    const authPassword = read(user["auth-password"], [...path, "auth-password"]);
    const password = read(user["priv-password"], [...path, "priv-password"]);
    for (const [key, each] of [
      ["auth-password", authPassword],
      ["priv-password", password],
    ] as const)
      if (each && each.length < LEAST_PASSWORD)
        problems.error([...path, key], `is too short (at least ${LEAST_PASSWORD} characters)`);
    if (!authPassword) return [];
    const priv = password && { protocol: user.priv, password };
    return [{ name, auth: user.auth, authPassword, ...(priv && { priv }) }];
  });
  if (file.community === undefined && Object.keys(file.users).length === 0)
    problems.error(
      ["snmp"],
      "nobody may ask (give a community for SNMPv2c, or users for SNMPv3)",
      "key",
    );
  if (file.community !== undefined && !isLoopback(listen.address))
    problems.warning(
      ["snmp", "community"],
      "a community goes through the network in clear (users with auth-password and priv-password do not)",
    );
  return {
    listen,
    ...(community && { community }),
    users,
    traps: file.traps.map(parseTrapTarget).filter((target) => target !== undefined),
    location: file.location,
    contact: file.contact,
  };
}

function readKey(
  reference: SecretReference,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
): SecretBytes | undefined {
  const bytes = readSecret(reference, path, source, problems);
  return bytes && new SecretBytes(bytes);
}

/** RFC 3414 §11.2 */
const LEAST_PASSWORD = 8;
