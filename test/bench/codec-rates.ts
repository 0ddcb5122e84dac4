/**
 * How many messages a second the IKE codec handles, on one core. The message is the first IKE_AUTH request of a recorded
 * session with a pre-shared key. Goal: 50,000 a second, decoding and encoding.
 */
import { readFileSync } from "node:fs";
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { generateKeyExchange } from "#crypto/key-exchange.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import { dissectMessage } from "#ike/message/dissect.ts";
import type { SealedMessage } from "#ike/message/message.ts";
import { decodeMessage, decodePayloads, encodeMessage } from "#ike/message/payload-chain.ts";
import { openMessage, sealMessage } from "#ike/message/sk.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";
import { absoluteRow, type Row } from "./row.ts";

interface Packet {
  readonly raw: string;
  readonly inner?: string;
  readonly inner_first?: number;
  readonly exchange: number;
}
const capture = new URL("../vectors/captures/psk-gcm256-x25519.json", import.meta.url);
const { packets } = JSON.parse(readFileSync(capture, "utf8")) as { packets: readonly Packet[] };
const request = packets.find(({ exchange, inner }) => exchange === 35 && inner !== undefined);
if (!request) throw new Error("the capture holds no IKE_AUTH");
const inner = fromHex(request.inner ?? "");
const firstInner = request.inner_first ?? 0;

const outer = value(decodeMessage(fromHex(request.raw)));
const payloads = value(decodePayloads(firstInner, inner));
const init = fromHex(packets[0]?.raw ?? "");
const initMessage = value(decodeMessage(init));

function value<Value>(result: { ok: true; value: Value } | { ok: false; error: unknown }): Value {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function cipher(isAead: boolean): SkCipher {
  const random = seededRandom(1);
  const algorithm = isAead ? encryption(20, 256) : encryption(12, 256);
  const encryptionKey = new SecretBytes(random(algorithm.keyBytes + algorithm.saltBytes));
  const mac = { integrity: integrity(12), integrityKey: new SecretBytes(random(32)) };
  return createSkCipher({ encryption: algorithm, encryptionKey, random, ...(isAead ? {} : mac) });
}

function sealed(by: SkCipher): SealedMessage {
  const message = value(decodeMessage(sealMessage(outer.header, payloads, by)));
  if (message.kind !== "sealed") throw new Error("not sealed");
  return message;
}

/** @returns runs a second: the best of five rounds of a quarter of a second, so that a busy machine disturbs less. */
function perSecond(run: () => unknown): number {
  for (let warm = 0; warm < 2_000; warm++) run();
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 250) {
      for (let batch = 0; batch < 50; batch++) run();
      count += 50;
    }
    best = Math.max(best, count / ((performance.now() - start) / 1000));
  }
  return best;
}

/** The two rows that have a goal. */
export function codecRows(): Row[] {
  const goal = { atLeast: 50_000 };
  const row = (what: string, run: () => unknown, note: string) =>
    absoluteRow({ what, value: perSecond(run), unit: "a second", digits: 0, goal, note });
  return [
    row(
      "decode IKE_AUTH",
      () => decodePayloads(firstInner, inner),
      `${payloads.length} payloads, ${inner.length} bytes`,
    ),
    row("encode IKE_AUTH", () => encodeMessage(outer.header, payloads), "the same message"),
  ];
}

/** What surrounds them: other messages, encryption, key exchange. Name and runs a second. */
export function otherRates(): [name: string, perSecond: number][] {
  const [gcm, cbc] = [cipher(true), cipher(false)];
  const [sealedByGcm, sealedByCbc] = [sealed(gcm), sealed(cbc)];
  const rates: [string, () => unknown][] = [
    [`decode IKE_SA_INIT (${init.length} bytes)`, () => decodeMessage(init)],
    ["encode IKE_SA_INIT", () => encodeMessage(initMessage.header, initMessage.payloads)],
    ["seal IKE_AUTH, AES-GCM-256", () => sealMessage(outer.header, payloads, gcm)],
    ["open IKE_AUTH, AES-GCM-256", () => openMessage(sealedByGcm, gcm)],
    ["seal IKE_AUTH, AES-CBC-256 SHA-256", () => sealMessage(outer.header, payloads, cbc)],
    ["open IKE_AUTH, AES-CBC-256 SHA-256", () => openMessage(sealedByCbc, cbc)],
    ["dissect IKE_AUTH", () => dissectMessage(outer.header, payloads)],
    ...keyExchanges(),
  ];
  return rates.map(([name, run]) => [name, perSecond(run)]);
}

function keyExchanges(): [string, () => unknown][] {
  const random = seededRandom(2);
  const methods = [
    [31, "x25519"],
    [19, "ecp256"],
    [14, "modp2048"],
  ] as const;
  return methods.map(([method, name]) => {
    const peer = generateKeyExchange(method, random).publicValue;
    const run = () => generateKeyExchange(method, random).computeSecret(peer);
    return [`key exchange, both steps, ${name}`, run];
  });
}
