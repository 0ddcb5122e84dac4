import type { ConfigPath } from "./config-error.ts";

/** What stands in the place of a secret; a file that has it is refused, so that it can't become one. */
export const MASK = "•••";

/** Every place of the file that holds a secret or a reference to one; `*` stands for any name. */
export const secretPaths: readonly (readonly string[])[] = [
  ["pki", "trustpoints", "*", "key"],
  ["ikev2", "profiles", "*", "local", "psk"],
  ["ikev2", "profiles", "*", "remote", "psk"],
  ["dialers", "*", "pppoe", "password"],
  ["web", "tls", "key"],
  ["mqtt", "password"],
  ["mqtt", "key"],
  ["syslog", "key"],
  ["snmp", "community"],
  ["snmp", "users", "*", "auth-password"],
  ["snmp", "users", "*", "priv-password"],
];

/** No secret, but whoever has it may guess at leisure: masked all the same. */
const hashPath = ["web", "users", "*", "password-hash"] as const;

/** True when what stands at `path` is not to be shown. */
export function isMasked(path: ConfigPath): boolean {
  return [...secretPaths, hashPath].some(
    (masked) =>
      masked.length === path.length &&
      masked.every((step, index) => step === "*" || step === path[index]),
  );
}

/** The part of `path` that leads to a secret, when `path` is that or leads into it. */
export function secretAt(path: ConfigPath): ConfigPath | undefined {
  const pattern = secretPaths.find(
    (secret) =>
      secret.length <= path.length &&
      secret.every((step, index) => step === "*" || step === path[index]),
  );
  return pattern && path.slice(0, pattern.length);
}
