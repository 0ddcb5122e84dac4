import { createHmac } from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import { InvariantError } from "#lib/invariant.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { hmacKey } from "./hmac-key.ts";

/** An integrity algorithm of transform type 3. Lengths are in bytes. RFC 7296 §3.3.2 */
export interface IntegrityAlgorithm {
  /** IANA transform id: 2, 12, 13 or 14. */
  readonly id: number;
  /** As logs and `show` print it: `hmac-sha2-256-128`. */
  readonly name: string;
  readonly keyBytes: number;
  /** What is left of the output after truncation. RFC 4868 §2.3 */
  readonly icvBytes: number;
  /** The truncated tag over the parts joined, in a new buffer. */
  compute(key: SecretBytes, ...parts: readonly Uint8Array[]): Uint8Array;
}

/** @throws {InvariantError} for an id that `supportsIntegrity` denies. */
export function integrity(id: number): IntegrityAlgorithm {
  const found = algorithms.get(id);
  if (!found) throw new InvariantError(`integrity algorithm ${id} is not supported`);
  return found;
}

/** True when `integrity` knows the transform id. */
export function supportsIntegrity(id: number): boolean {
  return algorithms.has(id);
}

function hmac(
  id: number,
  name: string,
  hash: string,
  keyBytes: number,
  icvBytes: number,
): [number, IntegrityAlgorithm] {
  const compute: IntegrityAlgorithm["compute"] = (key, ...parts) => {
    const mac = createHmac(hash, hmacKey(key));
    for (const part of parts) mac.update(part);
    return concatBytes(mac.digest().subarray(0, icvBytes));
  };
  return [id, { id, name, keyBytes, icvBytes, compute }];
}

const algorithms: ReadonlyMap<number, IntegrityAlgorithm> = new Map([
  hmac(2, "hmac-sha1-96", "sha1", 20, 12),
  hmac(12, "hmac-sha2-256-128", "sha256", 32, 16),
  hmac(13, "hmac-sha2-384-192", "sha384", 48, 24),
  hmac(14, "hmac-sha2-512-256", "sha512", 64, 32),
]);
