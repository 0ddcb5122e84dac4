import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  timingSafeEqual,
} from "node:crypto";
import { concatBytes } from "#lib/bytes.ts";
import type { RandomSource } from "#lib/engine.ts";
import { invariant } from "#lib/invariant.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { EncryptionAlgorithm } from "./encryption.ts";
import type { IntegrityAlgorithm } from "./integrity.ts";

/**
 * Protects the body of SK and SKF payloads in one direction of one IKE SA: one object seals with our keys, another
 * opens with the peer's. Sealed text is IV, ciphertext, ICV; padding and Pad Length are inside. RFC 7296 §3.14
 */
export interface SkCipher {
  /** Bytes that `seal` gives for so much plaintext: known before sealing, because the header's length is authenticated. */
  sealedLength(plaintextLength: number): number;
  /**
   * @param associatedData everything from the IKE header to the end of the generic header of SK, lengths final.
   * @throws {InvariantError} when the AEAD counter is used up: the SA must be rekeyed long before.
   */
  seal(associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * Checks the ICV before all else. Never throws because of `sealed` or `associatedData`.
   * @returns a new buffer without padding; undefined when the ICV does not verify (drop the message, change nothing);
   * `bad-padding` when it verifies but Pad Length is impossible (answer INVALID_SYNTAX).
   */
  open(associatedData: Uint8Array, sealed: Uint8Array): Uint8Array | "bad-padding" | undefined;
}

/** Keys and algorithms of one direction. `integrity` and `integrityKey` are present unless the cipher is AEAD. */
export interface SkCipherOptions {
  readonly encryption: EncryptionAlgorithm;
  /** SK_ei or SK_er: key, then salt. Not copied; the caller wipes it when the SA dies. */
  readonly encryptionKey: SecretBytes;
  readonly integrity?: IntegrityAlgorithm;
  /** SK_ai or SK_ar. */
  readonly integrityKey?: SecretBytes;
  /** Source of CBC IVs; AEAD ciphers count. */
  readonly random: RandomSource;
}

/**
 * Makes the cipher of one direction.
 * @throws {InvariantError} when keys and algorithms do not fit together.
 */
export function createSkCipher(options: SkCipherOptions): SkCipher {
  const { encryption, encryptionKey } = options;
  invariant(
    encryptionKey.length === encryption.keyBytes + encryption.saltBytes,
    `${encryption.name} takes a key of ${encryption.keyBytes + encryption.saltBytes} bytes`,
  );
  if (encryption.isAead) return new AeadCipher(encryption, encryptionKey);
  const { integrity, integrityKey, random } = options;
  invariant(integrity && integrityKey, `${encryption.name} needs an integrity algorithm and key`);
  invariant(
    integrityKey.length === integrity.keyBytes,
    `${integrity.name} takes a key of ${integrity.keyBytes} bytes`,
  );
  return new CbcCipher(encryption, encryptionKey, integrity, integrityKey, random);
}

/** RFC 5282, RFC 7634. */
class AeadCipher implements SkCipher {
  readonly #algorithm: EncryptionAlgorithm;
  readonly #key: SecretBytes;
  /** Never repeats under one key: RFC 5282 §3. Starts at 1 so that an all-zero IV stands out as a fault. */
  #counter = 1n;

  constructor(algorithm: EncryptionAlgorithm, key: SecretBytes) {
    this.#algorithm = algorithm;
    this.#key = key;
  }

  sealedLength(plaintextLength: number): number {
    return this.#algorithm.ivBytes + plaintextLength + 1 + this.#algorithm.icvBytes;
  }

  seal(associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    invariant(this.#counter < 1n << 64n, "the IV counter of this key is used up");
    const { ivBytes, icvBytes } = this.#algorithm;
    const sealed = new Uint8Array(this.sealedLength(plaintext.length));
    new DataView(sealed.buffer).setBigUint64(0, this.#counter++);
    const cipher = createCipheriv(this.#openssl(), this.#cipherKey(), this.#nonce(sealed), {
      authTagLength: icvBytes,
    });
    cipher.setAAD(associatedData, { plaintextLength: plaintext.length + 1 });
    // CCM takes its plaintext in one piece.
    const padded = new Uint8Array(plaintext.length + 1);
    padded.set(plaintext);
    sealed.set(cipher.update(padded), ivBytes);
    cipher.final();
    sealed.set(cipher.getAuthTag(), sealed.length - icvBytes);
    padded.fill(0);
    return sealed;
  }

  open(associatedData: Uint8Array, sealed: Uint8Array): Uint8Array | "bad-padding" | undefined {
    const { ivBytes, icvBytes } = this.#algorithm;
    const textLength = sealed.length - ivBytes - icvBytes;
    if (textLength < 1) return undefined;
    const decipher = createDecipheriv(this.#openssl(), this.#cipherKey(), this.#nonce(sealed), {
      authTagLength: icvBytes,
    });
    decipher.setAuthTag(sealed.subarray(sealed.length - icvBytes));
    decipher.setAAD(associatedData, { plaintextLength: textLength });
    const text = unlessRefused(() => {
      const opened = decipher.update(sealed.subarray(ivBytes, ivBytes + textLength));
      decipher.final();
      return opened;
    });
    return text && withoutPadding(text);
  }

