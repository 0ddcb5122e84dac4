/**
 * Traffic Selector payloads. Selectors of a type that this product does not know are kept apart: they select nothing for
 * us, and do not spoil the others. RFC 7296 §3.13
 */
import { toHex } from "#lib/bytes.ts";
import { ipFromBytes } from "#lib/ip.ts";
import { type Codec, count8, counted, fixed, lengthFault, reserved, struct, u16 } from "./codec.ts";
import { TsType, tsTypeName } from "./iana.ts";
import type { TsPayload, UnknownTrafficSelector, WireTrafficSelector } from "./message.ts";
import type { PayloadCodec } from "./payload.ts";

type AnySelector = WireTrafficSelector | UnknownTrafficSelector;

/** RFC 7296 §3.13.1, after type, IP protocol and length. */
const rangeOf = (addressBytes: number) =>
  struct({
    startPort: u16(),
    endPort: u16(),
    startAddress: fixed(addressBytes),
    endAddress: fixed(addressBytes),
  });
const ranges = {
  [TsType.TS_IPV4_ADDR_RANGE]: { codec: rangeOf(4), length: 16 },
  [TsType.TS_IPV6_ADDR_RANGE]: { codec: rangeOf(16), length: 40 },
};
const HEADER_BYTES = 4;

/** RFC 7296 §3.13.1. */
const selector: Codec<AnySelector> = {
  decode: (reader, scope) => {
    const { offset } = reader;
    const [type, ipProtocol, length] = [reader.u8(), reader.u8(), reader.u16()];
    const range = rangeFor(type);
    if (length < HEADER_BYTES || (range && length !== range.length))
      throw lengthFault(offset + 2, `a ${tsTypeName(type)} of ${length} bytes`, "RFC 7296 §3.13.1");
    if (!range) return { type, ipProtocol, body: reader.bytes(length - HEADER_BYTES) };
    return { type, ipProtocol, ...range.codec.decode(reader, scope) };
  },
  encode: (writer, value, owner) => {
    const body = "body" in value ? value.body.length : value.startAddress.length * 2 + 4;
    writer
      .u8(value.type)
      .u8(value.ipProtocol)
      .u16(HEADER_BYTES + body);
    if ("body" in value) writer.bytes(value.body);
    else rangeFor(value.type)?.codec.encode(writer, value, owner);
  },
  dissect: (value) => {
    if ("body" in value) return `${tsTypeName(value.type)} ${toHex(value.body.subarray(0, 32))}`;
    const addresses = `${ipFromBytes(value.startAddress)}-${ipFromBytes(value.endAddress)}`;
    return `${addresses} protocol ${value.ipProtocol} ports ${value.startPort}-${value.endPort}`;
  },
};

/** RFC 7296 §3.13. */
const body = struct({
  count: count8((owner: { all: readonly AnySelector[] }) => owner.all.length),
  reserved: reserved(3),
  all: counted(selector),
});

/** RFC 7296 §3.13. */
export const tsInitiatorPayload = tsPayloadCodec("TSi", 44);
/** RFC 7296 §3.13. */
export const tsResponderPayload = tsPayloadCodec("TSr", 45);

function tsPayloadCodec(name: TsPayload["type"], number: number): PayloadCodec<TsPayload> {
  return {
    name,
    number,
    decode: (reader) => {
      const { all } = body.decode(reader, { size: 0, count: 0 });
      const selectors = all.filter(isKnown);
      const unknown = all.filter((one): one is UnknownTrafficSelector => !isKnown(one));
      return unknown.length > 0 ? { type: name, selectors, unknown } : { type: name, selectors };
    },
    encode: (writer, payload) => body.encode(writer, { all: allOf(payload) }, undefined),
    dissect: (payload) => allOf(payload).map(selector.dissect).join("; "),
  };
}

function isKnown(selector: AnySelector): selector is WireTrafficSelector {
  return !("body" in selector);
}

function allOf({ selectors, unknown = [] }: TsPayload): readonly AnySelector[] {
  return [...selectors, ...unknown];
}

function rangeFor(type: number): (typeof ranges)[7] | undefined {
  return type === TsType.TS_IPV4_ADDR_RANGE || type === TsType.TS_IPV6_ADDR_RANGE
    ? ranges[type]
    : undefined;
}
