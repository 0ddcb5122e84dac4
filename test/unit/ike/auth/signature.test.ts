import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type SignatureScheme, sign } from "#crypto/signature.ts";
import {
  readAlgorithmIdentifier,
  writeAlgorithmIdentifier,
} from "#ike/auth/algorithm-identifier.ts";
import { signAuth, verifyAuth } from "#ike/auth/signature.ts";
import { readCertificate } from "#pki/certificate.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import identifiers from "#test/vectors/rfc/auth-algorithm-identifiers.json" with { type: "json" };

const octets = new TextEncoder().encode("RealMessage1 | Nr | prf(SK_pi, IDi)");
const keys = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  p521: generateKeyPairSync("ec", { namedCurve: "P-521" }),
  ed25519: generateKeyPairSync("ed25519"),
};
const hex = identifiers.algorithm_identifiers;

test.each<[string, SignatureScheme]>([
  [hex.sha1WithRSA, { kind: "rsa-pkcs1", hash: "sha1" }],
  [hex.sha256WithRSA, { kind: "rsa-pkcs1", hash: "sha256" }],
  [hex.sha384WithRSA, { kind: "rsa-pkcs1", hash: "sha384" }],
  [hex.sha512WithRSA, { kind: "rsa-pkcs1", hash: "sha512" }],
  [hex["ecdsa-sha1"], { kind: "ecdsa", hash: "sha1", encoding: "der" }],
  [hex["ecdsa-sha256"], { kind: "ecdsa", hash: "sha256", encoding: "der" }],
  [hex["ecdsa-sha384"], { kind: "ecdsa", hash: "sha384", encoding: "der" }],
  [hex["ecdsa-sha512"], { kind: "ecdsa", hash: "sha512", encoding: "der" }],
  [hex["rsassa-pss-sha256"], { kind: "rsa-pss", hash: "sha256" }],
  [hex["rsassa-pss-sha384"], { kind: "rsa-pss", hash: "sha384" }],
  [hex["rsassa-pss-sha512"], { kind: "rsa-pss", hash: "sha512" }],
  [hex.ed25519, { kind: "ed25519" }],
  [hex.ed448, { kind: "ed448" }],
])("AlgorithmIdentifier %s of RFC 7427 appendix A is written and read", (der, scheme) => {
  expect(writeAlgorithmIdentifier(scheme)).toEqual(fromHex(der));
  expect(readAlgorithmIdentifier(fromHex(der))).toEqual(scheme);
});

test.each([
  [
    "PSS with its defaults is SHA-1",
    hex["rsassa-pss-default-empty"],
    { kind: "rsa-pss", hash: "sha1" },
  ],
  [
    "ECDSA with NULL parameters",
    "300c06082a8648ce3d0403020500",
    { kind: "ecdsa", hash: "sha256", encoding: "der" },
  ],
  [
    "RSA without NULL parameters",
    "300b06092a864886f70d01010b",
    { kind: "rsa-pkcs1", hash: "sha256" },
  ],
  ["Ed25519 with NULL parameters", "300706032b65700500", { kind: "ed25519" }],
])("%s is read as well", (_, der, scheme) => {
  expect(readAlgorithmIdentifier(fromHex(der))).toEqual(scheme);
});

test.each([
  ["nothing", ""],
  ["an unknown OID", "300406022a03"],
  ["RSA with parameters that are not NULL", "300d06092a864886f70d01010b0401ff"],
  ["bytes behind it", `${hex["ecdsa-sha256"]}00`],
  ["a third field", "300e06082a8648ce3d04030205000500"],
  [
    "PSS with a salt that is not the hash's length",
    hex["rsassa-pss-sha256"].replace("a203020120", "a203020114"),
  ],
  ["PSS with another trailer", hex["rsassa-pss-sha256"].replace("a303020101", "a303020102")],
  ["PSS without parameters", "300b06092a864886f70d01010a"],
])("%s is refused", (_, der) => {
  expect(readAlgorithmIdentifier(fromHex(der))).toBeUndefined();
});

type Padding = "pkcs1" | "pss";
test.each<[string, keyof typeof keys, number[], Padding, number, string]>([
  ["RSA for a peer without RFC 7427", "rsa", [], "pkcs1", 1, "RSA with SHA-1"],
  ["P-256 for a peer without RFC 7427", "p256", [], "pkcs1", 9, "ECDSA with SHA-256"],
  ["P-384 for a peer without RFC 7427", "p384", [], "pkcs1", 10, "ECDSA with SHA-384"],
  ["P-521 for a peer without RFC 7427", "p521", [], "pkcs1", 11, "ECDSA with SHA-512"],
  ["RSA", "rsa", [1, 2, 3, 4, 5], "pkcs1", 14, "RSA with SHA-256"],
  ["RSA-PSS", "rsa", [2, 3], "pss", 14, "RSA-PSS with SHA-256"],
  ["RSA for a peer with SHA-512 alone", "rsa", [4], "pkcs1", 14, "RSA with SHA-512"],
  ["P-384", "p384", [2, 3, 4], "pkcs1", 14, "ECDSA with SHA-384"],
  ["P-384 for a peer with SHA-256 alone", "p384", [2], "pkcs1", 14, "ECDSA with SHA-256"],
  ["Ed25519", "ed25519", [2, 5], "pkcs1", 14, "Ed25519"],
])(
  "%s signs, and the signature verifies",
  (_, name, peerHashes, rsaPadding, method, description) => {
    const { privateKey: key, publicKey } = keys[name];
    const signed = signAuth({ octets, key, peerHashes, rsaPadding });
    if (!signed.ok) throw new Error(signed.error.message);
    expect([signed.value.method, signed.value.description]).toEqual([method, description]);
    expect(verifyAuth({ octets, publicKey, ...signed.value })).toEqual({
      ok: true,
      value: { description },
    });

    const other = verifyAuth({ octets: octets.subarray(1), publicKey, ...signed.value });
    expect(other.ok ? "verified" : other.error.code).toBe("ike.auth.signature-mismatch");
  },
);

