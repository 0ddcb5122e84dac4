/** A user of the configuration as the package has it. */
import snmp, { type User } from "net-snmp";
import type { SnmpUser } from "#config/resolved-snmp.ts";
import type { SecretBytes } from "#lib/secret.ts";

/** Names of the package: AES with 256 bits makes its key after Blumenthal, or after Reeder as Cisco does. */
const privProtocols = { aes: "aes", aes256: "aes256b", "aes256-cisco": "aes256r" } as const;

/** The passwords leave their wrapping here, for a package that keeps them as text. */
export function usmUser({ name, auth, authPassword, priv }: SnmpUser): User {
  return {
    name,
    level: priv ? snmp.SecurityLevel.authPriv : snmp.SecurityLevel.authNoPriv,
    authProtocol: snmp.AuthProtocols[auth],
    authKey: textOf(authPassword),
    ...(priv && {
      privProtocol: snmp.PrivProtocols[privProtocols[priv.protocol]],
      privKey: textOf(priv.password),
    }),
  };
}

const textOf = (secret: SecretBytes): string => new TextDecoder().decode(secret.reveal());
