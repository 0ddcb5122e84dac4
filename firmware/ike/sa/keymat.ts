/**
 * Keys of IKE and Child SAs from finished key exchanges. Owns the derivations and the lengths; knows neither messages
 * nor states. RFC 7296 §2.13, §2.14, §2.17, §2.18.
 */
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { prf, prfPlus } from "#crypto/prf.ts";
import { concatBytes } from "#lib/bytes.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { IkeSpi } from "../message/message.ts";
import type { EspSuite, IkeSuite } from "./proposal.ts";

/** SK_d, SK_ai, SK_ar, SK_ei, SK_er, SK_pi, SK_pr. The `a` keys are empty with an AEAD cipher. RFC 7296 §2.14 */
export interface IkeKeys {
  readonly skD: SecretBytes;
  readonly skAi: SecretBytes;
  readonly skAr: SecretBytes;
  readonly skEi: SecretBytes;
  readonly skEr: SecretBytes;
  readonly skPi: SecretBytes;
  readonly skPr: SecretBytes;
}

/** Ni and Nr as data, the exchange initiator's first. */
export interface NoncePair {
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
}

export interface IkeSpiPair {
  readonly initiator: IkeSpi;
  readonly responder: IkeSpi;
}

/**
 * Keys of the first IKE SA. RFC 7296 §2.14
 * @param sharedSecret g^ir as the method pads it; not wiped here.
 * @returns keys that the caller owns and must wipe.
 */
export function deriveIkeKeys(
  suite: IkeSuite,
  sharedSecret: SecretBytes,
  nonces: NoncePair,
  spis: IkeSpiPair,
): IkeKeys {
  const nonceBytes = concatBytes(nonces.initiator, nonces.responder);
  const seed = new SecretBytes(prf(suite.prf).compute(nonceBytes, sharedSecret));
  return expandIkeKeys(suite, seed, nonceBytes, spis);
}

/**
 * Keys of an IKE SA that replaces another: SKEYSEED by the old SA's PRF and SK_d, the rest by the new one's. RFC 7296 §2.18
 * @param old suite's PRF id and SK_d of the SA being replaced.
 */
export function deriveRekeyedIkeKeys(
  suite: IkeSuite,
  old: { readonly prf: number; readonly skD: SecretBytes },
  sharedSecret: SecretBytes,
  nonces: NoncePair,
  spis: IkeSpiPair,
): IkeKeys {
  const nonceBytes = concatBytes(nonces.initiator, nonces.responder);
  const seed = new SecretBytes(prf(old.prf).compute(old.skD, sharedSecret, nonceBytes));
  return expandIkeKeys(suite, seed, nonceBytes, spis);
}

/** One direction of a Child SA. The salt is the tail of `encryption`. */
export interface DirectionKeys {
  readonly encryption: SecretBytes;
  readonly integrity?: SecretBytes;
}

/**
 * Keys of a Child SA, by direction. "Initiator" is the side that started the exchange which made this child. RFC 7296 §2.17
 * @param prfId PRF of the IKE SA. @param sharedSecret g^ir of this exchange; absent without PFS.
 */
export function deriveChildKeys(
  prfId: number,
  skD: SecretBytes,
  suite: EspSuite,
  nonces: NoncePair,
  sharedSecret?: SecretBytes,
): { readonly initiatorToResponder: DirectionKeys; readonly responderToInitiator: DirectionKeys } {
  const cipher = encryption(suite.encryption.id, suite.encryption.keyLength);
  const encryptionBytes = cipher.keyBytes + cipher.saltBytes;
  const integrityBytes = suite.integrity === undefined ? 0 : integrity(suite.integrity).keyBytes;
  const seed = new SecretBytes(
    concatBytes(sharedSecret?.reveal() ?? new Uint8Array(0), nonces.initiator, nonces.responder),
  );
  const keymat = prfPlus(prf(prfId), skD, seed, 2 * (encryptionBytes + integrityBytes));
  seed.wipe();
  const cut = cutter(keymat);
  const direction = (): DirectionKeys => ({
    encryption: cut(encryptionBytes),
    ...(integrityBytes > 0 && { integrity: cut(integrityBytes) }),
  });
  const keys = { initiatorToResponder: direction(), responderToInitiator: direction() };
  keymat.wipe();
  return keys;
}

/** Wipes every key of an IKE SA. */
export function wipeIkeKeys(keys: IkeKeys): void {
  for (const key of Object.values(keys) as SecretBytes[]) key.wipe();
}

/** Wipes the keys of one direction. */
export function wipeDirection(keys: DirectionKeys): void {
  keys.encryption.wipe();
  keys.integrity?.wipe();
}

/** An independent copy: whoever installs an SA wipes what it was given. */
export function copySecret(secret: SecretBytes): SecretBytes {
  return new SecretBytes(secret.reveal().slice());
}

function expandIkeKeys(
  suite: IkeSuite,
  skeyseed: SecretBytes,
  nonceBytes: Uint8Array,
  spis: IkeSpiPair,
): IkeKeys {
  const spiBytes = new Uint8Array(16);
  const view = new DataView(spiBytes.buffer);
  view.setBigUint64(0, spis.initiator);
  view.setBigUint64(8, spis.responder);
  const algorithm = prf(suite.prf);
  const cipher = encryption(suite.encryption.id, suite.encryption.keyLength);
  const prfBytes = algorithm.keyLength;
  const cipherBytes = cipher.keyBytes + cipher.saltBytes;
  const integrityBytes = suite.integrity === undefined ? 0 : integrity(suite.integrity).keyBytes;
  const length = 3 * prfBytes + 2 * integrityBytes + 2 * cipherBytes;
  const stream = prfPlus(algorithm, skeyseed, concatBytes(nonceBytes, spiBytes), length);
  skeyseed.wipe();
  const cut = cutter(stream);
  const keys: IkeKeys = {
    skD: cut(prfBytes),
    skAi: cut(integrityBytes),
    skAr: cut(integrityBytes),
    skEi: cut(cipherBytes),
    skEr: cut(cipherBytes),
    skPi: cut(prfBytes),
    skPr: cut(prfBytes),
  };
  stream.wipe();
  return keys;
}

/** Cuts copies off the front of key material, one after the other. */
function cutter(material: SecretBytes): (length: number) => SecretBytes {
  let at = 0;
  return (length) => {
    const part = material.reveal().slice(at, at + length);
    at += length;
    return new SecretBytes(part);
  };
}
