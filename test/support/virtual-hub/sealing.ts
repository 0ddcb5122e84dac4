/** The virtual hub's Encrypted payload and its fragments. RFC 7296 §3.14, RFC 5282, RFC 7383 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { ByteWriter, concatBytes } from "#lib/bytes.ts";
import type { DirectionKeys } from "./keys.ts";
import { ALGORITHM, type IkeSuite, icvBytes, integrityHash } from "./suite.ts";
import { PAYLOAD, type WireHeader, type WirePayload, writeHeader, writePayloads } from "./wire.ts";

/** What came out of an SK or SKF payload. */
export interface Opened {
  readonly first: number;
  readonly plaintext: Uint8Array;
  readonly fragment?: { readonly number: number; readonly total: number };
}

/** Fresh IVs; 8 bytes for AES-GCM (never repeating), 16 for AES-CBC. */
export type IvSource = (length: number) => Uint8Array;

/** One message as one datagram. */
export function seal(
  suite: IkeSuite,
  keys: DirectionKeys,
  header: WireHeader,
  payloads: readonly WirePayload[],
  iv: IvSource,
): Uint8Array {
  const plain = writePayloads(payloads);
  return sealPart(suite, keys, header, payloads[0]?.type ?? 0, plain, iv);
}

/** One message as datagrams of at most `maxDatagram` bytes of UDP payload each. */
export function sealFragments(
  suite: IkeSuite,
  keys: DirectionKeys,
  header: WireHeader,
  payloads: readonly WirePayload[],
  iv: IvSource,
  maxDatagram: number,
): Uint8Array[] {
  const plain = writePayloads(payloads);
  const size = maxDatagram - 28 - 8 - ivBytes(suite) - icvBytes(suite.integrity) - 17;
  const total = Math.max(1, Math.ceil(plain.length / size));
  return Array.from({ length: total }, (_, index) => {
    const part = plain.subarray(index * size, (index + 1) * size);
    const first = index === 0 ? (payloads[0]?.type ?? 0) : 0;
    return sealPart(suite, keys, header, first, part, iv, { number: index + 1, total });
  });
}

/** One SK or SKF payload around given plaintext; tests of misbehaviour use it with fragment numbers of their own. */
export function sealPart(
  suite: IkeSuite,
  keys: DirectionKeys,
  header: WireHeader,
  first: number,
  plain: Uint8Array,
  ivSource: IvSource,
  fragment?: { number: number; total: number },
): Uint8Array {
  const isGcm = suite.encryption === ALGORITHM.AES_GCM_16;
  const padding = isGcm ? 0 : 15 - (plain.length % 16);
  const padded = concatBytes(plain, new Uint8Array(padding), Uint8Array.of(padding));
  const iv = ivSource(ivBytes(suite));
  const icv = icvBytes(suite.integrity);
  const payloadLength = 4 + (fragment ? 4 : 0) + iv.length + padded.length + icv;
  const writer = new ByteWriter();
  writer.bytes(writeHeader(header, fragment ? PAYLOAD.SKF : PAYLOAD.SK, 28 + payloadLength));
  writer.u8(first).u8(0).u16(payloadLength);
  if (fragment) writer.u16(fragment.number).u16(fragment.total);
  const associated = writer.finish();
  if (isGcm) {
    const { key, salt } = splitGcm(keys.encryption);
    const cipher = createCipheriv(gcmName(key), key, concatBytes(salt, iv));
    cipher.setAAD(associated);
    const sealed = concatBytes(cipher.update(padded), cipher.final());
    return concatBytes(associated, iv, sealed, cipher.getAuthTag());
  }
  const cipher = createCipheriv(cbcName(keys.encryption), keys.encryption, iv);
  cipher.setAutoPadding(false);
  const body = concatBytes(associated, iv, cipher.update(padded), cipher.final());
  return concatBytes(body, mac(suite, keys, body));
}

/** Opens a protected message; undefined when the check value is wrong or the message has no SK first. */
export function open(suite: IkeSuite, keys: DirectionKeys, bytes: Uint8Array): Opened | undefined {
  const type = bytes[16];
  if (type !== PAYLOAD.SK && type !== PAYLOAD.SKF) return undefined;
  const bodyAt = type === PAYLOAD.SKF ? 36 : 32;
  const ivEnd = bodyAt + ivBytes(suite);
  const icvAt = bytes.length - icvBytes(suite.integrity);
  if (icvAt <= ivEnd) return undefined;
  const iv = bytes.subarray(bodyAt, ivEnd);
  const sealed = bytes.subarray(ivEnd, icvAt);
  const padded =
    suite.encryption === ALGORITHM.AES_GCM_16
      ? openGcm(keys, bytes.subarray(0, bodyAt), iv, sealed, bytes.subarray(icvAt))
      : openCbc(suite, keys, bytes, iv, sealed, icvAt);
  if (!padded) return undefined;
  const padding = padded[padded.length - 1] ?? 0;
  if (padding + 1 > padded.length) return undefined;
  const plaintext = padded.slice(0, padded.length - 1 - padding);
  const first = bytes[28] ?? 0;
  if (type === PAYLOAD.SK) return { first, plaintext };
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const fragment = { number: view.getUint16(32), total: view.getUint16(34) };
  return { first, plaintext, fragment };
}

function openGcm(
  keys: DirectionKeys,
  associated: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  tag: Uint8Array,
): Uint8Array | undefined {
  const { key, salt } = splitGcm(keys.encryption);
  const decipher = createDecipheriv(gcmName(key), key, concatBytes(salt, iv), {
    authTagLength: 16,
  });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  try {
    return concatBytes(decipher.update(sealed), decipher.final());
  } catch {
    return undefined;
  }
}

function openCbc(
  suite: IkeSuite,
  keys: DirectionKeys,
  bytes: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  icvAt: number,
): Uint8Array | undefined {
  const expected = mac(suite, keys, bytes.subarray(0, icvAt));
  if (!timingSafeEqual(expected, bytes.subarray(icvAt)) || sealed.length % 16 !== 0) {
    return undefined;
  }
  const decipher = createDecipheriv(cbcName(keys.encryption), keys.encryption, iv);
  decipher.setAutoPadding(false);
  return concatBytes(decipher.update(sealed), decipher.final());
}

function mac(suite: IkeSuite, keys: DirectionKeys, bytes: Uint8Array): Uint8Array {
  const digest = createHmac(integrityHash(suite.integrity), keys.integrity).update(bytes).digest();
  return Uint8Array.from(digest.subarray(0, icvBytes(suite.integrity)));
}

function ivBytes(suite: IkeSuite): number {
  return suite.encryption === ALGORITHM.AES_GCM_16 ? 8 : 16;
}

function splitGcm(bytes: Uint8Array): { key: Uint8Array; salt: Uint8Array } {
  return { key: bytes.subarray(0, -4), salt: bytes.subarray(-4) };
}

const gcmName = (key: Uint8Array) => (key.length === 32 ? "aes-256-gcm" : "aes-128-gcm");
const cbcName = (key: Uint8Array) => (key.length === 32 ? "aes-256-cbc" : "aes-128-cbc");
