/**
 * The kernel's names of the ESP algorithms that IKE negotiates by IANA number. Knows no key but its length.
 * Sources: IANA "IKEv2 Parameters", net/xfrm/xfrm_algo.c.
 */

/** An AEAD cipher or a plain one, with the bytes of salt or nonce that its key ends with. */
interface Cipher {
  readonly name: string;
  readonly icvBits: number | undefined;
  readonly saltBytes: number;
  readonly keyBytes: readonly number[];
  /** Kernel module that brings it, for the operator. */
  readonly module: string;
}

/** An integrity algorithm, and the bits of its output that stand in the packet. */
interface Integrity {
  readonly name: string;
  readonly keyBytes: number;
  readonly truncatedBits: number;
  readonly module: string;
}

const aesKeys = [16, 24, 32];

/** By "Encryption Algorithm Transform ID". */
export const ciphers: Readonly<Record<number, Cipher>> = {
  3: {
    name: "cbc(des3_ede)",
    icvBits: undefined,
    saltBytes: 0,
    keyBytes: [24],
    module: "des_generic",
  },
  11: {
    name: "ecb(cipher_null)",
    icvBits: undefined,
    saltBytes: 0,
    keyBytes: [0],
    module: "crypto_null",
  },
  12: { name: "cbc(aes)", icvBits: undefined, saltBytes: 0, keyBytes: aesKeys, module: "cbc" },
  13: {
    name: "rfc3686(ctr(aes))",
    icvBits: undefined,
    saltBytes: 4,
    keyBytes: aesKeys,
    module: "ctr",
  },
  14: { name: "rfc4309(ccm(aes))", icvBits: 64, saltBytes: 3, keyBytes: aesKeys, module: "ccm" },
  15: { name: "rfc4309(ccm(aes))", icvBits: 96, saltBytes: 3, keyBytes: aesKeys, module: "ccm" },
  16: { name: "rfc4309(ccm(aes))", icvBits: 128, saltBytes: 3, keyBytes: aesKeys, module: "ccm" },
  18: { name: "rfc4106(gcm(aes))", icvBits: 64, saltBytes: 4, keyBytes: aesKeys, module: "gcm" },
  19: { name: "rfc4106(gcm(aes))", icvBits: 96, saltBytes: 4, keyBytes: aesKeys, module: "gcm" },
  20: { name: "rfc4106(gcm(aes))", icvBits: 128, saltBytes: 4, keyBytes: aesKeys, module: "gcm" },
  21: { name: "rfc4543(gcm(aes))", icvBits: 128, saltBytes: 4, keyBytes: aesKeys, module: "gcm" },
  28: {
    name: "rfc7539esp(chacha20,poly1305)",
    icvBits: 128,
    saltBytes: 4,
    keyBytes: [32],
    module: "chacha20poly1305",
  },
};

/** By "Integrity Algorithm Transform ID". */
export const integrities: Readonly<Record<number, Integrity>> = {
  2: { name: "hmac(sha1)", keyBytes: 20, truncatedBits: 96, module: "sha1_generic" },
  5: { name: "xcbc(aes)", keyBytes: 16, truncatedBits: 96, module: "xcbc" },
  8: { name: "cmac(aes)", keyBytes: 16, truncatedBits: 96, module: "cmac" },
  12: { name: "hmac(sha256)", keyBytes: 32, truncatedBits: 128, module: "sha256_generic" },
  13: { name: "hmac(sha384)", keyBytes: 48, truncatedBits: 192, module: "sha512_generic" },
  14: { name: "hmac(sha512)", keyBytes: 64, truncatedBits: 256, module: "sha512_generic" },
};