test.each<[string, keyof typeof keys, number[]]>([
  ["Ed25519 for a peer without RFC 7427", "ed25519", []],
  ["Ed25519 for a peer without the identity hash", "ed25519", [2, 3, 4]],
  ["RSA for a peer that takes SHA-1 alone", "rsa", [1]],
])("%s can't sign, and says so", (_, name, peerHashes) => {
  const result = signAuth({ octets, key: keys[name].privateKey, peerHashes, rsaPadding: "pkcs1" });
  expect(result.ok ? "signed" : result.error.code).toBe("ike.auth.no-common-signature");
});

function outcome(method: number, data: Uint8Array, publicKey: KeyObject): string {
  const result = verifyAuth({ octets, method, data, publicKey });
  return result.ok ? "ok" : result.error.code;
}

test("a signature over a hash that we did not announce is refused even if it verifies", () => {
  const identifier = fromHex(hex.sha1WithRSA);
  const old = signAuth({ octets, key: keys.rsa.privateKey, peerHashes: [], rsaPadding: "pkcs1" });
  if (!old.ok) throw new Error(old.error.message);
  const data = Uint8Array.from([identifier.length, ...identifier, ...old.value.data]);
  expect(outcome(14, data, keys.rsa.publicKey)).toBe("ike.auth.weak-hash");
});

test("methods 9 to 11 hold for their own curve only", () => {
  const signed = signAuth({
    octets,
    key: keys.p256.privateKey,
    peerHashes: [],
    rsaPadding: "pkcs1",
  });
  if (!signed.ok) throw new Error(signed.error.message);
  expect(outcome(9, signed.value.data, keys.p256.publicKey)).toBe("ok");
  expect(outcome(10, signed.value.data, keys.p256.publicKey)).toBe("ike.auth.signature-mismatch");
  expect(outcome(9, signed.value.data, keys.p384.publicKey)).toBe("ike.auth.signature-mismatch");

  // A good signature over SHA-256, but of a curve that method 9 does not stand for.
  const scheme = { kind: "ecdsa", hash: "sha256", encoding: "raw" } as const;
  const otherCurve = sign(scheme, keys.p384.privateKey, octets);
  expect(outcome(9, otherCurve, keys.p384.publicKey)).toBe("ike.auth.signature-mismatch");
});

test("the kind of key in the certificate decides, not what the peer claims", () => {
  const signed = signAuth({
    octets,
    key: keys.rsa.privateKey,
    peerHashes: [2],
    rsaPadding: "pkcs1",
  });
  if (!signed.ok) throw new Error(signed.error.message);
  expect(outcome(14, signed.value.data, keys.p256.publicKey)).toBe("ike.auth.signature-mismatch");
  expect(outcome(1, signed.value.data, keys.rsa.publicKey)).toBe("ike.auth.signature-mismatch");
});

test.each([
  ["no data", 14, ""],
  ["an identifier longer than the data", 14, "ff00"],
  ["an empty identifier", 14, "00"],
  ["a shared key where a signature is wanted", 2, "00".repeat(32)],
  ["DSS", 3, "00".repeat(40)],
])("%s is a method that is not supported", (_, method, data) => {
  expect(outcome(method, fromHex(data), keys.rsa.publicKey)).toBe("ike.auth.unsupported-method");
});

interface AuthTrace {
  readonly what: string;
  readonly hex: string;
}
const session = JSON.parse(
  readFileSync(
    new URL("../../../vectors/captures/ecdsa-chacha-ecp384-frag.json", import.meta.url),
    "utf8",
  ),
) as { auth_trace: AuthTrace[]; packets: { payloads?: { type: number; body: string }[] }[] };

test("the recorded session's signatures verify with the certificates that it carried", () => {
  const messages = session.packets.filter((packet) =>
    packet.payloads?.some((payload) => payload.type === 39),
  );
  const traces = session.auth_trace.filter((trace) => trace.what.startsWith("octets"));
  expect([messages.length, traces.length]).toEqual([2, 2]);
  for (const { payloads = [] } of messages) {
    const body = (type: number) => fromHex(payloads.find((one) => one.type === type)?.body ?? "");
    const certificate = readCertificate(body(37).subarray(1));
    const [auth] = [body(39)];
    const results = traces.map((trace) =>
      verifyAuth({
        octets: fromHex(trace.hex),
        method: auth[0] ?? 0,
        data: auth.subarray(4),
        publicKey: certificate?.publicKey ?? keys.rsa.publicKey,
      }),
    );
    expect(results.filter((result) => result.ok).length).toBe(1);
  }
});

test("a key read from PEM signs as a generated one does", () => {
  const pem = readFileSync(new URL("../../../vectors/pki/br-ed.key", import.meta.url), "utf8");
  const signed = signAuth({
    octets,
    key: createPrivateKey(pem),
    peerHashes: [5],
    rsaPadding: "pkcs1",
  });
  expect(signed.ok && signed.value.description).toBe("Ed25519");
});
