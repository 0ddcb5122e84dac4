import { isDeepStrictEqual } from "node:util";
import type { DecodeError } from "#ike/message/decode-error.ts";
import { dissectMessage, dissectSealed } from "#ike/message/dissect.ts";
import type { Payload } from "#ike/message/message.ts";
import {
  decodeMessage,
  decodePayloads,
  encodeMessage,
  encodePayloads,
  firstPayloadNumber,
  payloadCodecs,
} from "#ike/message/payload-chain.ts";
import { ByteWriter } from "#lib/bytes.ts";
import type { Result } from "#lib/result.ts";

/**
 * Any bytes either decode, or give a DecodeError; what decodes encodes to the same meaning.
 *
 * Throws where that does not hold: for `bytes` as a datagram, as a chain of payloads, and as the body of each payload.
 */
export function keepPromise(bytes: Uint8Array): void {
  const message = decodeMessage(bytes);
  checkError(message, bytes.length);
  if (message.ok && message.value.kind === "clear") {
    const { header, payloads } = message.value;
    const again = decodeMessage(encodeMessage(header, payloads));
    if (!isDeepStrictEqual(plain(again), plain(message))) throw new Error("a message changed");
    dissectMessage(header, payloads);
  } else if (message.ok && message.value.kind === "sealed") dissectSealed(message.value);

  keepPromiseOfChain(bytes[0] ?? 0, bytes.subarray(1));
  for (const type of payloadCodecs.keys()) keepPromiseOfChain(type, framed(bytes));
}

function keepPromiseOfChain(firstType: number, bytes: Uint8Array): void {
  const payloads = decodePayloads(firstType, bytes);
  checkError(payloads, bytes.length);
  if (!payloads.ok) return;
  const writer = new ByteWriter();
  encodePayloads(writer, payloads.value);
  const again = decodePayloads(firstPayloadNumber(payloads.value), writer.finish());
  if (!isDeepStrictEqual(plain(again), plain(payloads))) throw new Error("payloads changed");
}

/** The bytes as the body of one payload. */
function framed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, 0xffff - 4);
  return new ByteWriter(body.length + 4)
    .u16(0)
    .u16(body.length + 4)
    .bytes(body)
    .finish();
}

/** A fault points into the input and says what and where. */
function checkError(result: Result<unknown, DecodeError>, length: number): void {
  if (result.ok) return;
  const { code, message, source, offset } = result.error;
  if (!/^ike\.decode\.(header|length|syntax|version|critical)$/.test(code))
    throw new Error(`unknown code ${code}`);
  if (message === "" || !source.startsWith("RFC ")) throw new Error(`${code} says too little`);
  if (offset < 0 || offset > length) throw new Error(`${code} points outside: ${offset}`);
}

/** Byte strings compare by content, whatever buffer they are views on. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

/** Same meaning, for payload lists. */
export function samePayloads(a: readonly Payload[], b: readonly Payload[]): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}
