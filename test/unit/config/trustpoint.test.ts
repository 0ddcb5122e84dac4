import { createPrivateKey } from "node:crypto";
import { expect, test } from "vitest";
import type { WallClock } from "#lib/duration.ts";
import { makeRoot, makeSelfSigned, type TestCertificate } from "#test/support/pki.ts";
import { type BranchFile, check, load } from "./branch-files.ts";

const config = `pki:
  trustpoints:
    corp:
      ca: [ pki/ca.pem ]
      certificate: pki/branch12.pem
      key: { file: pki/branch12.key }
ikev2:
  profiles:
    hq: { local: { authentication: certificate }, remote: { authentication: certificate } }
clients:
  hq:
    peers: [ { fqdn: hub1.example.net }, { address: 203.0.113.2 }, { address: 2001:db8::2 } ]
`;
const now = Date.parse("2026-11-24") as WallClock;
const folder = "/etc/flexspoke/pki";

const root = makeRoot({ subject: "CN=Root,O=Example,C=CH" });
const intermediate = root.issue({ subject: "CN=Sub", isCa: true });
const leaf = intermediate.issue({
  subject: "CN=branch12,O=Example,C=CH",
  dns: ["branch12.example.net"],
  email: ["branch12@example.net"],
  ip: ["192.0.2.12"],
});

function files(change: Readonly<Record<string, string | BranchFile>> = {}) {
  return {
    [`${folder}/ca.pem`]: root.pem + intermediate.pem,
    [`${folder}/branch12.pem`]: leaf.pem + intermediate.pem,
    [`${folder}/branch12.key`]: leaf.keyPem,
    ...change,
  };
}

const der = (issued: TestCertificate): Uint8Array => new Uint8Array(issued.der);
const plain = (list: readonly Uint8Array[]) => list.map((bytes) => new Uint8Array(bytes));

/** The connection of the one client. */
function connection(text = config, change: Readonly<Record<string, string | BranchFile>> = {}) {
  const { hq } = load(text, { files: files(change), now }).resolved.clients;
  return hq!.connection;
}

test("the branch sends its own certificate first, then the chain of the file", () => {
  const { authentication } = connection().local;
  if (authentication.method !== "certificate") throw new Error("certificate expected");
  expect(plain(authentication.chain)).toEqual([der(leaf), der(intermediate)]);
  expect(authentication.key.equals(createPrivateKey(leaf.keyPem))).toBe(true);
  expect(authentication.rsaPadding).toBe("pkcs1");
});

test("self-signed authorities are anchors, the others help to build the chain", () => {
  const { authentication } = connection().remote;
  if (authentication.method !== "certificate") throw new Error("certificate expected");
  expect(plain(authentication.anchors)).toEqual([der(root)]);
  expect(plain(authentication.intermediates)).toEqual([der(intermediate)]);
});

test("an intermediate given alone is the anchor", () => {
  const { authentication } = connection(config, { [`${folder}/ca.pem`]: intermediate.pem }).remote;
  if (authentication.method !== "certificate") throw new Error("certificate expected");
  expect(plain(authentication.anchors)).toEqual([der(intermediate)]);
});

test("without an identity, the branch is the subject of its certificate", () => {
  const { identity } = connection().local;
  expect(identity).toMatchObject({ kind: "dn", text: "CN=branch12,O=Example,C=CH" });
});

test("a dn identity in another order is sent as the certificate has it", () => {
  const text = config.replace("local: {", 'local: { identity: "dn:C=CH,O=Example,CN=branch12",');
  const { identity } = connection(text).local;
  const subject = connection().local.identity;
  if (identity.kind !== "dn" || subject.kind !== "dn") throw new Error("dn expected");
  expect(new Uint8Array(identity.der)).toEqual(new Uint8Array(subject.der));
  // SEQUENCE, SET, SEQUENCE, OID 2.5.4.6 (C): the certificate's order.
  expect(Buffer.from(identity.der).toString("hex")).toMatch(/^30..310b3009060355040613024348/);
});

test("without an identity, a hub with a certificate must carry a name that was called", () => {
  expect(connection().remote.identities).toEqual([
    { kind: "fqdn", pattern: "hub1.example.net" },
    { kind: "ipv4", pattern: "203.0.113.2" },
    { kind: "ipv6", pattern: "2001:db8::2" },
  ]);
});

