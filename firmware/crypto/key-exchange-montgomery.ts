import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { KeyExchangeMethod } from "./key-exchange-method.ts";
import { secretOf } from "./secret-of.ts";

/** X25519 and X448: raw values of `length` bytes. RFC 8031 §3 */
export function montgomeryExchange(
  id: number,
  name: "x25519" | "x448",
  length: 32 | 56,
): KeyExchangeMethod {
  return {
    id,
    name,
    publicValueBytes: length,
    generate: (random) => {
      const raw = random(length);
      const privateKey = createPrivateKey({
        key: Buffer.from(raw),
        format: "raw-private",
        asymmetricKeyType: name,
      });
      raw.fill(0);
      const publicValue = createPublicKey(privateKey).export({ format: "raw-public" });
      return {
        publicValue: concatBytes(publicValue),
        combine: (peer) => combine(name, privateKey, peer),
      };
    },
  };
}

/** OpenSSL throws for the values of small order, whose result is all zero and which RFC 8031 §4.1 refuses. */
function combine(
  name: "x25519" | "x448",
  privateKey: KeyObject,
  peer: Uint8Array,
): SecretBytes | undefined {
  try {
    const publicKey = createPublicKey({
      key: Buffer.from(peer),
      format: "raw-public",
      asymmetricKeyType: name,
    });
    const secret = diffieHellman({ privateKey, publicKey });
    return secret.some((byte) => byte !== 0) ? secretOf(secret) : undefined;
  } catch {
    return undefined;
  }
}
