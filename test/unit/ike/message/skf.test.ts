import { expect, test } from "vitest";
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import type { IkeHeader, Payload, SealedMessage } from "#ike/message/message.ts";
import { decodeMessage } from "#ike/message/payload-chain.ts";
import { openMessage, sealMessage } from "#ike/message/sk.ts";
import { Reassembly, sealFragments } from "#ike/message/skf.ts";
import { InvariantError } from "#lib/invariant.ts";
import { SecretBytes } from "#lib/secret.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

const header: IkeHeader = {
  spiInitiator: 1n,
  spiResponder: 2n,
  exchange: 35,
  isInitiator: true,
  isResponse: false,
  messageId: 1,
};
const certificate: Payload = { type: "CERT", encoding: 4, data: seededRandom(3)(1000) };
const nonce: Payload = { type: "Nonce", nonce: new Uint8Array(32) };

function gcm(seed = 1): SkCipher {
  const random = seededRandom(seed);
  return createSkCipher({
    encryption: encryption(20, 256),
    encryptionKey: new SecretBytes(random(36)),
    random,
  });
}

function cbc(): SkCipher {
  const random = seededRandom(1);
  return createSkCipher({
    encryption: encryption(12, 256),
    encryptionKey: new SecretBytes(random(32)),
    integrity: integrity(12),
    integrityKey: new SecretBytes(random(32)),
    random,
  });
}

function sealedOf(datagram: Uint8Array | undefined): SealedMessage {
  const message = decodeMessage(datagram ?? new Uint8Array(0));
  if (!message.ok || message.value.kind !== "sealed") throw new Error(JSON.stringify(message));
  return message.value;
}

/** The message cut so that about this many pieces come out. */
function pieces(limit: number, cipher: SkCipher, id = 1): readonly SealedMessage[] {
  return sealFragments({ ...header, messageId: id }, [certificate, nonce], cipher, limit).map(
    sealedOf,
  );
}

test("a message that fits goes out whole, byte for byte what sealMessage makes", () => {
  const [whole, ...more] = sealFragments(header, [nonce], gcm(), 1280);
  expect(more).toEqual([]);
  expect(whole).toEqual(sealMessage(header, [nonce], gcm()));
});

test.each([
  ["AES-GCM", gcm()],
  ["AES-CBC", cbc()],
])("fragments with %s are as large as allowed and no larger", (_, cipher) => {
  for (const limit of [200, 201, 215, 216, 576, 1000]) {
    const datagrams = sealFragments(header, [certificate, nonce], cipher, limit);
    const largest = Math.max(...datagrams.map((one) => one.length));
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(limit - 16);
  }
});

test("the first fragment names the first payload, the others none; all have the same message ID", () => {
  const fragments = pieces(420, gcm());
  expect(fragments.map((one) => one.firstInner)).toEqual([37, 0, 0]);
  expect(fragments.map((one) => one.fragment)).toEqual([
    { number: 1, total: 3 },
    { number: 2, total: 3 },
    { number: 3, total: 3 },
  ]);
  expect(fragments.map((one) => one.header)).toEqual([header, header, header]);
  expect(fragments.map((one) => one.associatedData.length)).toEqual([36, 36, 36]);
});

test("fragments that arrive in any order make the message", () => {
  const cipher = gcm();
  const [one, two, three] = pieces(420, cipher) as [SealedMessage, SealedMessage, SealedMessage];
  const reassembly = new Reassembly();
  expect(reassembly.accept(three, cipher)).toEqual({ kind: "waiting", have: 1, total: 3 });
  expect(reassembly.accept(one, cipher)).toEqual({ kind: "waiting", have: 2, total: 3 });
  expect(reassembly.accept(two, cipher)).toEqual({
    kind: "complete",
    payloads: { ok: true, value: [certificate, nonce] },
  });
});

test("a repeated fragment is dropped without being opened", () => {
  const cipher = gcm();
  const [one] = pieces(420, cipher) as [SealedMessage];
  const reassembly = new Reassembly();
  reassembly.accept(one, cipher);
  const never: SkCipher = { ...cipher, open: () => expect.unreachable("opened a duplicate") };
  expect(reassembly.accept(one, never)).toEqual({ kind: "dropped", reason: "duplicate" });
});

test("a stranger's fragment is not kept, whatever it claims", () => {
  const cipher = gcm();
  const [one, two, three] = pieces(420, cipher) as [SealedMessage, SealedMessage, SealedMessage];
  const reassembly = new Reassembly();
  reassembly.accept(one, cipher);
  for (const forged of [
    ...pieces(420, gcm(2)),
    ...pieces(200, gcm(2)),
    ...pieces(420, gcm(2), 9),
  ].slice(1))
    expect(reassembly.accept(forged, cipher)).toEqual({ kind: "dropped", reason: "unverified" });
  reassembly.accept(two, cipher);
  expect(reassembly.accept(three, cipher).kind).toBe("complete");
});

