/**
 * Netlink messages and attributes as bytes: header, padding, nesting, errors with their extended text. Knows no message
 * of any family and no socket. Numbers are little-endian, as on every machine this runs on (arm64, x64); what the kernel
 * wants in network order has methods of its own. Source: linux/netlink.h, RFC 3549 §2.3.
 */
import { invariant } from "#lib/invariant.ts";

/** linux/netlink.h: NLM_F_* */
export const flag = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  capped: 0x100,
  ackTlvs: 0x200,
} as const;

/** linux/netlink.h: NLMSG_*; families start at 16. */
export const control = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

const HEADER_LENGTH = 16;
const ATTRIBUTE_HEADER_LENGTH = 4;
const TYPE_MASK = 0x3fff;
const ERROR_ATTRIBUTE_TEXT = 1;

/** One message to the kernel. `body` writes what follows the header; it may be called only once. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly body: (writer: NetlinkWriter) => void;
}

/** One message from the kernel. `payload` is a view on the received bytes: copy what must outlive the handler. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** Attributes by type; of a repeated one the last. Views on the message. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

/** What NLMSG_ERROR says; `errno` is 0 for an acknowledgement, else positive. */
export interface NetlinkAnswer {
  readonly errno: number;
  /** The kernel's own words, where it has any. NLMSGERR_ATTR_MSG */
  readonly text?: string;
}

/** Writes messages into one growing buffer that can be wiped: what it outgrows is overwritten with zeros. */
export class NetlinkWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 4_096) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  /** Network order: ports, SPIs. */
  be16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
    return this;
  }

  be32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  zeros(count: number): this {
    this.#grow(count);
    return this;
  }

  /** Text in a field of `length` bytes, the rest zero; or with its closing zero when no length is given. */
  text(value: string, length = value.length + 1): this {
    invariant(value.length < length, `text does not fit ${length} bytes: ${value}`);
    const start = this.#grow(length);
    for (let index = 0; index < value.length; index++)
      this.#bytes[start + index] = value.charCodeAt(index);
    return this;
  }

  /** One attribute, padded to four bytes; what `value` writes is its value, attributes in it are nested. */
  attribute(type: number, value: (writer: this) => void): this {
    const start = this.#length;
    this.u16(0).u16(type);
    value(this);
    this.#view.setUint16(start, this.#length - start, true);
    return this.zeros(padding(this.#length - start));
  }

  /** One whole message with its header. The kernel fills in the sender's port. */
  message(request: NetlinkRequest, sequence: number): this {
    const start = this.#length;
    this.u32(0).u16(request.type).u16(request.flags).u32(sequence).u32(0);
    request.body(this);
    this.#view.setUint32(start, this.#length - start, true);
    return this.zeros(padding(this.#length - start));
  }

  /** What was written so far, as a view that the next write may invalidate. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Overwrites everything written with zeros and starts over. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  #grow(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes.fill(0);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}

/** Reads little-endian fields at offsets of one struct; out of range gives a RangeError, as DataView does. */
export function structView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Splits what one read from the socket gave; stops at the first header that does not fit. */
export function decodeMessages(bytes: Uint8Array): readonly NetlinkMessage[] {
  const view = structView(bytes);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at + HEADER_LENGTH <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < HEADER_LENGTH || length > bytes.length - at) break;
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      payload: bytes.subarray(at + HEADER_LENGTH, at + length),
    });
    at += length + padding(length);
  }
  return messages;
}

/** The attributes from offset `start` on; stops at the first that does not fit. */
export function decodeAttributes(bytes: Uint8Array, start = 0): Attributes {
  const view = structView(bytes);
  const attributes = new Map<number, Uint8Array>();
  let at = start;
  while (at + ATTRIBUTE_HEADER_LENGTH <= bytes.length) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_LENGTH || length > bytes.length - at) break;
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER_LENGTH, at + length));
    at += length + padding(length);
  }
  return attributes;
}

/** A number attribute of one, two or four bytes; undefined when absent or of another size. */
export function numberAttribute(attributes: Attributes, type: number): number | undefined {
  const bytes = attributes.get(type);
  if (bytes?.length === 4) return structView(bytes).getUint32(0, true);
  if (bytes?.length === 2) return structView(bytes).getUint16(0, true);
  return bytes?.length === 1 ? bytes[0] : undefined;
}

/** A text attribute without its closing zero; undefined when absent. */
export function textAttribute(attributes: Attributes, type: number): string | undefined {
  const bytes = attributes.get(type);
  return bytes && textOf(bytes);
}

/** Text up to the first zero byte. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}

/** Reads NLMSG_ERROR, and NLMSG_DONE of a dump that failed. linux/netlink.h: struct nlmsgerr */
export function decodeAnswer(message: NetlinkMessage): NetlinkAnswer {
  if (message.payload.length < 4) return { errno: 0 };
  const view = structView(message.payload);
  const errno = Math.abs(view.getInt32(0, true));
  if ((message.flags & flag.ackTlvs) === 0) return { errno };
  const text = textAttribute(
    decodeAttributes(message.payload, answerAttributesOffset(message)),
    ERROR_ATTRIBUTE_TEXT,
  );
  return text ? { errno, text } : { errno };
}

/** Behind the errno stands the header of the request and, unless capped, its payload. */
function answerAttributesOffset(message: NetlinkMessage): number {
  if (message.type === control.done) return 4;
  if (message.payload.length < 4 + HEADER_LENGTH) return message.payload.length;
  if ((message.flags & flag.capped) !== 0) return 4 + HEADER_LENGTH;
  const requestLength = structView(message.payload).getUint32(4, true);
  return 4 + requestLength + padding(requestLength);
}

function padding(length: number): number {
  return -length & 3;
}
