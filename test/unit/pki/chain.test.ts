import { expect, test } from "vitest";
import { derObjectIdentifier, derSequence, derValue } from "#crypto/der.ts";
import type { WallClock } from "#lib/duration.ts";
import { readCertificate } from "#pki/certificate.ts";
import { type ChainRequest, validateChain } from "#pki/chain.ts";
import { makePki, makeRoot, makeSelfSigned, type TestKeyKind } from "#test/support/pki.ts";

const time = Date.parse("2026-06-01") as WallClock;
const pki = makePki({ hasIntermediate: true });

/** `ok`, or the fault's code. */
function outcome(request: Partial<ChainRequest>): string {
  const result = validateChain({
    leaf: pki.hub.der,
    intermediates: [],
    anchors: [pki.root.der],
    time,
    ...request,
  });
  return result.ok ? "ok" : result.error.code;
}

test.each<TestKeyKind>(["rsa-2048", "ecdsa-256", "ecdsa-384", "ecdsa-521", "ed25519"])(
  "a hub's certificate over an intermediate of the trusted root holds, with %s keys",
  (key) => {
    const { root, issuing, hub } = makePki({ key, hasIntermediate: true });
    const result = validateChain({
      leaf: hub.der,
      intermediates: [issuing.der],
      anchors: [root.der],
      time,
    });
    if (!result.ok) throw new Error(result.error.message);
    expect(result.value.path.map((one) => one.subjectText)).toEqual([
      "CN=hub.example.net,O=Example",
      "CN=Example Issuing CA,O=Example",
      "CN=Example Root CA,O=Example",
    ]);
    expect(result.value.leaf.publicKey.asymmetricKeyType).toBe(hub.key.asymmetricKeyType);
    expect(result.value.validUntil).toBe(Date.parse("2049-12-31"));
  },
);

test("without the intermediate nobody trusted issued the leaf", () => {
  expect(outcome({})).toBe("pki.untrusted");
});

test("useless and unreadable intermediates do no harm", () => {
  const other = makeRoot({ subject: "CN=Other,O=Elsewhere" });
  const junk = [new Uint8Array(0), Uint8Array.of(0x30, 0x82, 0xff, 0xff), other.der, pki.hub.der];
  expect(outcome({ intermediates: [...junk, pki.issuing.der] })).toBe("ok");
});

test("an intermediate may itself be the anchor", () => {
  expect(outcome({ anchors: [pki.issuing.der] })).toBe("ok");
});

test("a peer's own certificate may be the anchor, CA or not", () => {
  const own = makeSelfSigned({ subject: "CN=router.example.net", dns: ["router.example.net"] });
  expect(outcome({ leaf: own.der, anchors: [own.der] })).toBe("ok");
  expect(outcome({ leaf: own.der })).toBe("pki.untrusted");
});

test("a CA of the same name with another key did not sign it", () => {
  const impostor = makeRoot({ subject: "CN=Example Issuing CA,O=Example", key: "ed25519" });
  const bare = makePki({ hasIntermediate: true, key: "ed25519" });
  expect(outcome({ anchors: [impostor.der] })).toBe("pki.untrusted");
  expect(outcome({ leaf: bare.hub.der, intermediates: [pki.issuing.der] })).toBe("pki.untrusted");
});

test("a certificate whose bytes were changed is not signed by its issuer", () => {
  const bent = Uint8Array.from(pki.hub.der);
  // The last byte belongs to the signature.
  bent[bent.length - 1] = (bent[bent.length - 1] ?? 0) ^ 1;
  expect(outcome({ leaf: bent, intermediates: [pki.issuing.der] })).toBe("pki.bad-signature");
});

test("an expired certificate says when it ended and what to do", () => {
  const result = validateChain({
    leaf: pki.expired.der,
    intermediates: [pki.issuing.der],
    anchors: [pki.root.der],
    time,
  });
  expect(result).toEqual({
    ok: false,
    error: {
      code: "pki.expired",
      message:
        '"CN=hub.example.net,O=Example" expired at 2021-01-01 00:00:00 UTC; it is 2026-06-01 00:00:00 UTC here',
      remedy: "renew the certificate, or set the clock if it is wrong",
    },
  });
});

test("a certificate of the future, and a clock of the past, are not yet valid", () => {
  const intermediates = [pki.issuing.der];
  expect(outcome({ leaf: pki.notYetValid.der, intermediates })).toBe("pki.not-yet-valid");
  expect(outcome({ intermediates, time: 0 as WallClock })).toBe("pki.not-yet-valid");
});

test("an expired intermediate breaks the chain, a renewed one beside it mends it", () => {
  const dead = pki.root.issue({
    subject: "CN=Example Issuing CA,O=Example",
    isCa: true,
    notAfter: "2025-01-01",
  });
  expect(outcome({ intermediates: [dead.der] })).toBe("pki.expired");
  expect(outcome({ intermediates: [dead.der, pki.issuing.der] })).toBe("ok");
});

test("an end-entity certificate can't issue another", () => {
  const forged = pki.branch.issue({ subject: "CN=hub.example.net,O=Example" });
  const intermediates = [pki.branch.der, pki.issuing.der];
  expect(outcome({ leaf: forged.der, intermediates })).toBe("pki.not-a-ca");
});

