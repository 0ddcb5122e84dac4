/**
 * Field combinators: one declaration of a wire format gives its decoder, encoder, length checks and the text that debug
 * logs show. Knows how fields follow each other, not what any of them means. RFC 7296 §3
 */
import { type ByteReader, type ByteWriter, OutOfBytes, toHex } from "#lib/bytes.ts";
import type { DecodeError } from "./decode-error.ts";

/** Lengths and counts that an earlier field of the same structure announced for a later one. */
export interface Scope {
  size: number;
  count: number;
}

/** A field or structure, both ways and as text. */
export interface Codec<Value> {
  /** @throws {DecodeFault} for bytes that are no such value; {OutOfBytes} when they end too early. */
  decode(reader: ByteReader, scope: Scope): Value;
  /** `owner` is the structure that the field belongs to. */
  encode(writer: ByteWriter, value: Value, owner: unknown): void;
  dissect(value: Value): string;
}

/** A field that is on the wire but not in the value: reserved bytes, lengths, counts. */
export interface HiddenField extends Codec<undefined> {
  readonly hidden: true;
}

/** How decoding stops: caught where a message is decoded and turned into a `DecodeError`. */
export class DecodeFault extends Error {
  override readonly name = "DecodeFault";
  readonly code: string;
  readonly offset: number;
  readonly source: string;
  readonly notify: DecodeError["notify"];
  /** Steps from the payload to the field, outermost first. */
  path: string[] = [];

  constructor(
    code: string,
    offset: number,
    message: string,
    source: string,
    notify: DecodeError["notify"] = undefined,
  ) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.source = source;
    this.notify = notify;
  }
}

/** An 8-bit number; `name` says how a log prints it. */
export function u8(name: (value: number) => string = String): Codec<number> {
  return {
    decode: (reader) => reader.u8(),
    encode: (writer, value) => writer.u8(value),
    dissect: name,
  };
}

/** A 16-bit number. Bits outside `mask` are reserved: sent as zero, ignored on receipt. */
export function u16(name: (value: number) => string = String, mask = 0xffff): Codec<number> {
  return {
    decode: (reader) => reader.u16() & mask,
    encode: (writer, value) => writer.u16(value & mask),
    dissect: name,
  };
}

/** Bytes sent as zero and ignored on receipt. */
export function reserved(length: number): HiddenField {
  return hidden(
    (reader) => reader.bytes(length),
    (writer) => writer.zeros(length),
  );
}

/** One byte that says how many bytes each `sized` field after it has. */
export function size8<Owner>(sizeOf: (owner: Owner) => number): HiddenField {
  return hidden(
    (reader, scope) => {
      scope.size = reader.u8();
    },
    (writer, owner) => writer.u8(sizeOf(owner as Owner)),
  );
}

/** One byte that says how many elements the list after it has. */
export function count8<Owner>(countOf: (owner: Owner) => number): HiddenField {
  return hidden(
    (reader, scope) => {
      scope.count = reader.u8();
    },
    (writer, owner) => writer.u8(countOf(owner as Owner)),
  );
}

/** As `count8`, in two bytes. */
export function count16<Owner>(countOf: (owner: Owner) => number): HiddenField {
  return hidden(
    (reader, scope) => {
      scope.count = reader.u16();
    },
    (writer, owner) => writer.u16(countOf(owner as Owner)),
  );
}

/** Bytes whose length is fixed. */
export function fixed(length: number): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.bytes(length),
    encode: (writer, value) => writer.bytes(value),
    dissect: dissectBytes,
  };
}

/** Bytes whose length a `size8` before them gave. */
export function sized(): Codec<Uint8Array> {
  return {
    decode: (reader, scope) => reader.bytes(scope.size),
    encode: (writer, value) => writer.bytes(value),
    dissect: dissectBytes,
  };
}

/** Two bytes of length, then so many bytes. */
export function prefixed16(): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.bytes(reader.u16()),
    encode: (writer, value) => writer.u16(value.length).bytes(value),
    dissect: dissectBytes,
  };
}

