import type { KeyObject } from "node:crypto";
import type { Endpoint } from "#lib/ip.ts";
import type { PasswordHash } from "./password-hash-syntax.ts";

/** The status page and the local API over TCP. */
export interface ResolvedWeb {
  readonly listen: readonly Endpoint[];
  /** What a request may call this machine, beside its addresses: the host name first. */
  readonly names: readonly string[];
  readonly tls: ResolvedTls;
  /** Who may log in; empty leaves it to the password that was made on the device. */
  readonly users: Readonly<Record<string, PasswordHash>>;
}

/** How the page is encrypted. */
export type ResolvedTls =
  /** With a certificate of the device's own making on addresses that others reach, not at all on loopback. */
  | { readonly kind: "auto" }
  | { readonly kind: "off" }
  | { readonly kind: "self-signed" }
  /** `chain` is DER, leaf first. */
  | { readonly kind: "given"; readonly chain: readonly Uint8Array[]; readonly key: KeyObject };
