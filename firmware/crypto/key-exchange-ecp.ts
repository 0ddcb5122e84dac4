import { createECDH, type ECDH } from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import type { RandomSource } from "#lib/engine.ts";
import { InvariantError } from "#lib/invariant.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { KeyExchangeMethod } from "./key-exchange-method.ts";
import { secretOf } from "./secret-of.ts";

/**
 * ECP groups: x | y without the leading 0x04 on the wire, the x coordinate as secret, both padded to the field.
 *
 * Source: RFC 5903 §7, §9.
 *
 * @param firstByteMask bits of the order's first byte, so that drawn scalars are seldom out of range.
 */
export function ecpExchange(
  id: number,
  name: string,
  curve: string,
  fieldBytes: number,
  firstByteMask: number,
): KeyExchangeMethod {
  return {
    id,
    name,
    publicValueBytes: 2 * fieldBytes,
    generate: (random) => {
      const ecdh = drawKey(curve, fieldBytes, firstByteMask, random);
      return {
        publicValue: concatBytes(ecdh.getPublicKey().subarray(1)),
        combine: (peer) => combine(ecdh, peer),
      };
    },
  };
}

/** Draws until the scalar is in range: a second draw has a chance of 2^-32 on P-256 and less on the others. */
function drawKey(
  curve: string,
  fieldBytes: number,
  firstByteMask: number,
  random: RandomSource,
): ECDH {
  for (let attempt = 0; attempt < 64; attempt++) {
    const scalar = random(fieldBytes);
    scalar[0] = (scalar[0] ?? 0) & firstByteMask;
    const ecdh = createECDH(curve);
    try {
      ecdh.setPrivateKey(scalar);
      return ecdh;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === OUT_OF_RANGE)) throw error;
    } finally {
      scalar.fill(0);
    }
  }
  throw new InvariantError("the random source gives no scalar in range");
}

/** OpenSSL refuses points that are not on the curve, the point at infinity has no encoding of this length: RFC 6989 §2.3. */
function combine(ecdh: ECDH, peer: Uint8Array): SecretBytes | undefined {
  try {
    return secretOf(ecdh.computeSecret(concatBytes(UNCOMPRESSED, peer)));
  } catch {
    return undefined;
  }
}

/** What node:crypto says of a scalar that is 0 or not below the order. */
const OUT_OF_RANGE = "ERR_CRYPTO_INVALID_KEYTYPE";
const UNCOMPRESSED = Uint8Array.of(0x04);
