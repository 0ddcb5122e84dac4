import { InvariantError } from "#lib/invariant.ts";

/** One cipher with its key length settled: transform type 1. Lengths are in bytes. RFC 7296 §3.3.2 */
export interface EncryptionAlgorithm {
  /** IANA transform id. */
  readonly id: number;
  /** The Key Length attribute in bits; undefined for ciphers that must not carry one. */
  readonly keyLength?: number;
  /** As logs and `show` print it: `aes-gcm-16-256`. */
  readonly name: string;
  /** True when the cipher authenticates by itself and takes no integrity transform. */
  readonly isAead: boolean;
  /** Key proper. SK_e and KEYMAT hold `keyBytes + saltBytes`, salt last. */
  readonly keyBytes: number;
  readonly saltBytes: number;
  /** Explicit IV on the wire. */
  readonly ivBytes: number;
  /** Tag of an AEAD cipher; 0 otherwise. */
  readonly icvBytes: number;
  /** Plaintext with padding is a multiple of this; 1 for AEAD. */
  readonly blockBytes: number;
  /** What OpenSSL calls it. */
  readonly opensslName: string;
}

/**
 * @param keyLength in bits, for ciphers with variable keys only.
 * @throws {InvariantError} for a pair that `supportsEncryption` denies.
 */
export function encryption(id: number, keyLength?: number): EncryptionAlgorithm {
  const found = byIdAndKeyLength.get(`${id}/${keyLength ?? ""}`);
  if (!found)
    throw new InvariantError(`cipher ${id} with key length ${keyLength} is not supported`);
  return found;
}

/**
 * True when the cipher exists with exactly this Key Length attribute: AES without one, or ChaCha20 with one, is not
 * valid. RFC 7296 §3.3.5
 */
export function supportsEncryption(id: number, keyLength?: number): boolean {
  return byIdAndKeyLength.has(`${id}/${keyLength ?? ""}`);
}

type Family = Omit<EncryptionAlgorithm, "keyLength" | "name" | "keyBytes" | "opensslName"> & {
  readonly name: string;
  readonly openssl: string;
};

const cbc = { isAead: false, saltBytes: 0, ivBytes: 16, icvBytes: 0, blockBytes: 16 } as const;
const ccm = { isAead: true, saltBytes: 3, ivBytes: 8, blockBytes: 1, openssl: "ccm" } as const;
const gcm = { isAead: true, saltBytes: 4, ivBytes: 8, blockBytes: 1, openssl: "gcm" } as const;

/** RFC 3602, RFC 5282, RFC 4106. */
const aesFamilies: readonly Family[] = [
  { ...cbc, id: 12, name: "aes-cbc", openssl: "cbc" },
  { ...ccm, id: 14, name: "aes-ccm-8", icvBytes: 8 },
  { ...ccm, id: 15, name: "aes-ccm-12", icvBytes: 12 },
  { ...ccm, id: 16, name: "aes-ccm-16", icvBytes: 16 },
  { ...gcm, id: 18, name: "aes-gcm-8", icvBytes: 8 },
  { ...gcm, id: 19, name: "aes-gcm-12", icvBytes: 12 },
  { ...gcm, id: 20, name: "aes-gcm-16", icvBytes: 16 },
];

const fixedKey: readonly EncryptionAlgorithm[] = [
  {
    id: 3,
    name: "3des-cbc",
    isAead: false,
    keyBytes: 24,
    saltBytes: 0,
    ivBytes: 8,
    icvBytes: 0,
    blockBytes: 8,
    opensslName: "des-ede3-cbc",
  },
  // RFC 7634 §2
  {
    id: 28,
    name: "chacha20-poly1305",
    isAead: true,
    keyBytes: 32,
    saltBytes: 4,
    ivBytes: 8,
    icvBytes: 16,
    blockBytes: 1,
    opensslName: "chacha20-poly1305",
  },
];

function withKeyLength({ openssl, ...family }: Family, keyLength: number): EncryptionAlgorithm {
  return {
    ...family,
    keyLength,
    name: `${family.name}-${keyLength}`,
    keyBytes: keyLength / 8,
    opensslName: `aes-${keyLength}-${openssl}`,
  };
}

const byIdAndKeyLength: ReadonlyMap<string, EncryptionAlgorithm> = new Map(
  [
    ...fixedKey,
    ...aesFamilies.flatMap((family) =>
      [128, 192, 256].map((keyLength) => withKeyLength(family, keyLength)),
    ),
  ].map((algorithm) => [`${algorithm.id}/${algorithm.keyLength ?? ""}`, algorithm]),
);