/** All that is left of the structure. `isSecret` keeps the bytes out of logs: only their number is shown. */
export function rest(
  limits: { readonly min?: number; readonly max?: number; readonly isSecret?: boolean } = {},
): Codec<Uint8Array> {
  const { min = 0, max = Number.POSITIVE_INFINITY, isSecret = false } = limits;
  return {
    decode: (reader) => {
      const { offset, remaining } = reader;
      if (remaining < min || remaining > max)
        throw lengthFault(offset, `${remaining} bytes where ${min} to ${max} may be`);
      return reader.rest();
    },
    encode: (writer, value) => writer.bytes(value),
    dissect: isSecret ? (value) => `(${value.length} bytes)` : dissectBytes,
  };
}

/** Elements back to back until the structure ends. Each takes at least a byte, so the input bounds the work. */
export function many<Value>(element: Codec<Value>): Codec<readonly Value[]> {
  return {
    decode: (reader, scope) => {
      const values: Value[] = [];
      try {
        while (reader.remaining > 0) values.push(element.decode(reader, scope));
      } catch (error) {
        throw inside(error, `[${values.length}]`);
      }
      return values;
    },
    encode: (writer, values, owner) => {
      for (const value of values) element.encode(writer, value, owner);
    },
    dissect: (values) => `[${values.map(element.dissect).join("; ")}]`,
  };
}

/** As many elements as a count before them said, which must fill the structure. */
export function counted<Value>(element: Codec<Value>): Codec<readonly Value[]> {
  const list = many(element);
  return {
    ...list,
    decode: (reader, scope) => {
      const { offset } = reader;
      const { count } = scope;
      const values = list.decode(reader, scope);
      if (values.length !== count)
        throw syntaxFault(offset, `${values.length} elements where ${count} are announced`);
      return values;
    },
  };
}

/** What a `Fields` declaration decodes to: all of it but the hidden fields. */
export type Decoded<Fields> = {
  readonly [Name in keyof Fields as Fields[Name] extends HiddenField
    ? never
    : Name]: Fields[Name] extends Codec<infer Value> ? Value : never;
};

/** Fields in wire order. Decodes to an object of the visible ones. */
export function struct<Fields extends Readonly<Record<string, Codec<unknown>>>>(
  fields: Fields,
): Codec<Decoded<Fields>> {
  const steps = fieldSteps(fields);
  return {
    decode: (reader) => decodeFields({}, steps, reader) as Decoded<Fields>,
    encode: (writer, value) => encodeFields(steps, writer, value),
    dissect: (value) => `{ ${dissectFields(steps, value)} }`,
  };
}

/** A structure seen as another value: what is on the wire stays declared, what the program sees is made from it. */
export function mapped<Wire, Value>(
  codec: Codec<Wire>,
  toValue: (wire: Wire, offset: number) => Value,
  toWire: (value: Value) => Wire,
): Codec<Value> {
  return {
    decode: (reader, scope) => {
      const { offset } = reader;
      return toValue(codec.decode(reader, scope), offset);
    },
    encode: (writer, value, owner) => codec.encode(writer, toWire(value), owner),
    dissect: (value) => codec.dissect(toWire(value)),
  };
}

/**
 * Substructures that say themselves whether another follows: "last" byte, reserved byte, length, body. They fill the
 * structure they are in. RFC 7296 §3.3.1, §3.3.2
 *
 * @param more value of the first byte when the substructure is not the last one.
 * @param isCounted true when a count before them must agree.
 */
export function chain<Value>(
  more: number,
  body: Codec<Value>,
  { isCounted }: { readonly isCounted: boolean },
): Codec<readonly Value[]> {
  const element: Codec<Value> = {
    ...body,
    decode: (reader, scope) => decodeLink(more, body, reader, scope),
  };
  const list = isCounted ? counted(element) : many(element);
  return {
    ...list,
    encode: (writer, values, owner) => {
      for (const [index, value] of values.entries()) {
        const start = writer.length;
        writer.u8(index < values.length - 1 ? more : 0).zeros(3);
        body.encode(writer, value, owner);
        writer.setU16(start + 2, writer.length - start);
      }
    },
  };
}