test.each([
  ["fqdn:branch12.example.net", []],
  ["email:branch12@example.net", []],
  ["ipv4:192.0.2.12", []],
  ["dn:CN=branch12, O=Example, C=CH", []],
  ["key-id:anything", []],
  ["fqdn:other.example.net", ["local.identity"]],
  ["email:other@example.net", ["local.identity"]],
  ["ipv4:192.0.2.13", ["local.identity"]],
  ["dn:CN=other, O=Example, C=CH", ["local.identity"]],
  ["dn:CN=branch12", ["local.identity"]],
])("an identity of the branch that its certificate lacks is a warning: %s", (identity, warned) => {
  const text = config.replace("local: {", `local: { identity: "${identity}",`);
  const { errors, warnings } = check(text, { files: files(), now });
  expect(errors).toEqual([]);
  expect(warnings.map((line) => /(local\.identity)/.exec(line)?.[1])).toEqual(warned);
});

test.each([["pss" as const], ["pkcs1" as const]])("RSA signs with %s when asked to", (padding) => {
  const rsa = root.issue({ subject: "CN=branch12", key: "rsa-2048" });
  const text = config.replace("local: {", `local: { rsa-padding: ${padding},`);
  const { authentication } = connection(text, {
    [`${folder}/branch12.pem`]: rsa.pem,
    [`${folder}/branch12.key`]: rsa.keyPem,
  }).local;
  expect(authentication).toMatchObject({ rsaPadding: padding });
});

test("Ed25519 keys are taken", () => {
  const issued = root.issue({ subject: "CN=branch12", key: "ed25519" });
  const { authentication } = connection(config, {
    [`${folder}/branch12.pem`]: issued.pem,
    [`${folder}/branch12.key`]: issued.keyPem,
  }).local;
  expect(authentication.method === "certificate" && authentication.key.asymmetricKeyType).toBe(
    "ed25519",
  );
});

test("a key in DER whose last byte is a line end is taken whole", () => {
  const [issued, key] = untilLineEnd();
  const { authentication } = connection(config, {
    [`${folder}/branch12.pem`]: { text: der(issued) },
    [`${folder}/branch12.key`]: { text: key.export({ format: "der", type: "pkcs8" }) },
  }).local;
  expect(authentication.method === "certificate" && authentication.key.equals(key)).toBe(true);
});

/** One key of 256 ends like that. */
function untilLineEnd() {
  for (let tries = 0; tries < 10_000; tries++) {
    const issued = root.issue({ subject: `CN=branch${tries}`, key: "ecdsa-256" });
    const key = createPrivateKey(issued.keyPem);
    if (key.export({ format: "der", type: "pkcs8" }).at(-1) === 0x0a) return [issued, key] as const;
  }
  throw new Error("no such key");
}

test.each(["sec1", "pkcs8"] as const)("DER is taken as PEM is, a key in %s", (type) => {
  const key = createPrivateKey(leaf.keyPem);
  const { authentication } = connection(config, {
    [`${folder}/branch12.pem`]: { text: der(leaf) },
    [`${folder}/branch12.key`]: { text: key.export({ format: "der", type }) },
  }).local;
  expect(authentication.method === "certificate" && authentication.key.equals(key)).toBe(true);
});

