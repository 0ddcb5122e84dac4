/**
 * Messages whose payloads travel in one Encrypted payload. Knows where associated data ends and how lengths become
 * final before sealing; algorithms and keys are the cipher's. RFC 7296 §3.14
 *
 *   sealMessage(header, payloads, cipher, { before? }?): Uint8Array
 *   openMessage(sealed, cipher): Result<readonly Payload[], DecodeError> | undefined
 */
import type { SkCipher } from "#crypto/sk-cipher.ts";
import { ByteWriter } from "#lib/bytes.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, type Result } from "#lib/result.ts";
import type { DecodeError } from "./decode-error.ts";
import { encodeHeader, HEADER_BYTES } from "./header.ts";
import { NotifyType, PayloadType } from "./iana.ts";
import type { IkeHeader, Payload, SealedMessage } from "./message.ts";
import {
  decodePayloads,
  encodePayloads,
  firstPayloadNumber,
  GENERIC_HEADER_BYTES,
} from "./payload-chain.ts";

/**
 * Writes and seals a message. Send the result again as it is when it must be repeated: a second sealing has another IV.
 * @param before payloads in clear before SK, authenticated by it; rare.
 */
export function sealMessage(
  header: IkeHeader,
  payloads: readonly Payload[],
  cipher: SkCipher,
  { before = [] }: { readonly before?: readonly Payload[] } = {},
): Uint8Array {
  const inner = new ByteWriter(1024);
  encodePayloads(inner, payloads);
  const clear = new ByteWriter(512);
  encodePayloads(clear, before, PayloadType.SK);
  return sealBody(header, cipher, inner.finish(), {
    firstPayload: before.length > 0 ? firstPayloadNumber(before) : PayloadType.SK,
    clear: clear.finish(),
    firstInner: firstPayloadNumber(payloads),
    fragment: new Uint8Array(0),
  });
}

/**
 * Checks, opens and reads the Encrypted payload of a message that is no fragment.
 * @returns undefined when the ICV does not verify: drop the message and change nothing.
 */
export function openMessage(
  message: SealedMessage,
  cipher: SkCipher,
): Result<readonly Payload[], DecodeError> | undefined {
  invariant(!message.fragment, "fragments are opened by Reassembly");
  const plaintext = cipher.open(message.associatedData, message.sealed);
  if (plaintext === undefined) return undefined;
  if (plaintext === "bad-padding") return failed(badPadding(message));
  return decodePayloads(message.firstInner, plaintext);
}

/** What surrounds the sealed text of SK and SKF. */
export interface SealedFraming {
  readonly firstPayload: number;
  /** Payloads in clear, already encoded. */
  readonly clear: Uint8Array;
  readonly firstInner: number;
  /** Fragment number and total of SKF; empty for SK. */
  readonly fragment: Uint8Array;
}

/** Writes the associated data with final lengths, then seals `plaintext` behind it. */
export function sealBody(
  header: IkeHeader,
  cipher: SkCipher,
  plaintext: Uint8Array,
  { firstPayload, clear, firstInner, fragment }: SealedFraming,
): Uint8Array {
  const sealedLength = cipher.sealedLength(plaintext.length);
  const payloadLength = GENERIC_HEADER_BYTES + fragment.length + sealedLength;
  const messageLength = HEADER_BYTES + clear.length + payloadLength;
  invariant(payloadLength <= 0xffff, "the Encrypted payload is longer than its length can say");
  const writer = new ByteWriter(messageLength);
  encodeHeader(writer, header, firstPayload, messageLength);
  writer.bytes(clear).u8(firstInner).u8(0).u16(payloadLength).bytes(fragment);
  return writer.bytes(cipher.seal(writer.finish(), plaintext)).finish();
}

/** The fault of a message that verifies and whose Pad Length is impossible. RFC 7296 §3.14 */
export function badPadding({ associatedData }: SealedMessage): DecodeError {
  return {
    code: "ike.decode.syntax",
    at: "SK/padding",
    offset: associatedData.length,
    message: "Pad Length is larger than what was encrypted",
    source: "RFC 7296 §3.14",
    notify: { type: NotifyType.INVALID_SYNTAX, data: new Uint8Array(0) },
  };
}
