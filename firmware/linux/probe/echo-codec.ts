/**
 * ICMP echo messages of both families as bytes. Identifier and checksum are the kernel's on a ping socket. It sends
 * nothing. Sources: RFC 792, RFC 4443 §4.1 and §4.2
 */
import type { IpFamily } from "#lib/ip.ts";

/** What an echo carries: which probe it belongs to, in a way that no stranger guesses. */
export interface EchoPayload {
  /** Unpredictable, the same for a whole socket; 32 bits. */
  readonly token: number;
  readonly id: number;
  readonly packet: number;
}

/** An answer to an echo. `isIntact` is false when its data is not what was sent. */
export interface EchoReply extends EchoPayload {
  readonly identifier: number;
  readonly sequence: number;
  readonly isIntact: boolean;
}

/** IOS: request-data-size 28 */
const DATA_BYTES = 28;
const HEADER_BYTES = 8;
const PATTERN_AT = HEADER_BYTES + 12;

/** An echo request, its checksum left to the kernel. @param identifier is replaced by the kernel on a ping socket. */
export function encodeEchoRequest(
  family: IpFamily,
  identifier: number,
  sequence: number,
  { token, id, packet }: EchoPayload,
): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + DATA_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = family === 4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  view.setUint32(8, token);
  view.setUint32(12, id);
  view.setUint32(16, packet);
  for (let at = PATTERN_AT; at < bytes.length; at++) bytes[at] = at;
  return bytes;
}

/** @returns undefined when the bytes are no answer to an echo of ours. */
export function decodeEchoReply(family: IpFamily, bytes: Uint8Array): EchoReply | undefined {
  if (bytes.length < PATTERN_AT || bytes[1] !== 0) return undefined;
  if (bytes[0] !== (family === 4 ? ECHO_REPLY : ECHO_REPLY_V6)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let isIntact = bytes.length === HEADER_BYTES + DATA_BYTES;
  for (let at = PATTERN_AT; at < bytes.length && isIntact; at++) isIntact = bytes[at] === at;
  return {
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
    token: view.getUint32(8),
    id: view.getUint32(12),
    packet: view.getUint32(16),
    isIntact,
  };
}

const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;
const ECHO_REPLY_V6 = 129;
