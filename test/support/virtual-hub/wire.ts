/**
 * The virtual hub's own reading and writing of IKE messages, kept as plain as RFC 7296 §3 prints them: a message is a
 * header and a list of payloads, a payload is a type and a body. It shares no code with the product's codec, so that
 * a mistake there can't cancel out here.
 */
import { ByteReader, ByteWriter, concatBytes } from "#lib/bytes.ts";

/** RFC 7296 §3.1, exchange types. */
export const EXCHANGE = {
  IKE_SA_INIT: 34,
  IKE_AUTH: 35,
  CREATE_CHILD_SA: 36,
  INFORMATIONAL: 37,
} as const;

/** RFC 7296 §3.1, flags. */
export const FLAG = { initiator: 0x08, response: 0x20 } as const;

/** RFC 7296 §3.2, payload types. */
export const PAYLOAD = {
  SA: 33,
  KE: 34,
  IDi: 35,
  IDr: 36,
  CERT: 37,
  CERTREQ: 38,
  AUTH: 39,
  Nonce: 40,
  N: 41,
  D: 42,
  V: 43,
  TSi: 44,
  TSr: 45,
  SK: 46,
  CP: 47,
  EAP: 48,
  SKF: 53,
} as const;

/** RFC 7296 §3.10.1 and later documents, as far as the hub speaks of them. */
export const NOTIFY = {
  UNSUPPORTED_CRITICAL_PAYLOAD: 1,
  INVALID_IKE_SPI: 4,
  INVALID_MAJOR_VERSION: 5,
  INVALID_SYNTAX: 7,
  INVALID_MESSAGE_ID: 9,
  INVALID_SPI: 11,
  NO_PROPOSAL_CHOSEN: 14,
  INVALID_KE_PAYLOAD: 17,
  AUTHENTICATION_FAILED: 24,
  SINGLE_PAIR_REQUIRED: 34,
  NO_ADDITIONAL_SAS: 35,
  INTERNAL_ADDRESS_FAILURE: 36,
  FAILED_CP_REQUIRED: 37,
  TS_UNACCEPTABLE: 38,
  INVALID_SELECTORS: 39,
  TEMPORARY_FAILURE: 43,
  CHILD_SA_NOT_FOUND: 44,
  INITIAL_CONTACT: 16384,
  SET_WINDOW_SIZE: 16385,
  ADDITIONAL_TS_POSSIBLE: 16386,
  NAT_DETECTION_SOURCE_IP: 16388,
  NAT_DETECTION_DESTINATION_IP: 16389,
  COOKIE: 16390,
  USE_TRANSPORT_MODE: 16391,
  HTTP_CERT_LOOKUP_SUPPORTED: 16392,
  REKEY_SA: 16393,
  ESP_TFC_PADDING_NOT_SUPPORTED: 16394,
  NON_FIRST_FRAGMENTS_ALSO: 16395,
  MOBIKE_SUPPORTED: 16396,
  AUTH_LIFETIME: 16403,
  REDIRECT_SUPPORTED: 16406,
  EAP_ONLY_AUTHENTICATION: 16417,
  CHILDLESS_IKEV2_SUPPORTED: 16418,
  IKEV2_FRAGMENTATION_SUPPORTED: 16430,
  SIGNATURE_HASH_ALGORITHMS: 16431,
} as const;

/** Protocol ids of proposals, notifies and deletes. RFC 7296 §3.3.1 */
export const PROTOCOL = { IKE: 1, ESP: 3 } as const;

export interface WireHeader {
  readonly spiInitiator: bigint;
  readonly spiResponder: bigint;
  readonly exchange: number;
  readonly flags: number;
  readonly messageId: number;
}

/** A payload without its generic header. */
export interface WirePayload {
  readonly type: number;
  readonly body: Uint8Array;
  readonly isCritical?: boolean;
}

export interface WireTransform {
  readonly type: number;
  readonly id: number;
  readonly keyLength?: number;
}

export interface WireProposal {
  readonly number: number;
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly transforms: readonly WireTransform[];
}

export interface WireNotify {
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly type: number;
  readonly data: Uint8Array;
}

