import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCertificate } from "#pki/certificate.ts";
import {
  answersRequest,
  authorityHash,
  certificateRequestAuthorities,
} from "#pki/certificate-request.ts";
import { makePki } from "#test/support/pki.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

const pki = makePki({ hasIntermediate: true });
const chain = [pki.hub, pki.issuing].map((one) => {
  const certificate = readCertificate(one.der);
  if (!certificate) throw new Error("no certificate");
  return certificate;
});

test("an authority is named by SHA-1 of its public key's SubjectPublicKeyInfo", () => {
  const spki = pki.root.key;
  const root = readCertificate(pki.root.der);
  const expected = createHash("sha1")
    .update(root?.publicKey.export({ type: "spki", format: "der" }) ?? "")
    .digest();
  expect(spki.type).toBe("private");
  expect(certificateRequestAuthorities([pki.root.der])).toEqual(Uint8Array.from(expected));
});

test("the CA of the recorded sessions has the hash that they carry", () => {
  const pem = readFileSync(new URL("../../vectors/pki/ca.pem", import.meta.url), "utf8");
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  expect(certificateRequestAuthorities([der])).toEqual(
    // Payload 38 of every captured IKE_AUTH request.
    fromHex("1a902405cd0ddf4831e6c6f4abc2294d9e3618d4"),
  );
});

test("repeated keys and what is no certificate are left out", () => {
  const anchors = [pki.root.der, new Uint8Array(5), pki.root.der, pki.issuing.der];
  expect(certificateRequestAuthorities(anchors).length).toBe(40);
});

test("a chain answers a request for a CA in it, or for none", () => {
  const wanted = certificateRequestAuthorities([pki.issuing.der]);
  expect(answersRequest(wanted, chain)).toBe(true);
  expect(answersRequest(new Uint8Array([...new Uint8Array(20), ...wanted]), chain)).toBe(true);
  expect(answersRequest(new Uint8Array(20), chain)).toBe(false);
  expect(answersRequest(new Uint8Array(0), chain)).toBe(true);
  expect(authorityHash(chain[1] ?? { spki: new Uint8Array(0) })).toEqual(wanted);
});