test("a message cut anew into more fragments replaces what was collected, one into fewer is dropped", () => {
  const cipher = gcm();
  const [large] = pieces(600, cipher) as [SealedMessage];
  const small = pieces(420, cipher);
  const reassembly = new Reassembly();
  reassembly.accept(large, cipher);
  expect(reassembly.accept(small[0] ?? large, cipher)).toEqual({
    kind: "waiting",
    have: 1,
    total: 3,
  });
  expect(reassembly.accept(large, cipher)).toEqual({ kind: "dropped", reason: "smaller-total" });
  reassembly.accept(small[1] ?? large, cipher);
  expect(reassembly.accept(small[2] ?? large, cipher).kind).toBe("complete");
});

test("a later message drops an unfinished one, an earlier one is dropped itself", () => {
  const cipher = gcm();
  const [first] = pieces(420, cipher, 1) as [SealedMessage];
  const [second] = pieces(420, cipher, 2) as [SealedMessage];
  const reassembly = new Reassembly();
  reassembly.accept(first, cipher);
  expect(reassembly.accept(second, cipher)).toEqual({ kind: "waiting", have: 1, total: 3 });
  expect(reassembly.accept(first, cipher)).toEqual({ kind: "dropped", reason: "old" });
  reassembly.clear();
  expect(reassembly.accept(first, cipher).kind).toBe("waiting");
});

test("total and bytes are bounded", () => {
  const cipher = gcm();
  const [one, two] = pieces(600, cipher) as [SealedMessage, SealedMessage];
  const few = new Reassembly({ fragments: 1, bytes: 10_000 });
  expect(few.accept(one, cipher)).toEqual({ kind: "dropped", reason: "too-many" });
  const small = new Reassembly({ fragments: 10, bytes: 700 });
  small.accept(one, cipher);
  expect(small.accept(two, cipher)).toEqual({ kind: "dropped", reason: "too-large" });
  const [huge] = pieces(600, cipher) as [SealedMessage];
  const claimed = { ...huge, fragment: { number: 1, total: 65_535 } };
  expect(new Reassembly().accept(claimed, cipher)).toEqual({ kind: "dropped", reason: "too-many" });
});

test("fragments whose plaintext is no chain of payloads complete with a fault", () => {
  const cipher = gcm();
  const [one, two, three] = pieces(420, cipher) as [SealedMessage, SealedMessage, SealedMessage];
  const reassembly = new Reassembly();
  reassembly.accept({ ...one, firstInner: 40 }, cipher);
  reassembly.accept(two, cipher);
  const step = reassembly.accept(three, cipher);
  if (step.kind !== "complete") throw new Error(step.kind);
  expect(step.payloads.ok ? "ok" : step.payloads.error.at).toBe("Nonce/nonce");
});

test("a limit that leaves no room is a broken promise of ours", () => {
  expect(() => sealFragments(header, [certificate], gcm(), 60)).toThrow(InvariantError);
});

test("a payload too large for one SK is a broken promise of ours, and goes in fragments", () => {
  const huge: Payload = { type: "CERT", encoding: 4, data: new Uint8Array(65_520) };
  expect(() => sealMessage(header, [huge], gcm())).toThrow(InvariantError);
  const cipher = gcm();
  const reassembly = new Reassembly({ fragments: 256, bytes: 70_000 });
  const steps = sealFragments(header, [huge], cipher, 1232).map((one) =>
    reassembly.accept(sealedOf(one), cipher),
  );
  expect(steps.at(-1)).toEqual({ kind: "complete", payloads: { ok: true, value: [huge] } });
});

test("an empty Encrypted payload is the liveness check", () => {
  const cipher = gcm();
  const message = sealedOf(sealMessage({ ...header, exchange: 37 }, [], cipher));
  expect(message.firstInner).toBe(0);
  expect(openMessage(message, cipher)).toEqual({ ok: true, value: [] });
});

test("impossible padding in an authentic message is a syntax fault, not an unverified one", () => {
  const broken: SkCipher = { ...gcm(), open: () => "bad-padding" };
  const message = sealedOf(sealMessage(header, [nonce], gcm()));
  const opened = openMessage(message, broken);
  expect(opened?.ok === false && [opened.error.code, opened.error.notify?.type]).toEqual([
    "ike.decode.syntax",
    7,
  ]);
});
