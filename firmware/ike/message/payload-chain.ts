/**
 * The chain of payloads, and whole messages as far as they travel in clear. Knows the generic payload header and which
 * file declares which payload; opening and sealing is `sk.ts`'s and `skf.ts`'s. RFC 7296 §3.2, §2.5
 *
 *   payload-chain.ts
 *     decodeMessage(bytes): Result<DecodedMessage, DecodeError>
 *     decodePayloads(firstType, bytes): Result<readonly Payload[], DecodeError>
 *     encodeMessage(header, payloads): Uint8Array
 *     encodePayloads(writer, payloads): void          payloadNumber(payload): number
 *   sk.ts
 *     sealMessage(header, payloads, cipher, { before? }?): Uint8Array
 *     openMessage(sealed, cipher): Result<readonly Payload[], DecodeError> | undefined   (undefined: ICV does not verify)
 *   skf.ts
 *     sealFragments(header, payloads, cipher, maxMessageBytes): readonly Uint8Array[]     (one SK message when it fits)
 *     new Reassembly().accept(sealed, cipher): ReassemblyStep
 *       { kind: "complete", payloads: Result<readonly Payload[], DecodeError> } | { kind: "waiting" } | { kind: "dropped", reason }
 *   id.ts        idPayload("IDi" | "IDr", idType, data): IdPayload     (fills `body`)
 *   dissect.ts   dissectMessage(header, payloads): string
 */
import { ByteReader, ByteWriter, OutOfBytes } from "#lib/bytes.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { authPayload } from "./auth.ts";
import { certPayload } from "./cert.ts";
import { certReqPayload } from "./certreq.ts";
import { DecodeFault, inside, lengthFault, syntaxFault } from "./codec.ts";
import { cpPayload } from "./cp.ts";
import type { DecodeError } from "./decode-error.ts";
import { deletePayload } from "./delete.ts";
import { eapPayload } from "./eap.ts";
import { decodeHeader, encodeHeader, HEADER_BYTES } from "./header.ts";
import { NotifyType, PayloadType, payloadName } from "./iana.ts";
import { idInitiatorPayload, idResponderPayload } from "./id.ts";
import { kePayload } from "./ke.ts";
import type { DecodedMessage, IkeHeader, Payload, SealedMessage } from "./message.ts";
import { noncePayload } from "./nonce.ts";
import { notifyPayload } from "./notify.ts";
import type { PayloadCodec } from "./payload.ts";
import { saPayload } from "./sa.ts";
import { tsInitiatorPayload, tsResponderPayload } from "./ts.ts";
import { vendorIdPayload } from "./vendor-id.ts";

/** Every payload that is declared, by IANA number. */
export const payloadCodecs: ReadonlyMap<number, PayloadCodec> = new Map(
  [
    saPayload,
    kePayload,
    idInitiatorPayload,
    idResponderPayload,
    certPayload,
    certReqPayload,
    authPayload,
    noncePayload,
    notifyPayload,
    deletePayload,
    vendorIdPayload,
    tsInitiatorPayload,
    tsResponderPayload,
    cpPayload,
    eapPayload,
  ].map((codec) => [codec.number, codec as unknown as PayloadCodec]),
);

/** More payloads than any exchange needs; a message with more is not worth reading. */
export const MAX_PAYLOADS = 256;

/** Bytes of the generic payload header. RFC 7296 §3.2 */
export const GENERIC_HEADER_BYTES = 4;

/**
 * Reads one datagram without the non-ESP marker. Work is bounded by its length.
 * @returns the payloads in clear, or what `openMessage` and `Reassembly` need to open them.
 */
export function decodeMessage(bytes: Uint8Array): Result<DecodedMessage, DecodeError> {
  return decoding(() => {
    const reader = new ByteReader(bytes);
    const { header, firstPayload } = decodeHeader(reader);
    const payloads: Payload[] = [];
    const end = readChain(reader, firstPayload, payloads);
    if (!end) return { kind: "clear", header, payloads };
    return sealedMessage(bytes, header, payloads, end);
  });
}

/**
 * Reads a chain of payloads, such as the plaintext of an Encrypted payload.
 * @param firstType IANA type of the first one, 0 when there is none.
 */
export function decodePayloads(
  firstType: number,
  bytes: Uint8Array,
): Result<readonly Payload[], DecodeError> {
  return decoding(() => {
    const payloads: Payload[] = [];
    const end = readChain(new ByteReader(bytes), firstType, payloads);
    if (end) throw syntaxFault(end.start, "an Encrypted payload inside another", "RFC 7296 §3.14");
    return payloads;
  });
}

/** Writes a message whose payloads travel in clear. */
export function encodeMessage(header: IkeHeader, payloads: readonly Payload[]): Uint8Array {
  const writer = new ByteWriter(1024);
  encodeHeader(writer, header, firstPayloadNumber(payloads), 0);
  encodePayloads(writer, payloads);
  writer.setU32(HEADER_BYTES - 4, writer.length);
  return writer.finish();
}

/**
 * Writes payloads with their generic headers. `next` is the type announced by the last one.
 * @throws {InvariantError} when one is longer than 65,535 bytes.
 */
