/** Names of algorithms in the configuration, and their numbers in IANA's "IKEv2 Parameters" registry. */
import type { CipherChoice } from "#ike/connection.ts";

export interface CipherName extends CipherChoice {
  /** Authenticates too: no integrity algorithm goes with it. */
  readonly isAead: boolean;
}

/** An AEAD cipher in its three ICV lengths: 16 octets under the plain name, shorter ones by suffix. RFC 4106, RFC 4309 */
function aead(name: string, ids: { icv8: number; icv12: number; icv16: number }) {
  const entries: [string, CipherName][] = [];
  for (const keyLength of [256, 192, 128])
    entries.push(
      [`${name}-${keyLength}`, { id: ids.icv16, keyLength, isAead: true }],
      [`${name}-${keyLength}-icv12`, { id: ids.icv12, keyLength, isAead: true }],
      [`${name}-${keyLength}-icv8`, { id: ids.icv8, keyLength, isAead: true }],
    );
  return entries;
}

/** Transform type 1. */
export const encryptionNames: ReadonlyMap<string, CipherName> = new Map([
  ...aead("aes-gcm", { icv8: 18, icv12: 19, icv16: 20 }),
  ["chacha20-poly1305", { id: 28, isAead: true }],
  ...aead("aes-ccm", { icv8: 14, icv12: 15, icv16: 16 }),
  ["aes-cbc-256", { id: 12, keyLength: 256, isAead: false }],
  ["aes-cbc-192", { id: 12, keyLength: 192, isAead: false }],
  ["aes-cbc-128", { id: 12, keyLength: 128, isAead: false }],
]);

/** Transform type 2. */
export const prfNames: ReadonlyMap<string, number> = new Map([
  ["sha384", 6],
  ["sha256", 5],
  ["sha512", 7],
  ["sha1", 2],
]);

/** Transform type 3. */
export const integrityNames: ReadonlyMap<string, number> = new Map([
  ["sha256", 12],
  ["sha384", 13],
  ["sha512", 14],
  ["sha1", 2],
]);

/** Transform type 4. */
export const keyExchangeNames: ReadonlyMap<string, number> = new Map([
  ["x25519", 31],
  ["ecp256", 19],
  ["ecp384", 20],
  ["ecp521", 21],
  ["x448", 32],
  ["modp2048", 14],
  ["modp3072", 15],
  ["modp4096", 16],
]);

/** The name of an encryption transform; `undefined` for one that the configuration can't name. */
export function encryptionName(choice: CipherChoice): string | undefined {
  for (const [name, { id, keyLength }] of encryptionNames)
    if (id === choice.id && keyLength === choice.keyLength) return name;
  return undefined;
}

/** The name of a transform in one of the tables above; `undefined` when it is not there. */
export function algorithmName(
  table: ReadonlyMap<string, number>,
  transformId: number,
): string | undefined {
  for (const [name, id] of table) if (id === transformId) return name;
  return undefined;
}
