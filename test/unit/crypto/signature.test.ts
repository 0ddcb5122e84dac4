import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { type SignatureScheme, schemeFitsKey, sign, verify } from "#crypto/signature.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
const p521 = generateKeyPairSync("ec", { namedCurve: "P-521" });
const ed25519 = generateKeyPairSync("ed25519");
const ed448 = generateKeyPairSync("ed448");

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
const cases: readonly [string, SignatureScheme, Pair][] = [
  ["RSA PKCS#1 SHA-1", { kind: "rsa-pkcs1", hash: "sha1" }, rsa],
  ["RSA PKCS#1 SHA-256", { kind: "rsa-pkcs1", hash: "sha256" }, rsa],
  ["RSA PKCS#1 SHA-512", { kind: "rsa-pkcs1", hash: "sha512" }, rsa],
  ["RSA PSS SHA-256", { kind: "rsa-pss", hash: "sha256" }, rsa],
  ["RSA PSS SHA-384", { kind: "rsa-pss", hash: "sha384" }, rsa],
  ["ECDSA P-256 DER", { kind: "ecdsa", hash: "sha256", encoding: "der" }, p256],
  ["ECDSA P-256 raw", { kind: "ecdsa", hash: "sha256", encoding: "raw" }, p256],
  ["ECDSA P-384 raw", { kind: "ecdsa", hash: "sha384", encoding: "raw" }, p384],
  ["ECDSA P-521 raw", { kind: "ecdsa", hash: "sha512", encoding: "raw" }, p521],
  ["Ed25519", { kind: "ed25519" }, ed25519],
  ["Ed448", { kind: "ed448" }, ed448],
];
const octets = new TextEncoder().encode("signed octets");

test.each(cases)("%s verifies its own signature and no other", (_, scheme, pair) => {
  const signature = sign(scheme, pair.privateKey, octets);
  expect(verify(scheme, pair.publicKey, octets, signature)).toBe(true);
  expect(verify(scheme, pair.publicKey, new Uint8Array(13), signature)).toBe(false);
  const bent = Uint8Array.from(signature);
  bent[bent.length - 1] = (bent[bent.length - 1] ?? 0) ^ 1;
  expect(verify(scheme, pair.publicKey, octets, bent)).toBe(false);
});

test.each(cases)(
  "%s gives false, not an exception, for bytes that are no signature",
  (_, scheme, pair) => {
    for (const length of [0, 1, 64, 256, 1000])
      expect(verify(scheme, pair.publicKey, octets, new Uint8Array(length))).toBe(false);
  },
);

test("raw ECDSA signatures have the fixed width of the curve", () => {
  const width = (scheme: SignatureScheme, pair: Pair) =>
    sign(scheme, pair.privateKey, octets).length;
  expect(width({ kind: "ecdsa", hash: "sha256", encoding: "raw" }, p256)).toBe(64);
  expect(width({ kind: "ecdsa", hash: "sha384", encoding: "raw" }, p384)).toBe(96);
  expect(width({ kind: "ecdsa", hash: "sha512", encoding: "raw" }, p521)).toBe(132);
});

test("a signature under another kind of key is refused before any computing", () => {
  const signature = sign({ kind: "ed25519" }, ed25519.privateKey, octets);
  expect(verify({ kind: "ed25519" }, p256.publicKey, octets, signature)).toBe(false);
  expect(schemeFitsKey({ kind: "rsa-pss", hash: "sha256" }, rsa.publicKey)).toBe(true);
  expect(schemeFitsKey({ kind: "rsa-pkcs1", hash: "sha256" }, p256.publicKey)).toBe(false);
});

test("a PSS signature with another salt length than the hash's is refused", () => {
  const pss256 = sign({ kind: "rsa-pss", hash: "sha256" }, rsa.privateKey, octets);
  expect(verify({ kind: "rsa-pss", hash: "sha512" }, rsa.publicKey, octets, pss256)).toBe(false);
});
