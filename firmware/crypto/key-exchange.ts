import type { RandomSource } from "#lib/engine.ts";
import { InvariantError } from "#lib/invariant.ts";
import { failed, type Result } from "#lib/result.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { ecpExchange } from "./key-exchange-ecp.ts";
import type { KeyExchangeMethod } from "./key-exchange-method.ts";
import { modpExchange } from "./key-exchange-modp.ts";
import { montgomeryExchange } from "./key-exchange-montgomery.ts";

/** Why a peer's public value gives no secret. RFC 6989 §2 */
export interface KeyExchangeFault {
  /** Stable: `crypto.key-exchange.length` (answer INVALID_SYNTAX) or `crypto.key-exchange.value`. */
  readonly code: "crypto.key-exchange.length" | "crypto.key-exchange.value";
  readonly message: string;
}

/** Our half of one Diffie-Hellman exchange. */
export interface KeyExchange {
  /** IANA transform id. */
  readonly method: number;
  /** Key Exchange Data as it goes on the wire, padded to the method's length. RFC 7296 §3.4 */
  readonly publicValue: Uint8Array;
  /**
   * Checks the peer's value as RFC 6989 asks and combines. May be called again with another value: a forged first
   * answer must not spoil the exchange.
   * @returns g^ir, padded to the method's length; the caller wipes it.
   */
  computeSecret(peerPublicValue: Uint8Array): Result<SecretBytes, KeyExchangeFault>;
}

/**
 * Draws a private key and computes the public value. Costs 0.1 ms for x25519 and some milliseconds for MODP 4096.
 * @throws {InvariantError} for a method that `supportsKeyExchange` denies.
 */
export function generateKeyExchange(method: number, random: RandomSource): KeyExchange {
  const found = keyExchangeMethod(method);
  const { publicValue, combine } = found.generate(random);
  return {
    method,
    publicValue,
    computeSecret: (peerPublicValue) => {
      if (peerPublicValue.length !== found.publicValueBytes)
        return failed({
          code: "crypto.key-exchange.length",
          message: `a public value of ${found.name} has ${found.publicValueBytes} bytes, the peer sent ${peerPublicValue.length}`,
        });
      const secret = combine(peerPublicValue);
      if (!secret)
        return failed({
          code: "crypto.key-exchange.value",
          message: `the peer's public value is not a valid one of ${found.name}`,
        });
      return { ok: true, value: secret };
    },
  };
}

/** @throws {InvariantError} for a method that `supportsKeyExchange` denies. */
export function keyExchangeMethod(method: number): KeyExchangeMethod {
  const found = methods.get(method);
  if (!found) throw new InvariantError(`key exchange method ${method} is not supported`);
  return found;
}

/** True when `generateKeyExchange` knows the IANA transform id. */
export function supportsKeyExchange(method: number): boolean {
  return methods.has(method);
}

const methods: ReadonlyMap<number, KeyExchangeMethod> = new Map(
  [
    modpExchange(14, "modp2048", "modp14", 256, 32),
    modpExchange(15, "modp3072", "modp15", 384, 40),
    modpExchange(16, "modp4096", "modp16", 512, 48),
    ecpExchange(19, "ecp256", "prime256v1", 32, 0xff),
    ecpExchange(20, "ecp384", "secp384r1", 48, 0xff),
    ecpExchange(21, "ecp521", "secp521r1", 66, 0x01),
    montgomeryExchange(31, "x25519", 32),
    montgomeryExchange(32, "x448", 56),
  ].map((method) => [method.id, method]),
);
