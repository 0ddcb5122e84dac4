import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import type { DecodedMessage, Payload } from "#ike/message/message.ts";
import {
  decodeMessage,
  decodePayloads,
  encodeMessage,
  encodePayloads,
  payloadNumber,
} from "#ike/message/payload-chain.ts";
import { openMessage, sealMessage } from "#ike/message/sk.ts";
import { Reassembly } from "#ike/message/skf.ts";
import { ByteWriter } from "#lib/bytes.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

interface CapturedPacket {
  readonly n: number;
  readonly kind: string;
  readonly raw: string;
  readonly flags: number;
  readonly mid: number;
  readonly exchange: number;
  readonly keyset?: number;
  readonly inner?: string;
  readonly inner_first?: number;
  readonly frag?: readonly [number, number];
  readonly reassembled?: string;
  readonly payloads?: readonly { readonly type: number; readonly body: string }[];
}
interface Capture {
  readonly name: string;
  readonly meta: { readonly enc: string; readonly integ?: string };
  readonly ike_keysets: readonly Readonly<Record<string, string>>[];
  readonly packets: readonly CapturedPacket[];
}

const folder = new URL("../../../vectors/captures/", import.meta.url);
const captures: readonly Capture[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));

const ciphers: Record<string, readonly [number, number?]> = {
  aes128gcm16: [20, 128],
  aes256gcm16: [20, 256],
  aes256cbc: [12, 256],
  "3des": [3],
  chacha: [28],
};
const integrities: Record<string, number> = { sha1: 2, sha256: 12 };

/** The cipher that opens what the original initiator, or the responder, sent. */
function cipherOf(capture: Capture, keyset: number, isInitiator: boolean): SkCipher {
  const keys = capture.ike_keysets[keyset] ?? {};
  const end = isInitiator ? "i" : "r";
  const base = {
    encryption: encryption(...(ciphers[capture.meta.enc] ?? [0])),
    encryptionKey: new SecretBytes(fromHex(keys[`SK_e${end}`] ?? "")),
    random: seededRandom(1),
  };
  const { integ } = capture.meta;
  if (integ === undefined) return createSkCipher(base);
  return createSkCipher({
    ...base,
    integrity: integrity(integrities[integ] ?? 0),
    integrityKey: new SecretBytes(fromHex(keys[`SK_a${end}`] ?? "")),
  });
}

/** Bytes of a payload chain, so that chains compare by what they mean on the wire. */
function chainBytes(payloads: readonly Payload[]): Uint8Array {
  const writer = new ByteWriter();
  encodePayloads(writer, payloads);
  return writer.finish();
}

function decoded(packet: CapturedPacket): DecodedMessage {
  const message = decodeMessage(fromHex(packet.raw));
  if (!message.ok) throw new Error(`packet ${packet.n}: ${JSON.stringify(message.error)}`);
  return message.value;
}

function bodies(payloads: readonly Payload[]): readonly { type: number; body: string }[] {
  return payloads.map((payload) => ({
    type: payloadNumber(payload),
    body: Buffer.from(chainBytes([payload]).subarray(4)).toString("hex"),
  }));
}

describe.each(captures)("capture $name", (capture) => {
  const ike = capture.packets.filter((packet) => packet.kind === "ike");

  test("every message decodes, with the header that the capture names", () => {
    expect(ike.length).toBeGreaterThan(1);
    for (const packet of ike) {
      const { header } = decoded(packet);
      expect([header.exchange, header.messageId, header.isInitiator, header.isResponse]).toEqual([
        packet.exchange,
        packet.mid,
        (packet.flags & 8) !== 0,
        (packet.flags & 32) !== 0,
      ]);
    }
  });

  test("messages in clear encode to the same bytes again", () => {
    const clear = ike.filter((packet) => packet.keyset === undefined);
    expect(clear.length).toBeGreaterThan(0);
    for (const packet of clear) {
      const message = decoded(packet);
      if (message.kind !== "clear") throw new Error(`packet ${packet.n} is sealed`);
      expect(encodeMessage(message.header, message.payloads)).toEqual(fromHex(packet.raw));
      expect(bodies(message.payloads)).toEqual(
        packet.payloads?.map(({ type, body }) => ({ type, body })),
      );
    }
  });

  test("every protected message opens with its keys and holds the payloads that were traced", () => {
    const reassemblies = new Map<string, Reassembly>();
    for (const packet of ike.filter(({ keyset }) => keyset !== undefined)) {
      const message = decoded(packet);
      if (message.kind !== "sealed") throw new Error(`packet ${packet.n} is in clear`);
      const cipher = cipherOf(capture, packet.keyset ?? 0, message.header.isInitiator);
      let payloads: readonly Payload[] | undefined;
      if (message.fragment) {
        const key = `${message.header.isInitiator}`;
        const reassembly = reassemblies.get(key) ?? new Reassembly();
        reassemblies.set(key, reassembly);
        const step = reassembly.accept(message, cipher);
        expect(step.kind).not.toBe("dropped");
        if (step.kind === "complete" && step.payloads.ok) payloads = step.payloads.value;
        if (packet.reassembled !== undefined)
          expect(payloads && chainBytes(payloads)).toEqual(fromHex(packet.reassembled));
      } else {
        const opened = openMessage(message, cipher);
        if (!opened?.ok) throw new Error(`packet ${packet.n}: ${JSON.stringify(opened)}`);
        payloads = opened.value;
        expect(chainBytes(payloads)).toEqual(fromHex(packet.inner ?? ""));
      }
      if (payloads && packet.payloads)
        expect(bodies(payloads)).toEqual(packet.payloads.map(({ type, body }) => ({ type, body })));
    }
  });

  test("a protected message with any other key does not open", () => {
    for (const packet of ike.filter(({ keyset }) => keyset !== undefined)) {
      const message = decoded(packet);
      if (message.kind !== "sealed" || message.fragment) continue;
      const cipher = cipherOf(capture, packet.keyset ?? 0, !message.header.isInitiator);
      expect(openMessage(message, cipher)).toBeUndefined();
    }
  });

  test("what was opened seals to a message that means the same", () => {
    for (const packet of ike.filter(({ keyset, frag }) => keyset !== undefined && !frag)) {
      const { header } = decoded(packet);
      const inner = fromHex(packet.inner ?? "");
      const payloads = decodePayloads(packet.inner_first ?? 0, inner);
      if (!payloads.ok) throw new Error(JSON.stringify(payloads.error));
      const cipher = cipherOf(capture, packet.keyset ?? 0, header.isInitiator);
      const again = decodeMessage(sealMessage(header, payloads.value, cipher));
      if (!again.ok || again.value.kind !== "sealed") throw new Error("not sealed");
      expect(again.value.header).toEqual(header);
      expect(openMessage(again.value, cipher)).toEqual(payloads);
    }
  });
});