test.each<[string, () => Readonly<Record<string, string | BranchFile>>, string]>([
  [
    "a key of another certificate",
    () => ({ [`${folder}/branch12.key`]: makeSelfSigned({ subject: "CN=x" }).keyPem }),
    "6:12: pki.trustpoints.corp.key: the key does not fit the certificate (issue the certificate for this key, or name the other key file)",
  ],
  [
    "a chain in the wrong order",
    () => ({ [`${folder}/branch12.pem`]: intermediate.pem + leaf.pem }),
    "6:12: pki.trustpoints.corp.key: the key fits a later certificate of the file (the branch's own certificate comes first)",
  ],
  [
    "a key that others can read",
    () => ({ [`${folder}/branch12.key`]: { text: leaf.keyPem, mode: 0o644 } }),
    "6:20: pki.trustpoints.corp.key.file: file /etc/flexspoke/pki/branch12.key is open to others, mode 0644 (chmod 600 /etc/flexspoke/pki/branch12.key)",
  ],
  [
    "a key that is none",
    () => ({ [`${folder}/branch12.key`]: "hunter2" }),
    "6:12: pki.trustpoints.corp.key: not a private key without passphrase (PEM or DER: PKCS#8, PKCS#1, SEC 1; `openssl pkey` removes a passphrase)",
  ],
  [
    "a key with a passphrase",
    () => ({
      [`${folder}/branch12.key`]: createPrivateKey(leaf.keyPem)
        .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "hunter2" })
        .toString(),
    }),
    "6:12: pki.trustpoints.corp.key: not a private key without passphrase (PEM or DER: PKCS#8, PKCS#1, SEC 1; `openssl pkey` removes a passphrase)",
  ],
  [
    "an RSA key that is too short",
    () => {
      const short = makeSelfSigned({ subject: "CN=x", key: "rsa-1024" });
      return { [`${folder}/branch12.key`]: short.keyPem, [`${folder}/branch12.pem`]: short.pem };
    },
    "6:12: pki.trustpoints.corp.key: an RSA key of 1024 bits is too short (RSA of 2048 bits or more, ECDSA P-256, P-384 or P-521, Ed25519)",
  ],
  [
    "a certificate file without one",
    () => ({ [`${folder}/branch12.pem`]: "nothing" }),
    "5:20: pki.trustpoints.corp.certificate: file /etc/flexspoke/pki/branch12.pem has no certificate (PEM or DER, X.509)",
  ],
  [
    "a certificate that is damaged",
    () => ({ [`${folder}/ca.pem`]: root.pem.replace("MII", "MIJ").replace("MIIB", "AAAA") }),
    "4:13: pki.trustpoints.corp.ca[0]: file /etc/flexspoke/pki/ca.pem has a certificate that can't be read (PEM or DER, X.509)",
  ],
])("%s is an error", (_case, change, expected) => {
  expect(check(config, { files: files(change()), now }).errors).toEqual([expected]);
});

test("a certificate without its key is an error at the trustpoint", () => {
  const { errors } = check(config.replace(/ {6}key: .*\n/, ""), { files: files(), now });
  expect(errors).toEqual([
    "3:5: pki.trustpoints.corp: certificate and key go together (give both, or neither)",
  ]);
});

test("a trustpoint that only checks others can't prove the branch", () => {
  const text = config.replace(/ {6}(key|certificate): .*\n/g, "");
  expect(check(text, { files: files(), now }).errors).toEqual([
    "7:11: ikev2.profiles.hq.local.trustpoint: trustpoint corp has no certificate and key of this branch (add certificate and key to it)",
  ]);
});

test("a trustpoint that only checks the hub goes with a pre-shared key of the branch", () => {
  const text = config
    .replace(/ {6}(key|certificate): .*\n/g, "")
    .replace("local: { authentication: certificate }", "local: { psk: x }");
  const { hq } = load(text, { files: files(), now }).resolved.clients;
  expect(hq!.connection.local.authentication.method).toBe("psk");
  expect(hq!.connection.remote.authentication.method).toBe("certificate");
});

test("dates of certificates are warnings: the clock of a router may be wrong", () => {
  const old = root.issue({ subject: "CN=branch12", notAfter: "2026-06-01" });
  const early = makeRoot({ subject: "CN=Root", notBefore: "2030-01-01" });
  const change = {
    [`${folder}/branch12.pem`]: old.pem,
    [`${folder}/branch12.key`]: old.keyPem,
    [`${folder}/ca.pem`]: early.pem,
  };
  const { errors, warnings } = check(config, { files: files(change), now });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    "4:13: warning: pki.trustpoints.corp.ca[0]: file /etc/flexspoke/pki/ca.pem: the certificate is not valid before Jan  1 00:00:00 2030 GMT (check the clock)",
    "5:20: warning: pki.trustpoints.corp.certificate: file /etc/flexspoke/pki/branch12.pem: the certificate expired on Jun  1 00:00:00 2026 GMT (renew it)",
  ]);
});