  /** The table holds only AEAD names here; the type needs telling, and GCM's stands for all of them. */
  #openssl(): CipherGCMTypes & CipherCCMTypes {
    return this.#algorithm.opensslName as CipherGCMTypes & CipherCCMTypes;
  }

  #cipherKey(): Uint8Array {
    return this.#key.reveal().subarray(0, this.#algorithm.keyBytes);
  }

  #nonce(sealed: Uint8Array): Uint8Array {
    const { keyBytes, ivBytes } = this.#algorithm;
    return concatBytes(this.#key.reveal().subarray(keyBytes), sealed.subarray(0, ivBytes));
  }
}

/** CBC with HMAC, encrypt-then-MAC. RFC 7296 §3.14 */
class CbcCipher implements SkCipher {
  readonly #algorithm: EncryptionAlgorithm;
  readonly #key: SecretBytes;
  readonly #integrity: IntegrityAlgorithm;
  readonly #integrityKey: SecretBytes;
  readonly #random: RandomSource;

  constructor(
    algorithm: EncryptionAlgorithm,
    key: SecretBytes,
    integrity: IntegrityAlgorithm,
    integrityKey: SecretBytes,
    random: RandomSource,
  ) {
    this.#algorithm = algorithm;
    this.#key = key;
    this.#integrity = integrity;
    this.#integrityKey = integrityKey;
    this.#random = random;
  }

  sealedLength(plaintextLength: number): number {
    const { ivBytes, blockBytes } = this.#algorithm;
    const padded = Math.ceil((plaintextLength + 1) / blockBytes) * blockBytes;
    return ivBytes + padded + this.#integrity.icvBytes;
  }

  seal(associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const { ivBytes, opensslName } = this.#algorithm;
    const sealed = new Uint8Array(this.sealedLength(plaintext.length));
    const icvAt = sealed.length - this.#integrity.icvBytes;
    const padded = new Uint8Array(icvAt - ivBytes);
    padded.set(plaintext);
    padded[padded.length - 1] = padded.length - plaintext.length - 1;
    const iv = this.#random(ivBytes);
    const cipher = createCipheriv(opensslName, this.#key.reveal(), iv).setAutoPadding(false);
    sealed.set(iv);
    sealed.set(cipher.update(padded), ivBytes);
    cipher.final();
    padded.fill(0);
    const signed = sealed.subarray(0, icvAt);
    sealed.set(this.#integrity.compute(this.#integrityKey, associatedData, signed), icvAt);
    return sealed;
  }

  open(associatedData: Uint8Array, sealed: Uint8Array): Uint8Array | "bad-padding" | undefined {
    const { ivBytes, blockBytes, opensslName } = this.#algorithm;
    const icvAt = sealed.length - this.#integrity.icvBytes;
    if (icvAt < ivBytes) return undefined;
    const signed = sealed.subarray(0, icvAt);
    const icv = this.#integrity.compute(this.#integrityKey, associatedData, signed);
    if (!timingSafeEqual(icv, sealed.subarray(icvAt))) return undefined;
    const text = signed.subarray(ivBytes);
    if (text.length === 0 || text.length % blockBytes !== 0) return "bad-padding";
    const decipher = createDecipheriv(opensslName, this.#key.reveal(), signed.subarray(0, ivBytes));
    const opened = decipher.setAutoPadding(false).update(text);
    decipher.final();
    return withoutPadding(opened);
  }
}

/** Any Pad Length that fits is accepted, whatever the padding holds: RFC 7296 §3.14. */
function withoutPadding(text: Uint8Array): Uint8Array | "bad-padding" {
  const length = text.length - 1 - (text[text.length - 1] ?? 0);
  return length < 0 ? "bad-padding" : new Uint8Array(text.subarray(0, length));
}

/** node:crypto reports a tag that does not match by throwing, CCM from `update` and the others from `final`. */
function unlessRefused(open: () => Uint8Array): Uint8Array | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
