/** The virtual hub against sessions recorded between two strongSwans: its keys, its codec and its AUTH are right by themselves. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toHex } from "#lib/bytes.ts";
import { isProven, signedOctets } from "#test/support/virtual-hub/authentication.ts";
import { deriveChild, deriveIke, type IkeKeys } from "#test/support/virtual-hub/keys.ts";
import { Reassembly } from "#test/support/virtual-hub/reassembly.ts";
import { open } from "#test/support/virtual-hub/sealing.ts";
import { ALGORITHM, type IkeSuite } from "#test/support/virtual-hub/suite.ts";
import {
  find,
  PAYLOAD,
  readHeader,
  readPayloads,
  type WirePayload,
} from "#test/support/virtual-hub/wire.ts";

interface Capture {
  readonly psk: string;
  readonly ike_keysets: readonly {
    readonly secret: string;
    readonly nonces: string;
    readonly SK_d: string;
    readonly SK_pr: string;
    readonly SK_er: string;
    /** Absent where no message was sent under the SA: then nothing can be checked. */
    readonly spii?: string;
    readonly spir?: string;
  }[];
  readonly child_keysets: readonly (Readonly<Record<string, string>> & {
    readonly derived_from: string;
  })[];
  readonly packets: readonly {
    readonly kind: string;
    readonly raw: string;
    readonly flags: number;
    readonly keyset?: number;
    readonly inner?: string;
  }[];
}

const gcm: IkeSuite = {
  encryption: ALGORITHM.AES_GCM_16,
  keyLength: 256,
  integrity: 0,
  prf: ALGORITHM.PRF_SHA384,
  group: ALGORITHM.X25519,
};
const cbc: IkeSuite = {
  encryption: ALGORITHM.AES_CBC,
  keyLength: 256,
  integrity: ALGORITHM.HMAC_SHA256_128,
  prf: ALGORITHM.PRF_SHA256,
  group: ALGORITHM.MODP_2048,
};
const captures = [
  ["psk-gcm256-x25519", gcm],
  ["psk-cbc256-modp2048", cbc],
  ["psk-responder-rekeys-delete", { ...gcm, keyLength: 128, prf: ALGORITHM.PRF_SHA256 }],
] as const;

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

function load(name: string): Capture {
  const file = new URL(`../vectors/captures/${name}.json`, import.meta.url);
  const capture = JSON.parse(readFileSync(file, "utf8")) as Capture;
  return { ...capture, ike_keysets: capture.ike_keysets.filter(({ spii }) => spii) };
}

function keysets(capture: Capture, suite: IkeSuite): IkeKeys[] {
  const keys: IkeKeys[] = [];
  for (const set of capture.ike_keysets) {
    const nonces = hex(set.nonces);
    const input = {
      suite,
      secret: hex(set.secret),
      nonceInitiator: nonces.subarray(0, nonces.length / 2),
      nonceResponder: nonces.subarray(nonces.length / 2),
      spiInitiator: BigInt(`0x${set.spii}`),
      spiResponder: BigInt(`0x${set.spir}`),
    };
    const old = keys.at(-1);
    keys.push(deriveIke(old ? { ...input, old: { prf: suite.prf, d: old.d } } : input));
  }
  return keys;
}

test.each(captures)("the hub derives the IKE keys of %s, rekeys included", (name, suite) => {
  const capture = load(name);
  const derived = keysets(capture, suite);
  expect(derived.map((keys) => toHex(keys.d))).toEqual(capture.ike_keysets.map((k) => k.SK_d));
  expect(derived.map((keys) => toHex(keys.pr))).toEqual(capture.ike_keysets.map((k) => k.SK_pr));
  expect(derived.map((keys) => toHex(keys.responder.encryption))).toEqual(
    capture.ike_keysets.map((k) => k.SK_er),
  );
});

test.each(captures)("the hub opens every protected message of %s", (name, suite) => {
  const capture = load(name);
  const keys = keysets(capture, suite);
  const reassembly = new Reassembly();
  let opened = 0;
  for (const packet of capture.packets) {
    const set = packet.keyset === undefined ? undefined : keys[packet.keyset];
    if (packet.kind !== "ike" || !set || packet.inner === undefined) continue;
    const direction = packet.flags & 8 ? set.initiator : set.responder;
    const bytes = hex(packet.raw);
    const header = readHeader(bytes);
    const part = open(suite, direction, bytes);
    if (!header || !part) throw new Error("did not open");
    const whole = part.fragment ? reassembly.add(header, part) : part;
    if (whole) expect(toHex(whole.plaintext)).toBe(packet.inner);
    opened++;
  }
  expect(opened).toBeGreaterThan(3);
});

test.each(captures)("the hub derives the Child SA keys of %s", (name, suite) => {
  const capture = load(name);
  const keys = keysets(capture, suite);
  const esp = { ...suite, group: 0, esn: false };
  const sets = capture.child_keysets;
  expect(sets.length).toBeGreaterThan(0);
  for (const set of sets) {
    const from = keys[Number(/\d+/.exec(set.derived_from)?.[0] ?? -1)];
    const secret = hex(set["secret"] ?? "");
    const nonces = hex((set["seed"] ?? "").slice(secret.length * 2));
    const [ni, nr] = [nonces.subarray(0, 32), nonces.subarray(32)];
    const child = deriveChild({ prf: suite.prf, d: from?.d ?? hex("") }, esp, secret, ni, nr);
    expect(toHex(child.initiator.encryption)).toBe(set["encryption initiator key"]);
    expect(toHex(child.responder.encryption)).toBe(set["encryption responder key"]);
  }
});

test.each(captures)(
  "the hub finds both AUTH values of %s right, and wrong under another secret",
  (name, suite) => {
    const capture = load(name);
    const keys = keysets(capture, suite)[0] as IkeKeys;
    const ike = capture.packets.filter(({ kind }) => kind === "ike");
    const [request, response] = [hex(ike[0]?.raw ?? ""), hex(ike[1]?.raw ?? "")];
    const nonceOf = (bytes: Uint8Array) =>
      find(readPayloads(bytes[16] ?? 0, bytes.subarray(28)), PAYLOAD.Nonce)?.body ?? hex("");
    const messages = ike.filter((packet) => hex(packet.raw)[18] === 35);
    const inner = (index: number): readonly WirePayload[] => {
      const packet = messages[index];
      const bytes = hex(packet?.raw ?? "");
      const part = open(suite, index === 0 ? keys.initiator : keys.responder, bytes);
      return readPayloads(part?.first ?? 0, part?.plaintext ?? hex(""));
    };
    const check = (index: number, secret: string) => {
      const payloads = inner(index);
      const [message, nonce, skP, idType] =
        index === 0
          ? [request, nonceOf(response), keys.pi, PAYLOAD.IDi]
          : [response, nonceOf(request), keys.pr, PAYLOAD.IDr];
      const id = find(payloads, idType)?.body ?? hex("");
      const auth = find(payloads, PAYLOAD.AUTH)?.body ?? hex("");
      const octets = signedOctets(suite.prf, message, nonce, skP, id);
      const proof = { method: auth[0] ?? 0, data: auth.subarray(4) };
      const trust = { method: "psk", secret: new TextEncoder().encode(secret) } as const;
      return isProven(trust, suite.prf, octets, proof, []);
    };
    expect([check(0, capture.psk), check(1, capture.psk)]).toEqual([true, true]);
    expect([check(0, "another"), check(1, "another")]).toEqual([false, false]);
  },
);
