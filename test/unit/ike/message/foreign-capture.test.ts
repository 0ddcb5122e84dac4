import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher } from "#crypto/sk-cipher.ts";
import { decodeMessage } from "#ike/message/payload-chain.ts";
import { openMessage } from "#ike/message/sk.ts";
import { SecretBytes } from "#lib/secret.ts";
import { fromHex } from "#test/vectors/from-hex.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

const folder = new URL("../../../vectors/tcpdump/", import.meta.url);

/** UDP payloads of a little-endian pcap file whose packets begin with `linkBytes` of link header, then IPv4. */
function datagrams(file: string, linkBytes: number): readonly Uint8Array[] {
  const bytes = readFileSync(new URL(file, folder));
  const found: Uint8Array[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const packet = bytes.subarray(at + 16 + linkBytes, at + 16 + length);
    found.push(new Uint8Array(packet.subarray(((packet[0] ?? 0) & 0x0f) * 4 + 8)));
    at += 16 + length;
  }
  return found;
}

/** Lines of `ikev2 I|R SPIi SPIr sha1:KEY aes128:KEY`. */
const keys = readFileSync(new URL("ikev2pI2-secrets.txt", folder), "utf8")
  .trim()
  .split("\n")
  .map((line) => /^ikev2 ([IR]) .* sha1:0x(\w+) aes128:0x(\w+)$/.exec(line)?.slice(1) ?? []);

function cipherOf(isInitiator: boolean) {
  const [, mac = "", key = ""] = keys.find(([end]) => end === (isInitiator ? "I" : "R")) ?? [];
  return createSkCipher({
    encryption: encryption(12, 128),
    encryptionKey: new SecretBytes(fromHex(key)),
    integrity: integrity(2),
    integrityKey: new SecretBytes(fromHex(mac)),
    random: seededRandom(1),
  });
}

const [init = new Uint8Array(0), auth = new Uint8Array(0)] = datagrams("ikev2pI2.pcap", 4);

test("an IKE_SA_INIT of another implementation decodes, critical flags on known payloads and all", () => {
  const message = decodeMessage(init);
  if (!message.ok) throw new Error(message.error.message);
  expect(message.value.payloads.map((payload) => payload.type)).toEqual([
    "SA",
    "KE",
    "Nonce",
    "VendorId",
  ]);
});

test("a message that decrypts to sense under the right key stays closed when its ICV is wrong", () => {
  // The file's HMAC-SHA1-96 is not one of its key; its first plaintext bytes are an IDi "west".
  const message = decodeMessage(auth);
  if (!message.ok || message.value.kind !== "sealed") throw new Error("not sealed");
  expect(message.value.firstInner).toBe(35);
  expect(openMessage(message.value, cipherOf(message.value.header.isInitiator))).toBeUndefined();
});

test("the datagrams that crashed another dissector give faults", () => {
  for (const file of ["ikev2-id-short.pcap", "ikev2-id-normal.pcap"])
    for (const datagram of datagrams(file, 14)) expect(decodeMessage(datagram).ok).toBe(false);
});
