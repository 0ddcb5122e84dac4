import type { Endpoint } from "#lib/ip.ts";
import type { PasswordHash } from "./password-hash-syntax.ts";

/** The status page and the local API over TCP. */
export interface ResolvedWeb {
  readonly listen: readonly Endpoint[];
  /** What a request may call this machine, beside its addresses: the host name first. */
  readonly names: readonly string[];
  /** Who may log in; empty leaves it to the password that was made on the device. */
  readonly users: Readonly<Record<string, PasswordHash>>;
}
