/**
 * Security Association payload: proposals, their transforms, and the attributes of those. Whether a proposal makes sense
 * is decided in `ike/sa/proposal.ts`. RFC 7296 §3.3
 */
import {
  type Codec,
  chain,
  count8,
  dissectBytes,
  many,
  mapped,
  reserved,
  size8,
  sized,
  struct,
  syntaxFault,
  u8,
  u16,
} from "./codec.ts";
import { protocolName, TransformAttribute, transformName, transformTypeName } from "./iana.ts";
import type { Proposal, SaPayload, Transform, UnknownAttribute } from "./message.ts";
import { type PayloadCodec, payload } from "./payload.ts";

const SHORT_FORM = 0x8000;

/** The first bit tells the short form, a value of two bytes, from the long one. RFC 7296 §3.3.5 */
const attribute: Codec<UnknownAttribute> = {
  decode: (reader) => {
    const head = reader.u16();
    const type = head & 0x7fff;
    const value = reader.u16();
    return head >= SHORT_FORM ? { type, value } : { type, value: reader.bytes(value) };
  },
  encode: (writer, { type, value }) => {
    if (typeof value === "number") writer.u16(SHORT_FORM | type).u16(value);
    else writer.u16(type).u16(value.length).bytes(value);
  },
  dissect: ({ type, value }) =>
    `attribute ${type} ${typeof value === "number" ? value : dissectBytes(value)}`,
};

/** RFC 7296 §3.3.2. */
const wireTransform = struct({
  type: u8(),
  reserved: reserved(1),
  id: u16(),
  attributes: many(attribute),
});

/** RFC 7296 §3.3.2. */
export const transform: Codec<Transform> = {
  ...mapped(
    wireTransform,
    transformOf,
    ({ type, id, keyLength, unknownAttributes = [] }: Transform) => ({
      type,
      id,
      attributes:
        keyLength === undefined
          ? unknownAttributes
          : [{ type: TransformAttribute.KEY_LENGTH, value: keyLength }, ...unknownAttributes],
    }),
  ),
  dissect: ({ type, id, keyLength, unknownAttributes = [] }) =>
    [
      `${transformTypeName(type)} ${transformName(type, id)}`,
      ...(keyLength === undefined ? [] : [`${keyLength}`]),
      ...unknownAttributes.map(attribute.dissect),
    ].join(" "),
};

/** The first byte of a proposal is 2 when another follows, that of a transform 3. RFC 7296 §3.3.1 */
const proposal = struct({
  number: u8(),
  protocol: u8(protocolName),
  spiSize: size8((value: Proposal) => value.spi.length),
  transformCount: count8((value: Proposal) => value.transforms.length),
  spi: sized(),
  transforms: chain(3, transform, { isCounted: true }),
});

/** RFC 7296 §3.3. */
export const saPayload: PayloadCodec<SaPayload> = payload("SA", 33, {
  proposals: chain(2, proposal, { isCounted: false }),
});

/** Key Length comes once and in the short form. RFC 7296 §3.3.5 */
function transformOf(
  { type, id, attributes }: { type: number; id: number; attributes: readonly UnknownAttribute[] },
  offset: number,
): Transform {
  if (attributes.length === 0) return { type, id };
  const keyLengths = attributes.filter((one) => one.type === TransformAttribute.KEY_LENGTH);
  const unknownAttributes = attributes.filter((one) => one.type !== TransformAttribute.KEY_LENGTH);
  const keyLength = keyLengths[0]?.value;
  if (keyLengths.length > 1 || typeof keyLength === "object")
    throw syntaxFault(offset, "Key Length comes twice or in the long form", "RFC 7296 §3.3.5");
  return {
    type,
    id,
    ...(keyLength === undefined ? {} : { keyLength }),
    ...(unknownAttributes.length > 0 ? { unknownAttributes } : {}),
  };
}
