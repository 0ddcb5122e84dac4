/** The virtual hub's key exchange and key derivation, straight from RFC 7296 §2.13 to §2.18 on node:crypto. */
import {
  createECDH,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  getDiffieHellman,
} from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import {
  ALGORITHM,
  type EspSuite,
  encryptionKeyBytes,
  type IkeSuite,
  integrityKeyBytes,
  prfHash,
} from "./suite.ts";

/** One side of a key exchange. */
export interface Exchange {
  readonly method: number;
  readonly publicValue: Uint8Array;
  /** @returns undefined when the peer's value is not one of the group. */
  agree(peer: Uint8Array): Uint8Array | undefined;
}

/** The seven keys of an IKE SA. RFC 7296 §2.14 */
export interface IkeKeys {
  readonly d: Uint8Array;
  readonly initiator: DirectionKeys;
  readonly responder: DirectionKeys;
  readonly pi: Uint8Array;
  readonly pr: Uint8Array;
}

/** What protects one direction. */
export interface DirectionKeys {
  readonly encryption: Uint8Array;
  readonly integrity: Uint8Array;
}

export function newExchange(method: number): Exchange {
  if (method === ALGORITHM.X25519) return x25519();
  if (method === ALGORITHM.ECP_256) return ecp(method, "prime256v1");
  if (method === ALGORITHM.ECP_384) return ecp(method, "secp384r1");
  if (method === ALGORITHM.MODP_2048) return modp2048();
  throw new RangeError(`the virtual hub has no key exchange ${method}`);
}

function x25519(): Exchange {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const own = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return {
    method: ALGORITHM.X25519,
    publicValue: Uint8Array.from(own),
    agree: (peer) =>
      attempt(() => {
        const x = Buffer.from(peer).toString("base64url");
        const key = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
        return diffieHellman({ privateKey, publicKey: key });
      }),
  };
}

function ecp(method: number, curve: string): Exchange {
  const own = createECDH(curve);
  const publicValue = Uint8Array.from(own.generateKeys().subarray(1));
  return {
    method,
    publicValue,
    agree: (peer) => attempt(() => own.computeSecret(concatBytes(Uint8Array.of(4), peer))),
  };
}

function modp2048(): Exchange {
  const own = getDiffieHellman("modp14");
  const publicValue = leftPad(own.generateKeys(), 256);
  return {
    method: ALGORITHM.MODP_2048,
    publicValue,
    agree: (peer) =>
      peer.length === 256 ? attempt(() => leftPad(own.computeSecret(peer), 256)) : undefined,
  };
}

function attempt(compute: () => Uint8Array): Uint8Array | undefined {
  try {
    return Uint8Array.from(compute());
  } catch {
    return undefined;
  }
}

function leftPad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

/** The PRF of a suite over the joined data. */
export function prf(id: number, key: Uint8Array, ...data: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac(prfHash(id), key);
  for (const part of data) hmac.update(part);
  return Uint8Array.from(hmac.digest());
}

/** RFC 7296 §2.13 */
export function prfPlus(id: number, key: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  let made = 0;
  let last: Uint8Array = new Uint8Array();
  for (let count = 1; made < length; count++) {
    last = prf(id, key, last, seed, Uint8Array.of(count));
    blocks.push(last);
    made += last.length;
  }
  return concatBytes(...blocks).subarray(0, length);
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** What goes into the keys of a new IKE SA. Nonces and SPIs are those of its exchange's initiator and responder. */
export interface IkeKeyInput {
  readonly suite: IkeSuite;
  readonly secret: Uint8Array;
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
  readonly spiInitiator: bigint;
  readonly spiResponder: bigint;
  /** The SA being rekeyed. RFC 7296 §2.18 */
  readonly old?: { readonly prf: number; readonly d: Uint8Array };
}

/** RFC 7296 §2.14 and §2.18 */
export function deriveIke(input: IkeKeyInput): IkeKeys {
  const { suite, secret, old } = input;
  const nonces = concatBytes(input.nonceInitiator, input.nonceResponder);
  const skeyseed = old ? prf(old.prf, old.d, secret, nonces) : prf(suite.prf, nonces, secret);
  const seed = concatBytes(nonces, u64(input.spiInitiator), u64(input.spiResponder));
  const prfBytes = { 2: 20, 5: 32, 6: 48, 7: 64 }[suite.prf] ?? 32;
  const encryption = encryptionKeyBytes(suite.encryption, suite.keyLength);
  const integrity = integrityKeyBytes(suite.integrity);
  const take = cutter(
    prfPlus(suite.prf, skeyseed, seed, prfBytes * 3 + 2 * encryption + 2 * integrity),
  );
  const d = take(prfBytes);
  const [ai, ar] = [take(integrity), take(integrity)];
  const [ei, er] = [take(encryption), take(encryption)];
  return {
    d,
    initiator: { encryption: ei, integrity: ai },
    responder: { encryption: er, integrity: ar },
    pi: take(prfBytes),
    pr: take(prfBytes),
  };
}

/** RFC 7296 §2.17. `initiator` is what the initiator of the exchange that made the child sends with. */
export function deriveChild(
  ike: { readonly prf: number; readonly d: Uint8Array },
  suite: EspSuite,
  secret: Uint8Array,
  nonceInitiator: Uint8Array,
  nonceResponder: Uint8Array,
): { initiator: DirectionKeys; responder: DirectionKeys } {
  const encryption = encryptionKeyBytes(suite.encryption, suite.keyLength);
  const integrity = integrityKeyBytes(suite.integrity);
  const seed = concatBytes(secret, nonceInitiator, nonceResponder);
  const take = cutter(prfPlus(ike.prf, ike.d, seed, 2 * (encryption + integrity)));
  const initiator = { encryption: take(encryption), integrity: take(integrity) };
  return {
    initiator,
    responder: { encryption: take(encryption), integrity: take(integrity) },
  };
}

function cutter(bytes: Uint8Array): (length: number) => Uint8Array {
  let at = 0;
  return (length) => {
    at += length;
    return bytes.slice(at - length, at);
  };
}
