import fc from "fast-check";
import { idPayload } from "#ike/message/id.ts";
import type {
  IkeHeader,
  Payload,
  Proposal,
  Transform,
  WireTrafficSelector,
} from "#ike/message/message.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength });
const fixed = (length: number) => bytes(length, length);

/** Any IKE header. */
export const header: fc.Arbitrary<IkeHeader> = fc.record({
  spiInitiator: fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }),
  spiResponder: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  exchange: u8,
  isInitiator: fc.boolean(),
  isResponse: fc.boolean(),
  messageId: fc.integer({ min: 0, max: 0xffff_ffff }),
});

const unknownAttribute = fc.record({
  type: fc.integer({ min: 0, max: 0x7fff }).filter((type) => type !== 14),
  value: fc.oneof(u16, bytes(8)),
});

const transform: fc.Arbitrary<Transform> = fc.record(
  {
    type: u8,
    id: u16,
    keyLength: u16,
    unknownAttributes: fc.array(unknownAttribute, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["type", "id"] },
);

const proposal: fc.Arbitrary<Proposal> = fc.record({
  number: u8,
  protocol: u8,
  spi: bytes(8),
  transforms: fc.array(transform, { maxLength: 5 }),
});

const selector: fc.Arbitrary<WireTrafficSelector> = fc.oneof(
  ...(
    [
      [7, 4],
      [8, 16],
    ] as const
  ).map(([type, length]) =>
    fc.record({
      type: fc.constant(type),
      ipProtocol: u8,
      startPort: u16,
      endPort: u16,
      startAddress: fixed(length),
      endAddress: fixed(length),
    }),
  ),
);

const unknownSelector = fc.record({
  type: u8.filter((type) => type !== 7 && type !== 8),
  ipProtocol: u8,
  body: bytes(20),
});

const spis = fc
  .integer({ min: 1, max: 8 })
  .chain((size) => fc.array(fixed(size), { maxLength: 4 }));

/** One arbitrary a declared payload; `Unknown` is apart. */
export const knownPayloads: { readonly [Name in Payload["type"]]: fc.Arbitrary<Payload> } = {
  SA: fc.record({
    type: fc.constant("SA"),
    proposals: fc.array(proposal, { maxLength: 3 }),
  }),
  KE: fc.record({ type: fc.constant("KE"), method: u16, publicValue: bytes(100, 1) }),
  IDi: fc.tuple(u8, bytes(40)).map(([idType, data]) => idPayload("IDi", idType, data)),
  IDr: fc.tuple(u8, bytes(40)).map(([idType, data]) => idPayload("IDr", idType, data)),
  CERT: fc.record({ type: fc.constant("CERT"), encoding: u8, data: bytes(100) }),
  CERTREQ: fc.record({ type: fc.constant("CERTREQ"), encoding: u8, authorities: bytes(60) }),
  AUTH: fc.record({ type: fc.constant("AUTH"), method: u8, data: bytes(80) }),
  Nonce: fc.record({ type: fc.constant("Nonce"), nonce: bytes(256, 16) }),
  Notify: fc.record({
    type: fc.constant("Notify"),
    protocol: u8,
    spi: bytes(8),
    notify: u16,
    data: bytes(40),
  }),
  Delete: fc.record({ type: fc.constant("Delete"), protocol: u8, spis }),
  VendorId: fc.record({ type: fc.constant("VendorId"), vendorId: bytes(40) }),
  TSi: trafficSelectors("TSi"),
  TSr: trafficSelectors("TSr"),
  CP: fc.record({
    type: fc.constant("CP"),
    cfgType: u8,
    attributes: fc.array(
      fc.record({ type: fc.integer({ min: 0, max: 0x7fff }), value: bytes(20) }),
      { maxLength: 6 },
    ),
  }),
  EAP: fc.record({ type: fc.constant("EAP"), message: bytes(60, 4) }),
  Unknown: fc.record({
    type: fc.constant("Unknown"),
    payloadType: fc.oneof(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 54, max: 255 })),
    isCritical: fc.constant(false),
    body: bytes(30),
  }),
};

/** Any payload that may travel in clear or inside SK. */
export const payload: fc.Arbitrary<Payload> = fc.oneof(...Object.values(knownPayloads));

function trafficSelectors(type: "TSi" | "TSr"): fc.Arbitrary<Payload> {
  return fc.record(
    {
      type: fc.constant(type),
      selectors: fc.array(selector, { maxLength: 4 }),
      unknown: fc.array(unknownSelector, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ["type", "selectors"] },
  );
}