function decodeLink<Value>(
  more: number,
  body: Codec<Value>,
  reader: ByteReader,
  scope: Scope,
): Value {
  const { offset } = reader;
  const isLast = reader.u8() !== more;
  reader.u8();
  const length = reader.u16();
  if (length < 4 || length - 4 > reader.remaining)
    throw lengthFault(offset + 2, `length ${length} of a substructure does not fit`);
  const inner = reader.sub(length - 4);
  const value = body.decode(inner, scope);
  if (inner.remaining > 0)
    throw lengthFault(inner.offset, `${inner.remaining} bytes too many in a substructure`);
  if (isLast !== (reader.remaining === 0))
    throw syntaxFault(
      offset,
      "a substructure is wrongly marked as the last one, or as not the last",
    );
  return value;
}

/** Makes a fault for a length that does not fit. */
export function lengthFault(offset: number, message: string, source = "RFC 7296 §3"): DecodeFault {
  return new DecodeFault("ike.decode.length", offset, message, source, INVALID_SYNTAX);
}

/** Makes a fault for a value that the RFC forbids. */
export function syntaxFault(offset: number, message: string, source = "RFC 7296 §3"): DecodeFault {
  return new DecodeFault("ike.decode.syntax", offset, message, source, INVALID_SYNTAX);
}

/** Adds a step in front of a fault's path; other errors pass unchanged. */
export function inside(error: unknown, step: string): unknown {
  const fault =
    error instanceof OutOfBytes ? lengthFault(error.offset, "the bytes end too early") : error;
  if (fault instanceof DecodeFault) fault.path.unshift(step);
  return fault;
}

/** Hexadecimal of at most 32 bytes; what is cut off is counted. */
export function dissectBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return "-";
  const shown = toHex(bytes.subarray(0, 32));
  return bytes.length > 32 ? `${shown}… (${bytes.length} bytes)` : shown;
}

/** One field of a structure, as the loops below use it. */
interface Step {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly isHidden: boolean;
}

/** The fields of a declaration, in its order, for `decodeFields` and its like. */
export function fieldSteps(fields: Readonly<Record<string, Codec<unknown>>>): readonly Step[] {
  return Object.entries(fields).map(([name, codec]) => ({
    name,
    codec,
    isHidden: "hidden" in codec,
  }));
}

/** Reads the fields into `value`, which it returns. @throws {DecodeFault} with the field's name in its path. */
export function decodeFields(
  value: Record<string, unknown>,
  steps: readonly Step[],
  reader: ByteReader,
): Record<string, unknown> {
  const scope: Scope = { size: 0, count: 0 };
  let field = "";
  try {
    for (const step of steps) {
      field = step.name;
      const decoded = step.codec.decode(reader, scope);
      if (!step.isHidden) value[field] = decoded;
    }
  } catch (error) {
    throw inside(error, field);
  }
  return value;
}

/** Writes the fields of `value`. */
export function encodeFields(steps: readonly Step[], writer: ByteWriter, value: unknown): void {
  const fields = value as Readonly<Record<string, unknown>>;
  for (const { name, codec } of steps) codec.encode(writer, fields[name], value);
}

/** `name value, name value`. */
export function dissectFields(steps: readonly Step[], value: unknown): string {
  const fields = value as Readonly<Record<string, unknown>>;
  return steps
    .filter((step) => !step.isHidden)
    .map(({ name, codec }) => `${name} ${codec.dissect(fields[name])}`)
    .join(", ");
}

function hidden(
  decode: (reader: ByteReader, scope: Scope) => unknown,
  encode: (writer: ByteWriter, owner: unknown) => unknown,
): HiddenField {
  return {
    hidden: true,
    decode: (reader, scope) => {
      decode(reader, scope);
      return undefined;
    },
    encode: (writer, _, owner) => {
      encode(writer, owner);
    },
    dissect: () => "",
  };
}

/** The peer is told, where the RFC allows an answer. RFC 7296 §3.10.1 */
const INVALID_SYNTAX = { type: 7, data: new Uint8Array(0) } as const;