/** A range of addresses with ports; addresses have 4 or 16 bytes. */
export interface WireSelector {
  readonly ipProtocol: number;
  readonly startPort: number;
  readonly endPort: number;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

export interface WireAttribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Thrown where bytes do not read as what they claim to be; the hub drops such messages. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** The header of an IKE message, with the type of its first payload; undefined when the bytes are none. */
export function readHeader(
  bytes: Uint8Array,
): (WireHeader & { readonly next: number }) | undefined {
  if (bytes.length < 28) return undefined;
  const reader = new ByteReader(bytes);
  const spiInitiator = reader.u64();
  const spiResponder = reader.u64();
  const next = reader.u8();
  const version = reader.u8();
  const exchange = reader.u8();
  const flags = reader.u8();
  const messageId = reader.u32();
  if (version >> 4 !== 2 || reader.u32() !== bytes.length) return undefined;
  return { spiInitiator, spiResponder, next, exchange, flags, messageId };
}

/** The 28 bytes of a header. */
export function writeHeader(header: WireHeader, next: number, length: number): Uint8Array {
  return new ByteWriter(28)
    .u64(header.spiInitiator)
    .u64(header.spiResponder)
    .u8(next)
    .u8(0x20)
    .u8(header.exchange)
    .u8(header.flags)
    .u32(header.messageId)
    .u32(length)
    .finish();
}

/** Payloads back to back, each naming the next; the last one names `after`. */
export function writePayloads(payloads: readonly WirePayload[], after = 0): Uint8Array {
  const writer = new ByteWriter();
  for (const [index, payload] of payloads.entries()) {
    writer.u8(payloads[index + 1]?.type ?? after).u8(payload.isCritical ? 0x80 : 0);
    writer.u16(payload.body.length + 4).bytes(payload.body);
  }
  return writer.finish();
}

/** Splits a payload chain that starts with type `first`. @throws {WireError} when lengths do not fit. */
export function readPayloads(first: number, bytes: Uint8Array): WirePayload[] {
  const payloads: WirePayload[] = [];
  let type = first;
  let at = 0;
  while (type !== 0) {
    if (at + 4 > bytes.length) throw new WireError("payload header beyond the message");
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 4 || at + length > bytes.length) throw new WireError("payload beyond the message");
    const isCritical = ((bytes[at + 1] ?? 0) & 0x80) !== 0;
    payloads.push({ type, isCritical, body: bytes.slice(at + 4, at + length) });
    type = bytes[at] ?? 0;
    at += length;
  }
  if (at !== bytes.length) throw new WireError("bytes after the last payload");
  return payloads;
}

/** A message in clear. */
export function writeClear(header: WireHeader, payloads: readonly WirePayload[]): Uint8Array {
  const body = writePayloads(payloads);
  return concatBytes(writeHeader(header, payloads[0]?.type ?? 0, 28 + body.length), body);
}

/** Security Association payload. RFC 7296 §3.3 */
export function sa(proposals: readonly WireProposal[]): WirePayload {
  const writer = new ByteWriter();
  for (const [index, proposal] of proposals.entries()) {
    const transforms = writeTransforms(proposal.transforms);
    writer.u8(index + 1 < proposals.length ? 2 : 0).u8(0);
    writer.u16(8 + proposal.spi.length + transforms.length);
    writer.u8(proposal.number).u8(proposal.protocol).u8(proposal.spi.length);
    writer.u8(proposal.transforms.length).bytes(proposal.spi).bytes(transforms);
  }
  return { type: PAYLOAD.SA, body: writer.finish() };
}

function writeTransforms(transforms: readonly WireTransform[]): Uint8Array {
  const writer = new ByteWriter();
  for (const [index, { type, id, keyLength }] of transforms.entries()) {
    writer
      .u8(index + 1 < transforms.length ? 3 : 0)
      .u8(0)
      .u16(keyLength ? 12 : 8);
    writer.u8(type).u8(0).u16(id);
    if (keyLength) writer.u16(0x800e).u16(keyLength);
  }
  return writer.finish();
}

/** The proposals of a Security Association payload. */
export function readSa(body: Uint8Array): WireProposal[] {
  const reader = new ByteReader(body);
  const proposals: WireProposal[] = [];
  while (reader.remaining > 0) {
    reader.u16();
    const inner = reader.sub(reader.u16() - 4);
    const number = inner.u8();
    const protocol = inner.u8();
    const spiLength = inner.u8();
    const count = inner.u8();
    const spi = inner.bytes(spiLength).slice();
    const transforms = Array.from({ length: count }, () => readTransform(inner));
    proposals.push({ number, protocol, spi, transforms });
  }
  return proposals;
}

function readTransform(reader: ByteReader): WireTransform {
  reader.u16();
  const inner = reader.sub(reader.u16() - 4);
  const type = inner.u8();
  inner.u8();
  const id = inner.u16();
  let keyLength: number | undefined;
  while (inner.remaining > 0) {
    const attribute = inner.u16();
    const value = inner.u16();
    if (attribute === 0x800e) keyLength = value;
    else if ((attribute & 0x8000) === 0) inner.bytes(value);
  }
  return keyLength === undefined ? { type, id } : { type, id, keyLength };
}

/** Key Exchange payload. RFC 7296 §3.4 */
export function ke(method: number, data: Uint8Array): WirePayload {
  return { type: PAYLOAD.KE, body: new ByteWriter().u16(method).u16(0).bytes(data).finish() };
}

export function readKe(body: Uint8Array): { method: number; data: Uint8Array } {
  const reader = new ByteReader(body);
  const method = reader.u16();
  reader.u16();
  return { method, data: reader.rest().slice() };
}

export function nonce(data: Uint8Array): WirePayload {
  return { type: PAYLOAD.Nonce, body: data };
}

