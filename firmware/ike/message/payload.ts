/**
 * What every payload file declares: name, number and fields of one payload. The generic header before them is
 * `payload-chain.ts`'s. RFC 7296 §3.2
 */
import type { ByteReader, ByteWriter } from "#lib/bytes.ts";
import {
  type Codec,
  type Decoded,
  decodeFields,
  dissectFields,
  encodeFields,
  fieldSteps,
} from "./codec.ts";
import type { Payload } from "./message.ts";

/** Names of the payloads that this codec knows. */
export type KnownPayloadName = Exclude<Payload["type"], "Unknown">;

/** A payload's body, both ways and as text. */
export interface PayloadCodec<Known = Payload> {
  readonly name: KnownPayloadName;
  /** IANA payload type. */
  readonly number: number;
  /** @throws {DecodeFault} or {OutOfBytes} for bytes that are no such payload. `reader` ends where the body ends. */
  decode(reader: ByteReader): Known;
  encode(writer: ByteWriter, payload: Known): void;
  /** The body on one line, without key material. */
  dissect(payload: Known): string;
}

/** Declares a payload. The fields are those of the payload's type in `message.ts`, in wire order. */
export function payload<
  Name extends KnownPayloadName,
  Fields extends Readonly<Record<string, Codec<unknown>>>,
>(
  name: Name,
  number: number,
  fields: Fields,
): PayloadCodec<{ readonly type: Name } & Decoded<Fields>> {
  type Known = { readonly type: Name } & Decoded<Fields>;
  const steps = fieldSteps(fields);
  return {
    name,
    number,
    decode: (reader) => decodeFields({ type: name }, steps, reader) as unknown as Known,
    encode: (writer, value) => encodeFields(steps, writer, value),
    dissect: (value) => dissectFields(steps, value),
  };
}