test("a path length of zero allows no further CA", () => {
  const below = pki.issuing.issue({ subject: "CN=Below,O=Example", isCa: true });
  const leaf = below.issue({ subject: "CN=hub.example.net,O=Example" });
  const intermediates = [below.der, pki.issuing.der];
  expect(outcome({ leaf: leaf.der, intermediates })).toBe("pki.path-too-long");
});

test("a CA without keyCertSign can't issue", () => {
  const wrong = pki.root.issue({ subject: "CN=Wrong,O=Example", isCa: true, keyUsage: 0x80 });
  const leaf = wrong.issue({ subject: "CN=hub.example.net,O=Example" });
  expect(outcome({ leaf: leaf.der, intermediates: [wrong.der] })).toBe("pki.bad-usage");
});

test.each([
  ["key usage keyEncipherment alone", { keyUsage: 0x20 }, "pki.bad-usage"],
  ["no key usage", { keyUsage: null }, "ok"],
  ["extended key usage codeSigning", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.3"] }, "pki.bad-usage"],
  ["extended key usage serverAuth", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"] }, "ok"],
  ["extended key usage ipsecIKE", { extendedKeyUsage: ["1.3.6.1.5.5.7.3.17"] }, "ok"],
  ["RSA of 1024 bits", { key: "rsa-1024" }, "pki.weak-key"],
  ["a signature over SHA-1", { signatureHash: "sha1" }, "pki.weak-signature"],
  [
    "an unknown critical extension",
    { extensions: [["1.2.3.4", true, derSequence()]] },
    "pki.unknown-critical-extension",
  ],
  [
    "an unknown extension that is not critical",
    { extensions: [["1.2.3.4", false, derSequence()]] },
    "ok",
  ],
] as const)("a leaf with %s", (_, request, expected) => {
  const leaf = pki.root.issue({ subject: "CN=hub.example.net,O=Example", ...request });
  expect(outcome({ leaf: leaf.der })).toBe(expected);
});

test("two CAs that certify each other end the search", () => {
  const a = makeRoot({ subject: "CN=A,O=Loop" });
  const b = makeRoot({ subject: "CN=B,O=Loop" });
  const ab = a.issue({ subject: "CN=B,O=Loop", isCa: true });
  const ba = b.issue({ subject: "CN=A,O=Loop", isCa: true });
  const leaf = ab.issue({ subject: "CN=leaf,O=Loop" });
  expect(outcome({ leaf: leaf.der, intermediates: [ab.der, ba.der] })).toBe("pki.untrusted");
});

test("CAs of one name that all certify each other end the search as well", () => {
  // One key for all, so every signature holds and there are more paths than anybody could walk.
  const ca = makeRoot({ subject: "CN=Same,O=Loop" });
  const many = Array.from({ length: 16 }, () =>
    ca.issue({ subject: "CN=Same,O=Loop", isCa: true }),
  );
  const leaf = ca.issue({ subject: "CN=leaf,O=Loop" });
  expect(outcome({ leaf: leaf.der, intermediates: many.map((one) => one.der) })).toBe(
    "pki.untrusted",
  );
});

const dnsName = (text: string) => derValue(0x82, new TextEncoder().encode(text));
const constraint = (tag: number, base: Uint8Array) => derSequence(derValue(tag, derSequence(base)));

test.each([
  ["a permitted domain", constraint(0xa0, dnsName("example.net")), "ok"],
  ["another permitted domain", constraint(0xa0, dnsName("example.org")), "pki.name-constraint"],
  ["an excluded domain", constraint(0xa1, dnsName(".example.net")), "pki.name-constraint"],
  ["an excluded domain elsewhere", constraint(0xa1, dnsName("example.org")), "ok"],
  [
    "a permitted network that holds the address",
    constraint(0xa0, derValue(0x87, Uint8Array.of(192, 0, 2, 0, 255, 255, 255, 0))),
    "ok",
  ],
  [
    "a permitted network that does not",
    constraint(0xa0, derValue(0x87, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0))),
    "pki.name-constraint",
  ],
  [
    "a permitted mail host",
    constraint(0xa0, derValue(0x81, new TextEncoder().encode("hub.example.net"))),
    "ok",
  ],
  [
    "an excluded mail domain",
    constraint(0xa1, derValue(0x81, new TextEncoder().encode(".example.net"))),
    "pki.name-constraint",
  ],
])("a CA with %s", (_, value, expected) => {
  const ca = pki.root.issue({
    subject: "CN=Constrained,O=Example",
    isCa: true,
    extensions: [["2.5.29.30", true, value]],
  });
  const leaf = ca.issue({
    subject: "CN=hub.example.net,O=Example",
    dns: ["hub.example.net"],
    ip: ["192.0.2.1"],
    email: ["admin@hub.example.net"],
  });
  expect(outcome({ leaf: leaf.der, intermediates: [ca.der] })).toBe(expected);
});

test.each([
  ["no bytes", new Uint8Array(0)],
  ["bytes that are no DER", new Uint8Array(300).fill(0xff)],
  ["a SEQUENCE of nothing", derSequence()],
  ["an object identifier", derObjectIdentifier("1.2.3")],
  ["a certificate cut short", makePki().hub.der.subarray(0, 200)],
  ["a certificate with a byte behind it", Uint8Array.from([...makePki().hub.der, 0])],
])("%s is no certificate", (_, der) => {
  expect(readCertificate(der)).toBeUndefined();
  expect(outcome({ leaf: der })).toBe("pki.malformed");
});