export function encodePayloads(
  writer: ByteWriter,
  payloads: readonly Payload[],
  next: number = PayloadType.NONE,
): void {
  for (const [index, payload] of payloads.entries()) {
    const start = writer.length;
    const following = payloads[index + 1];
    writer
      .u8(following ? payloadNumber(following) : next)
      .u8(payload.type === "Unknown" && payload.isCritical ? CRITICAL : 0)
      .u16(0);
    if (payload.type === "Unknown") writer.bytes(payload.body);
    else codecsByName.get(payload.type)?.encode(writer, payload);
    const length = writer.length - start;
    invariant(length <= 0xffff, `a ${payload.type} payload of ${length} bytes has no length field`);
    writer.setU16(start + 2, length);
  }
}

/** IANA type of a payload. */
export function payloadNumber(payload: Payload): number {
  if (payload.type === "Unknown") return payload.payloadType;
  return codecsByName.get(payload.type)?.number ?? PayloadType.NONE;
}

/** What the header's "next payload" says. */
export function firstPayloadNumber(payloads: readonly Payload[]): number {
  return payloads[0] ? payloadNumber(payloads[0]) : PayloadType.NONE;
}

/** Runs a decoder and makes the faults that it throws into values. Anything else it throws is our own fault. */
export function decoding<Value>(decode: () => Value): Result<Value, DecodeError> {
  try {
    return ok(decode());
  } catch (error) {
    const fault = error instanceof OutOfBytes ? inside(error, "") : error;
    if (!(fault instanceof DecodeFault)) throw error;
    const { code, offset, message, source, notify, path } = fault;
    const at = path.join("/").replaceAll("/[", "[");
    return failed({ code, at, offset, message, source, ...(notify ? { notify } : {}) });
  }
}

/** Where an Encrypted payload begins: nothing may follow it. RFC 7296 §3.14 */
interface EncryptedPart {
  readonly type: number;
  readonly start: number;
  readonly firstInner: number;
}

/** Reads payloads until the chain ends, or until an Encrypted payload, which takes all that is left. */
function readChain(
  reader: ByteReader,
  firstType: number,
  payloads: Payload[],
): EncryptedPart | undefined {
  let type = firstType;
  while (type !== PayloadType.NONE) {
    const start = reader.offset;
    try {
      if (payloads.length === MAX_PAYLOADS)
        throw syntaxFault(start, `more than ${MAX_PAYLOADS} payloads`);
      const next = reader.u8();
      const isCritical = (reader.u8() & CRITICAL) !== 0;
      const length = reader.u16();
      if (length < GENERIC_HEADER_BYTES || length - GENERIC_HEADER_BYTES > reader.remaining)
        throw lengthFault(start + 2, `length ${length} does not fit`, "RFC 7296 §3.2");
      const body = reader.sub(length - GENERIC_HEADER_BYTES);
      if (type === PayloadType.SK || type === PayloadType.SKF) {
        if (reader.remaining > 0)
          throw lengthFault(start + 2, "it is not the last payload", "RFC 7296 §3.14");
        return { type, start, firstInner: next };
      }
      payloads.push(readPayload(type, isCritical, body, start));
      type = next;
    } catch (error) {
      throw inside(error, payloadName(type));
    }
  }
  if (reader.remaining > 0)
    throw lengthFault(reader.offset, `${reader.remaining} bytes follow the last payload`);
  return undefined;
}

function readPayload(type: number, isCritical: boolean, body: ByteReader, start: number): Payload {
  const codec = payloadCodecs.get(type);
  if (!codec && isCritical)
    throw new DecodeFault(
      "ike.decode.critical",
      start,
      `critical payload ${type} is not known here`,
      "RFC 7296 §2.5",
      { type: NotifyType.UNSUPPORTED_CRITICAL_PAYLOAD, data: Uint8Array.of(type) },
    );
  if (!codec) return { type: "Unknown", payloadType: type, isCritical, body: body.rest() };
  const payload = codec.decode(body);
  if (body.remaining > 0)
    throw lengthFault(body.offset, `${body.remaining} bytes too many`, "RFC 7296 §3.2");
  return payload;
}

function sealedMessage(
  bytes: Uint8Array,
  header: IkeHeader,
  payloads: readonly Payload[],
  { type, start, firstInner }: EncryptedPart,
): SealedMessage {
  const body = new ByteReader(bytes, start + GENERIC_HEADER_BYTES);
  const fragment = type === PayloadType.SKF ? readFragmentNumbers(body) : undefined;
  return {
    kind: "sealed",
    header,
    payloads,
    firstInner,
    associatedData: bytes.subarray(0, body.offset),
    sealed: body.rest(),
    ...(fragment ? { fragment } : {}),
  };
}

/** Numbers are checked before the ICV, because the queue is chosen by them: RFC 7383 §2.6. */
function readFragmentNumbers(body: ByteReader): { number: number; total: number } {
  const { offset } = body;
  const [number, total] = [body.u16(), body.u16()];
  if (number < 1 || number > total)
    throw syntaxFault(offset, `fragment ${number} of ${total}`, "RFC 7383 §2.5");
  return { number, total };
}

const codecsByName: ReadonlyMap<string, PayloadCodec> = new Map(
  [...payloadCodecs.values()].map((codec) => [codec.name, codec]),
);
const CRITICAL = 0x80;