/** Notify payload; protocol and SPI only where it speaks of an SA. RFC 7296 §3.10 */
export function notify(
  type: number,
  data: Uint8Array = new Uint8Array(),
  about: { protocol: number; spi: Uint8Array } = { protocol: 0, spi: new Uint8Array() },
): WirePayload {
  const writer = new ByteWriter().u8(about.protocol).u8(about.spi.length).u16(type);
  return { type: PAYLOAD.N, body: writer.bytes(about.spi).bytes(data).finish() };
}

export function readNotify(body: Uint8Array): WireNotify {
  const reader = new ByteReader(body);
  const protocol = reader.u8();
  const spiLength = reader.u8();
  const type = reader.u16();
  return { protocol, type, spi: reader.bytes(spiLength).slice(), data: reader.rest().slice() };
}

/** Delete payload; no SPIs for an IKE SA. RFC 7296 §3.11 */
export function remove(protocol: number, spis: readonly number[]): WirePayload {
  const writer = new ByteWriter().u8(protocol).u8(protocol === PROTOCOL.IKE ? 0 : 4);
  writer.u16(spis.length);
  for (const spi of spis) writer.u32(spi);
  return { type: PAYLOAD.D, body: writer.finish() };
}

export function readDelete(body: Uint8Array): { protocol: number; spis: number[] } {
  const reader = new ByteReader(body);
  const protocol = reader.u8();
  reader.u8();
  const count = reader.u16();
  const spis = protocol === PROTOCOL.IKE ? [] : Array.from({ length: count }, () => reader.u32());
  return { protocol, spis };
}

/** Traffic Selector payload. RFC 7296 §3.13 */
export function ts(type: "TSi" | "TSr", selectors: readonly WireSelector[]): WirePayload {
  const writer = new ByteWriter().u8(selectors.length).zeros(3);
  for (const { ipProtocol, startPort, endPort, first, last } of selectors) {
    writer
      .u8(first.length === 4 ? 7 : 8)
      .u8(ipProtocol)
      .u16(8 + first.length * 2);
    writer.u16(startPort).u16(endPort).bytes(first).bytes(last);
  }
  return { type: PAYLOAD[type], body: writer.finish() };
}

export function readTs(body: Uint8Array): WireSelector[] {
  const reader = new ByteReader(body);
  const count = reader.u8();
  reader.bytes(3);
  return Array.from({ length: count }, () => {
    const type = reader.u8();
    const ipProtocol = reader.u8();
    reader.u16();
    const [startPort, endPort] = [reader.u16(), reader.u16()];
    const size = type === 7 ? 4 : 16;
    return {
      ipProtocol,
      startPort,
      endPort,
      first: reader.bytes(size).slice(),
      last: reader.bytes(size).slice(),
    };
  });
}

/** Configuration payload. RFC 7296 §3.15 */
export function cp(cfgType: number, attributes: readonly WireAttribute[]): WirePayload {
  const writer = new ByteWriter().u8(cfgType).zeros(3);
  for (const { type, value } of attributes) writer.u16(type).u16(value.length).bytes(value);
  return { type: PAYLOAD.CP, body: writer.finish() };
}

export function readCp(body: Uint8Array): { cfgType: number; attributes: WireAttribute[] } {
  const reader = new ByteReader(body);
  const cfgType = reader.u8();
  reader.bytes(3);
  const attributes: WireAttribute[] = [];
  while (reader.remaining > 0) {
    const type = reader.u16() & 0x7fff;
    attributes.push({ type, value: reader.bytes(reader.u16()).slice() });
  }
  return { cfgType, attributes };
}

/** The first payload of a type. */
export function find(payloads: readonly WirePayload[], type: number): WirePayload | undefined {
  return payloads.find((payload) => payload.type === type);
}

/** Every notify of a message, read. */
export function notifies(payloads: readonly WirePayload[]): WireNotify[] {
  return payloads.filter((payload) => payload.type === PAYLOAD.N).map((n) => readNotify(n.body));
}

/** The first notify of a type. */
export function findNotify(payloads: readonly WirePayload[], type: number): WireNotify | undefined {
  return notifies(payloads).find((candidate) => candidate.type === type);
}

/** The first error notify (below 16384). RFC 7296 §3.10.1 */
export function findError(payloads: readonly WirePayload[]): WireNotify | undefined {
  return notifies(payloads).find((candidate) => candidate.type < 16384);
}

/** What a message carries, as RFCs write it: `SA KE Nonce N(COOKIE) D`. */
export function describe(payloads: readonly WirePayload[]): string {
  return payloads.map(nameOf).join(" ");
}

function nameOf(payload: WirePayload): string {
  if (payload.type === PAYLOAD.N) {
    const { type } = readNotify(payload.body);
    const known = Object.entries(NOTIFY).find(([, number]) => number === type);
    return `N(${known?.[0] ?? type})`;
  }
  const known = Object.entries(PAYLOAD).find(([, number]) => number === payload.type);
  return known?.[0] ?? `payload-${payload.type}`;
}
