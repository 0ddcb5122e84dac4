import type { Endpoint } from "#lib/ip.ts";
import type { SecretBytes } from "#lib/secret.ts";

/** Who may ask by SNMP, and who is told by traps. */
export interface ResolvedSnmp {
  readonly listen: Endpoint;
  /** SNMPv2c; without it nobody may ask by v2c. */
  readonly community?: SecretBytes;
  readonly users: readonly SnmpUser[];
  readonly traps: readonly { readonly host: string; readonly port: number }[];
  readonly location: string;
  readonly contact: string;
}

/** A user of the User-based Security Model. RFC 3414 */
export interface SnmpUser {
  readonly name: string;
  readonly auth: "sha" | "sha224" | "sha256" | "sha384" | "sha512";
  readonly authPassword: SecretBytes;
  /** Absent: authenticated and not encrypted. `aes256-cisco` makes its key in the way of Cisco. */
  readonly priv?: {
    readonly protocol: "aes" | "aes256" | "aes256-cisco";
    readonly password: SecretBytes;
  };
}
