import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import type { Payload } from "#ike/message/message.ts";
import { decodeMessage, encodeMessage } from "#ike/message/payload-chain.ts";
import { openMessage, sealMessage } from "#ike/message/sk.ts";
import { Reassembly, sealFragments } from "#ike/message/skf.ts";
import { SecretBytes } from "#lib/secret.ts";
import { keepPromise, samePayloads } from "#test/fuzz/ike-message-promise.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";
import { header, knownPayloads, payload } from "./ike-message-arbitraries.ts";

const payloads = fc.array(payload, { maxLength: 8 });

test.each(Object.entries(knownPayloads))("any %s payload decodes to what was encoded", (_, one) => {
  fc.assert(
    fc.property(header, fc.array(one, { minLength: 1, maxLength: 3 }), (ike, list) => {
      const message = decodeMessage(encodeMessage(ike, list));
      if (!message.ok || message.value.kind !== "clear") throw new Error(JSON.stringify(message));
      expect(message.value.header).toEqual(ike);
      expect(samePayloads(message.value.payloads, list)).toBe(true);
    }),
    { seed: 1, numRuns: 150 },
  );
});

const ciphers: readonly [string, SkCipher][] = [
  ["AES-GCM", cipherOf(20, 256, undefined)],
  ["AES-CBC", cipherOf(12, 128, 12)],
  ["ChaCha20-Poly1305", cipherOf(28, undefined, undefined)],
];

function cipherOf(id: number, bits: number | undefined, integ: number | undefined): SkCipher {
  const random = seededRandom(id);
  const algorithm = encryption(id, bits);
  const encryptionKey = new SecretBytes(random(algorithm.keyBytes + algorithm.saltBytes));
  const mac = integ === undefined ? undefined : integrity(integ);
  return createSkCipher({
    encryption: algorithm,
    encryptionKey,
    random,
    ...(mac ? { integrity: mac, integrityKey: new SecretBytes(random(mac.keyBytes)) } : {}),
  });
}

test.each(ciphers)("any payloads sealed with %s open as what they were", (_, cipher) => {
  fc.assert(
    fc.property(header, payloads, payloads, (ike, list, before) => {
      const message = decodeMessage(sealMessage(ike, list, cipher, { before }));
      if (!message.ok || message.value.kind !== "sealed") throw new Error(JSON.stringify(message));
      expect(samePayloads(message.value.payloads, before)).toBe(true);
      const opened = openMessage(message.value, cipher);
      expect(opened?.ok && samePayloads(opened.value, list)).toBe(true);
    }),
    { seed: 2, numRuns: 150 },
  );
});

test.each(ciphers)(
  "any message cut into fragments with %s comes together, in any order and with repeats",
  (_, cipher) => {
    const order = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(
        header,
        fc.array(payload, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 130, max: 600 }),
        order,
        (ike, list, limit, draws) => {
          const pieces = sealFragments(ike, list, cipher, limit);
          expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(limit);
          const opened = reassembled(shuffled([...pieces, ...pieces], draws), cipher);
          expect(opened && samePayloads(opened, list)).toBe(true);
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  },
);

/** The payloads of the first message that is complete. */
function reassembled(
  datagrams: readonly Uint8Array[],
  cipher: SkCipher,
): readonly Payload[] | undefined {
  const reassembly = new Reassembly();
  for (const datagram of datagrams) {
    const message = decodeMessage(datagram);
    if (!message.ok || message.value.kind !== "sealed") return undefined;
    if (!message.value.fragment) {
      const opened = openMessage(message.value, cipher);
      return opened?.ok ? opened.value : undefined;
    }
    const step = reassembly.accept(message.value, cipher);
    if (step.kind === "complete") return step.payloads.ok ? step.payloads.value : undefined;
  }
  return undefined;
}

function shuffled<Value>(values: readonly Value[], draws: Iterator<number>): readonly Value[] {
  const rest = [...values];
  const result: Value[] = [];
  while (rest.length > 0) {
    const draw: number = draws.next().value ?? 0;
    result.push(...rest.splice(draw % rest.length, 1));
  }
  return result;
}

test("any bytes either decode, or give a DecodeError; what decodes encodes to the same meaning", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => keepPromise(bytes)),
    { seed: 4, numRuns: 2000 },
  );
});

const folder = new URL("../vectors/captures/", import.meta.url);
const datagrams: readonly Uint8Array[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => {
    const { packets } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
      packets: { kind: string; raw: string; inner?: string; inner_first?: number }[];
    };
    return packets.flatMap(({ kind, raw, inner, inner_first = 0 }) =>
      kind === "ike"
        ? [fromHex(raw), ...(inner ? [Uint8Array.from([inner_first, ...fromHex(inner)])] : [])]
        : [],
    );
  });

test("recorded messages with bytes changed, cut and doubled keep the promise", () => {
  const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(
      fc.constantFrom(...datagrams),
      fc.array(change, { maxLength: 4 }),
      fc.option(fc.nat()),
      (datagram, changes, cut) => {
        const bytes = Uint8Array.from(datagram.subarray(0, cut === null ? undefined : cut % 600));
        for (const { at, value } of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        keepPromise(bytes);
      },
    ),
    { seed: 5, numRuns: 3000 },
  );
});
