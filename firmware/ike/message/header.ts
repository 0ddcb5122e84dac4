/** The IKE header of 28 bytes. RFC 7296 §3.1 */
import type { ByteReader, ByteWriter } from "#lib/bytes.ts";
import { DecodeFault } from "./codec.ts";
import { exchangeName } from "./iana.ts";
import { formatIkeSpi, type IkeHeader } from "./message.ts";

/** Bytes of the header. */
export const HEADER_BYTES = 28;

/** The header with what only the codec needs. */
export interface WireHeader {
  readonly header: IkeHeader;
  readonly firstPayload: number;
}

/**
 * Reads and checks the header; `reader` then stands before the first payload. A higher minor version is accepted.
 * @throws {DecodeFault} when this is no message of IKEv2, or not all of one.
 */
export function decodeHeader(reader: ByteReader): WireHeader {
  const { remaining } = reader;
  if (remaining < HEADER_BYTES)
    throw headerFault(0, `${remaining} bytes are too few for an IKE header`);
  const spiInitiator = reader.u64();
  const spiResponder = reader.u64();
  const firstPayload = reader.u8();
  const version = reader.u8();
  const exchange = reader.u8();
  const flags = reader.u8();
  const messageId = reader.u32();
  const length = reader.u32();
  if (version >> 4 !== MAJOR_VERSION) throw versionFault(version);
  if (spiInitiator === 0n) throw headerFault(0, "the initiator's SPI is zero");
  if (length !== remaining)
    throw headerFault(24, `length ${length} in a datagram of ${remaining} bytes`);
  const isInitiator = (flags & INITIATOR) !== 0;
  const isResponse = (flags & RESPONSE) !== 0;
  return {
    header: { spiInitiator, spiResponder, exchange, isInitiator, isResponse, messageId },
    firstPayload,
  };
}

/** Writes the header with the final length of the whole message. */
export function encodeHeader(
  writer: ByteWriter,
  header: IkeHeader,
  firstPayload: number,
  length: number,
): void {
  writer
    .u64(header.spiInitiator)
    .u64(header.spiResponder)
    .u8(firstPayload)
    .u8(MAJOR_VERSION << 4)
    .u8(header.exchange)
    .u8((header.isInitiator ? INITIATOR : 0) | (header.isResponse ? RESPONSE : 0))
    .u32(header.messageId)
    .u32(length);
}

/** `IKE_AUTH request 1 from the initiator, SPIs 4f09b117ac3ef68c 4b6009466db52fda`. */
export function dissectHeader(header: IkeHeader): string {
  const { spiInitiator, spiResponder } = header;
  return [
    `${exchangeName(header.exchange)} ${header.isResponse ? "response" : "request"} ${header.messageId}`,
    ` from the ${header.isInitiator ? "initiator" : "responder"}`,
    `, SPIs ${formatIkeSpi(spiInitiator)} ${formatIkeSpi(spiResponder)}`,
  ].join("");
}

function headerFault(offset: number, message: string): DecodeFault {
  return new DecodeFault("ike.decode.header", offset, message, "RFC 7296 §3.1");
}

function versionFault(version: number): DecodeFault {
  const major = version >> 4;
  return new DecodeFault(
    "ike.decode.version",
    17,
    `IKE version ${major} is not spoken here`,
    "RFC 7296 §2.5",
    // Only higher versions are told; IKEv1 would not understand the answer.
    major > MAJOR_VERSION ? { type: INVALID_MAJOR_VERSION, data: new Uint8Array(0) } : undefined,
  );
}

const MAJOR_VERSION = 2;
const INVALID_MAJOR_VERSION = 5;
const INITIATOR = 0x08;
const RESPONSE = 0x20;
