import { expect, test } from "vitest";
import { encryption, supportsEncryption } from "#crypto/encryption.ts";
import { integrity, supportsIntegrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import { InvariantError } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import chacha from "#test/vectors/rfc/chacha20poly1305-ike.json" with { type: "json" };
import { seededRandom } from "#test/vectors/seeded-random.ts";

/** Every cipher with every key length, each CBC with every integrity algorithm. */
const suites: readonly [string, number, number | undefined, number | undefined][] = [
  ...[14, 15, 16, 18, 19, 20].flatMap((id) =>
    [128, 192, 256].map((bits): [string, number, number, undefined] => [
      encryption(id, bits).name,
      id,
      bits,
      undefined,
    ]),
  ),
  ["chacha20-poly1305", 28, undefined, undefined],
  ...[2, 12, 13, 14].flatMap((id): [string, number, number | undefined, number][] => [
    [`aes-cbc-128 ${integrity(id).name}`, 12, 128, id],
    [`aes-cbc-256 ${integrity(id).name}`, 12, 256, id],
    [`3des-cbc ${integrity(id).name}`, 3, undefined, id],
  ]),
];

function cipherOf(
  id: number,
  bits: number | undefined,
  integ: number | undefined,
  seed = 1,
): SkCipher {
  const random = seededRandom(seed);
  const algorithm = encryption(id, bits);
  const encryptionKey = new SecretBytes(random(algorithm.keyBytes + algorithm.saltBytes));
  if (integ === undefined) return createSkCipher({ encryption: algorithm, encryptionKey, random });
  const integrityKey = new SecretBytes(random(integrity(integ).keyBytes));
  return createSkCipher({
    encryption: algorithm,
    encryptionKey,
    integrity: integrity(integ),
    integrityKey,
    random,
  });
}

const header = fromHex("c0c1c2c3c4c5c6c7d0d1d2d3d4d5d6d72e202500000000090000004529000029");

test.each(suites)("%s opens what it sealed, at every length", (_, id, bits, integ) => {
  const cipher = cipherOf(id, bits, integ);
  for (let length = 0; length <= 40; length++) {
    const plaintext = seededRandom(length)(length);
    const sealed = cipher.seal(header, plaintext);
    expect(sealed.length).toBe(cipher.sealedLength(length));
    expect(cipher.open(header, sealed)).toEqual(plaintext);
  }
});

test.each(suites)("%s opens nothing when any byte is changed", (_, id, bits, integ) => {
  const cipher = cipherOf(id, bits, integ);
  const sealed = cipher.seal(header, new Uint8Array(20));
  for (let at = 0; at < sealed.length; at++) {
    const bent = Uint8Array.from(sealed);
    bent[at] = (bent[at] ?? 0) ^ 0x01;
    expect(cipher.open(header, bent)).toBeUndefined();
  }
  const bentHeader = Uint8Array.from(header);
  bentHeader[18] = 36;
  expect(cipher.open(bentHeader, sealed)).toBeUndefined();
});

test.each(suites)(
  "%s opens nothing when cut short, down to no bytes at all",
  (_, id, bits, integ) => {
    const cipher = cipherOf(id, bits, integ);
    const sealed = cipher.seal(header, new Uint8Array(20));
    for (let length = 0; length < sealed.length; length++)
      expect(cipher.open(header, sealed.subarray(0, length))).toBeUndefined();
  },
);

test.each(suites)("%s never uses an IV twice", (_, id, bits, integ) => {
  const cipher = cipherOf(id, bits, integ);
  const { ivBytes } = encryption(id, bits);
  const ivs = Array.from({ length: 50 }, () =>
    cipher.seal(header, new Uint8Array(1)).subarray(0, ivBytes).join(),
  );
  expect(new Set(ivs).size).toBe(ivs.length);
});

test("ChaCha20-Poly1305 opens the IKE message of RFC 7634 appendix B", () => {
  const cipher = createSkCipher({
    encryption: encryption(28),
    encryptionKey: new SecretBytes(fromHex(chacha.key + chacha.salt)),
    random: seededRandom(1),
  });
  const sealed = fromHex(chacha.iv + chacha.ciphertext + chacha.tag);
  // The RFC's plaintext ends with Pad Length 0.
  expect(cipher.open(fromHex(chacha.aad), sealed)).toEqual(fromHex(chacha.plaintext).slice(0, -1));
});

test("padding of any content and length is accepted, and an impossible Pad Length is told apart", () => {
  const algorithm = encryption(12, 128);
  const random = seededRandom(1);
  const key = random(16);
  const macKey = random(32);
  const mac = integrity(12);
  const cipher = createSkCipher({
    encryption: algorithm,
    encryptionKey: new SecretBytes(Uint8Array.from(key)),
    integrity: mac,
    integrityKey: new SecretBytes(macKey),
    random,
  });
  // In CBC a change of the IV changes the same bits of the first block: that forges padding for a key holder.
  const sealed = cipher.seal(header, new Uint8Array(10));
  const withPadLength = (padLength: number) => {
    const body = Uint8Array.from(sealed.subarray(0, 32));
    body[15] = (body[15] ?? 0) ^ 5 ^ padLength;
    const icv = mac.compute(new SecretBytes(Uint8Array.from(macKey)), header, body);
    return Uint8Array.from([...body, ...icv]);
  };
  expect(cipher.open(header, withPadLength(15))).toEqual(new Uint8Array(0));
  expect(cipher.open(header, withPadLength(0))).toEqual(new Uint8Array(15));
  expect(cipher.open(header, withPadLength(16))).toBe("bad-padding");
});

test("authenticated text that is no whole number of blocks is bad padding, not an exception", () => {
  const random = seededRandom(1);
  const [key, macKey] = [random(16), random(32)];
  const cipher = createSkCipher({
    encryption: encryption(12, 128),
    encryptionKey: new SecretBytes(key),
    integrity: integrity(12),
    integrityKey: new SecretBytes(macKey),
    random,
  });
  for (const length of [16, 17, 31, 33]) {
    const body = new Uint8Array(length);
    const icv = integrity(12).compute(new SecretBytes(Uint8Array.from(macKey)), header, body);
    expect(cipher.open(header, Uint8Array.from([...body, ...icv]))).toBe("bad-padding");
  }
});

test("a key of the wrong length breaks a promise of ours", () => {
  expect(() =>
    createSkCipher({
      encryption: encryption(20, 256),
      encryptionKey: new SecretBytes(new Uint8Array(32)),
      random: seededRandom(1),
    }),
  ).toThrow(InvariantError);
  expect(() =>
    createSkCipher({
      encryption: encryption(12, 256),
      encryptionKey: new SecretBytes(new Uint8Array(32)),
      random: seededRandom(1),
    }),
  ).toThrow(InvariantError);
});

test("AES without a key length and ChaCha20 with one do not exist", () => {
  expect(supportsEncryption(20, undefined)).toBe(false);
  expect(supportsEncryption(28, 256)).toBe(false);
  expect(supportsEncryption(20, 129)).toBe(false);
  expect(supportsEncryption(2)).toBe(false);
  expect(() => encryption(20)).toThrow(InvariantError);
  expect(supportsIntegrity(0)).toBe(false);
  expect(() => integrity(1)).toThrow(InvariantError);
});
