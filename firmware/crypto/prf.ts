import { createHmac, type KeyObject } from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import { InvariantError, invariant } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import { hmacKey } from "./hmac-key.ts";

/** A pseudorandom function of transform type 2. RFC 7296 §2.13 */
export interface Prf {
  /** IANA transform id: 2, 5, 6 or 7. */
  readonly id: number;
  /** As logs and `show` print it: `hmac-sha2-256`. */
  readonly name: string;
  /** Preferred key length in bytes: the length of SK_d, SK_pi and SK_pr. */
  readonly keyLength: number;
  /** Bytes of one output. */
  readonly outputLength: number;
  /** prf(key, part | part | …). The result is a new buffer that the caller owns; wrap it when it is a key. */
  compute(
    key: SecretBytes | Uint8Array | KeyObject,
    ...parts: readonly (SecretBytes | Uint8Array)[]
  ): Uint8Array;
}

/** @throws {InvariantError} for an id that `supportsPrf` denies. */
export function prf(id: number): Prf {
  const found = prfs.get(id);
  if (!found) throw new InvariantError(`PRF ${id} is not supported`);
  return found;
}

/** True when `prf` knows the transform id. */
export function supportsPrf(id: number): boolean {
  return prfs.has(id);
}

/**
 * prf+(key, seed) cut to `length` bytes; the caller owns and wipes the result.
 *
 * Source: RFC 7296 §2.13.
 *
 * @throws {InvariantError} when `length` needs more than 255 blocks.
 */
export function prfPlus(
  prf: Prf,
  key: SecretBytes | Uint8Array,
  seed: SecretBytes | Uint8Array,
  length: number,
): SecretBytes {
  const blocks = Math.ceil(length / prf.outputLength);
  invariant(blocks <= 255, `prf+ gives at most 255 blocks, ${length} bytes were asked for`);
  const stream = new Uint8Array(blocks * prf.outputLength);
  const blockKey = hmacKey(key);
  let previous: Uint8Array = new Uint8Array(0);
  for (let block = 1; block <= blocks; block++) {
    const next = prf.compute(blockKey, previous, seed, Uint8Array.of(block));
    previous.fill(0);
    previous = next;
    stream.set(previous, (block - 1) * prf.outputLength);
  }
  previous.fill(0);
  const material = stream.slice(0, length);
  stream.fill(0);
  return new SecretBytes(material);
}

function hmacPrf(id: number, name: string, hash: string, length: number): [number, Prf] {
  const compute: Prf["compute"] = (key, ...parts) => {
    const mac = createHmac(hash, hmacKey(key));
    for (const part of parts) mac.update(part instanceof SecretBytes ? part.reveal() : part);
    return concatBytes(mac.digest());
  };
  return [id, { id, name, keyLength: length, outputLength: length, compute }];
}

const prfs: ReadonlyMap<number, Prf> = new Map([
  hmacPrf(2, "hmac-sha1", "sha1", 20),
  hmacPrf(5, "hmac-sha2-256", "sha256", 32),
  hmacPrf(6, "hmac-sha2-384", "sha384", 48),
  hmacPrf(7, "hmac-sha2-512", "sha512", 64),
]);
