import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  getDiffieHellman,
  type KeyObject,
} from "node:crypto";
import { invariant } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import {
  DerTag,
  derBitString,
  derInteger,
  derObjectIdentifier,
  derOctetString,
  derSequence,
  readDer,
  readDerConstructed,
} from "./der.ts";
import type { KeyExchangeMethod } from "./key-exchange-method.ts";

/**
 * MODP groups of RFC 3526, whose primes OpenSSL holds. Keys go in and out as PKCS #3 structures, the only form in which
 * node:crypto takes a private exponent for a named group without testing the prime again for seconds.
 *
 * @param exponentBytes twice the group's strength or more; drawn whole from the random source.
 */
export function modpExchange(
  id: number,
  name: string,
  opensslName: string,
  length: number,
  exponentBytes: number,
): KeyExchangeMethod {
  return {
    id,
    name,
    publicValueBytes: length,
    generate: (random) => {
      const group = dhGroup(opensslName);
      const exponent = random(exponentBytes);
      // A set top bit keeps the exponent at its full length and away from zero.
      exponent[0] = (exponent[0] ?? 0) | 0x80;
      const der = derSequence(VERSION, group, derOctetString(derInteger(exponent)));
      const privateKey = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
      exponent.fill(0);
      der.fill(0);
      return {
        publicValue: publicValueOf(privateKey, length),
        combine: (peer) => combine(privateKey, group, peer, length),
      };
    },
  };
}

/** The INTEGER y in the SubjectPublicKeyInfo is shorter than the prime when its first bytes are zero. RFC 7296 §3.4 */
function publicValueOf(privateKey: KeyObject, length: number): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const bits = readDerConstructed(der, DerTag.SEQUENCE)?.[1];
  const y = bits && readDer(bits.content.subarray(1))?.value.content;
  invariant(y, "OpenSSL gives a public key that is no SubjectPublicKeyInfo");
  return padLeft(y, length);
}

/** OpenSSL refuses values outside 2…p-2 and outside the subgroup of order (p-1)/2: RFC 6989 §2.1. */
function combine(
  privateKey: KeyObject,
  group: Uint8Array,
  peer: Uint8Array,
  length: number,
): SecretBytes | undefined {
  try {
    const spki = derSequence(group, derBitString(derInteger(peer)));
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return new SecretBytes(padLeft(diffieHellman({ privateKey, publicKey }), length));
  } catch {
    return undefined;
  }
}

/** AlgorithmIdentifier of PKCS #3 with the group's prime and its generator 2. Made once a group. */
function dhGroup(opensslName: string): Uint8Array {
  const known = groups.get(opensslName);
  if (known) return known;
  const prime = getDiffieHellman(opensslName).getPrime();
  const made = derSequence(
    derObjectIdentifier("1.2.840.113549.1.3.1"),
    derSequence(derInteger(prime), derInteger(Uint8Array.of(2))),
  );
  groups.set(opensslName, made);
  return made;
}

/** Cuts a sign byte, or fills up to `length` with zeros in front. */
function padLeft(value: Uint8Array, length: number): Uint8Array {
  const digits = value.subarray(Math.max(0, value.length - length));
  const padded = new Uint8Array(length);
  padded.set(digits, length - digits.length);
  return padded;
}

const VERSION = derInteger(Uint8Array.of(0));
const groups = new Map<string, Uint8Array>();
