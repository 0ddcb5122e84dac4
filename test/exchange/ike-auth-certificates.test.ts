/** IKE_AUTH with certificates: RSA, ECDSA, Ed25519, chains, and each reason not to trust one. RFC 7296 §2.15, RFC 7427 */
import { expect, test } from "vitest";
import { toHex } from "#lib/bytes.ts";
import {
  assertFailedOnce,
  assertNotify,
  assertOneTunnel,
  assertPayloads,
  lastFromBranch,
} from "#test/support/assertions.ts";
import { certified, type Ends } from "#test/support/certified.ts";
import { connection, HUB_NAME } from "#test/support/connection.ts";
import { makePki, makeRoot } from "#test/support/pki.ts";
import { AUTH_METHOD, authorityHash } from "#test/support/virtual-hub/authentication.ts";
import { find, PAYLOAD } from "#test/support/virtual-hub/wire.ts";
import { World } from "#test/support/world.ts";

function failing(seed: number, ends: Ends) {
  const world = new World({ seed });
  const hub = world.hub("hub1", ends.hub);
  const branch = world.branch();
  branch.connect(connection(ends.connection), hub.address);
  world.runUntil(() => branch.down !== undefined);
  return { world, hub, branch };
}

test.each([
  ["ecdsa-256", "pkcs1"],
  ["ecdsa-384", "pkcs1"],
  ["ecdsa-521", "pkcs1"],
  ["ed25519", "pkcs1"],
  ["rsa-2048", "pkcs1"],
  ["rsa-2048", "pss"],
] as const)("%s (%s): both ends prove themselves by RFC 7427 signatures", (key, padding) => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected(certified(key, { padding }));
  const request = lastFromBranch(hub, "IKE_AUTH", "request");
  assertPayloads(request, ["IDi", "CERT", "CERTREQ", "AUTH"]);
  expect(find(request.payloads, PAYLOAD.AUTH)?.body[0]).toBe(AUTH_METHOD.SIGNATURE);
  expect(branch.outcome?.peerIdentity).toBe(HUB_NAME);
  assertOneTunnel(branch, hub);
});

test.each([
  ["ecdsa-256", AUTH_METHOD.ECDSA_256],
  ["ecdsa-384", AUTH_METHOD.ECDSA_384],
] as const)("%s with a hub that knows no RFC 7427 uses the method of the curve", (key, method) => {
  const world = new World({ seed: 2 });
  const ends = certified(key);
  const { hub, branch } = world.connected({
    ...ends,
    hub: { ...ends.hub, sendsSignatureHashes: false },
  });
  const request = lastFromBranch(hub, "IKE_AUTH", "request");
  expect(find(request.payloads, PAYLOAD.AUTH)?.body[0]).toBe(method);
  assertOneTunnel(branch, hub);
});

test("a chain with an intermediate is sent whole and understood whole", () => {
  const world = new World({ seed: 3 });
  const { hub, branch } = world.connected(certified("ecdsa-256", { hasIntermediate: true }));
  const { payloads } = lastFromBranch(hub, "IKE_AUTH", "request");
  expect(payloads.filter(({ type }) => type === PAYLOAD.CERT).length).toBe(2);
  assertOneTunnel(branch, hub);
});

test("CERTREQ names the authorities we trust by the hash of their keys", () => {
  const world = new World({ seed: 4 });
  const { root } = makePki({ key: "ecdsa-256" });
  const { hub } = world.connected(certified("ecdsa-256"));
  const { payloads } = lastFromBranch(hub, "IKE_AUTH", "request");
  const body = find(payloads, PAYLOAD.CERTREQ)?.body ?? new Uint8Array();
  expect(body[0]).toBe(4);
  expect(toHex(body).includes(toHex(authorityHash(root.der)))).toBe(true);
});

test("pre-shared key one way and certificate the other way", () => {
  const world = new World({ seed: 5 });
  const ends = certified("ecdsa-256");
  const { trust: _, ...hubSide } = ends.hub;
  const { local: __, ...branchSide } = ends.connection;
  const { hub, branch } = world.connected({ hub: hubSide, connection: branchSide });
  assertOneTunnel(branch, hub);
});

test("an expired certificate of the hub is refused with that reason", () => {
  const { expired } = makePki({ key: "ecdsa-256" });
  const { branch } = failing(6, certified("ecdsa-256", { hub: expired }));
  assertFailedOnce(branch, "ike.auth.certificate-expired");
});

test("a certificate of the hub that is not valid yet is refused with that reason", () => {
  const { notYetValid } = makePki({ key: "ecdsa-256" });
  const { branch } = failing(7, certified("ecdsa-256", { hub: notYetValid }));
  assertFailedOnce(branch, "ike.auth.certificate-expired");
});

test("a certificate of a CA that we do not trust is refused, and the hub is told", () => {
  const other = makeRoot({ subject: "CN=Other Root,O=Elsewhere" });
  const ends = certified("ecdsa-256", { branchTrusts: other });
  const { world, hub, branch } = failing(8, ends);
  assertFailedOnce(branch, "ike.auth.certificate-untrusted");
  world.runFor(5_000 as never);
  assertNotify(lastFromBranch(hub, "INFORMATIONAL", "request"), "AUTHENTICATION_FAILED");
});

test("a hub that does not trust our CA ends the session with what to check", () => {
  const other = makeRoot({ subject: "CN=Other Root,O=Elsewhere" });
  const { branch } = failing(9, certified("ecdsa-256", { hubTrusts: other }));
  assertFailedOnce(branch, "ike.auth.refused");
});

test("a hub whose certificate does not carry the identity it claims is refused", () => {
  const { issuing } = makePki({ key: "ecdsa-256" });
  const other = issuing.issue({ subject: "CN=web,O=Example", dns: ["www.example.net"] });
  const { branch } = failing(10, certified("ecdsa-256", { hub: other }));
  assertFailedOnce(branch, "ike.auth.identity-not-in-certificate");
});

test("a signature that is off by one bit is refused", () => {
  const world = new World({ seed: 11 });
  const ends = certified("ecdsa-256");
  const hub = world.hub("hub1", ends.hub);
  hub.impair({ kind: "wrong-auth" });
  const branch = world.branch();
  branch.connect(connection(ends.connection), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.auth.peer-signature-invalid");
});

test("a hub that uses its pre-shared key where the profile asks for a certificate is refused", () => {
  const ends = certified("ecdsa-256");
  const { credential: _, ...hubSide } = ends.hub;
  const { branch } = failing(12, { ...ends, hub: hubSide });
  assertFailedOnce(branch, "ike.auth.method-mismatch");
});

test("a hub that sends no certificate is refused", () => {
  const world = new World({ seed: 13 });
  const ends = certified("ecdsa-256");
  const hub = world.hub("hub1", ends.hub);
  hub.impair({ kind: "omit", match: {}, payload: PAYLOAD.CERT });
  const branch = world.branch();
  branch.connect(connection(ends.connection), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.auth.certificate-missing");
});

test("long RSA chains come and go in fragments", () => {
  const world = new World({ seed: 14 });
  let fragments = 0;
  world.link.tap(({ bytes }) => {
    if (bytes[16] === PAYLOAD.SKF) fragments++;
  });
  const ends = certified("rsa-2048", { hasIntermediate: true });
  const { hub, branch } = world.connected({
    hub: { ...ends.hub, fragmentMtu: 1280 },
    connection: { ...ends.connection, fragmentMtu: 1280 },
  });
  expect(fragments).toBeGreaterThan(3);
  assertOneTunnel(branch, hub);
});
