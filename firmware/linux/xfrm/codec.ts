/**
 * Security associations as XFRM messages: add, update, delete, dump. Pure bytes; keys are revealed only while they are
 * written, into a buffer that the socket wipes. Source: linux/xfrm.h, net/xfrm/xfrm_user.c.
 */
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { invariant } from "#lib/invariant.ts";
import type { IpAddress } from "#lib/ip.ts";
import {
  decodeAttributes,
  flag,
  type NetlinkRequest,
  type NetlinkWriter,
  numberAttribute,
  structView,
} from "../netlink/codec.ts";
import { ciphers, integrities } from "./algorithms.ts";
import {
  familyOf,
  isIpFamily,
  readAddress,
  writeAddress,
  writeLifetime,
  writeSaId,
} from "./structs.ts";
import { attribute, ESP_IN_UDP, message, mode, PROTOCOL_ESP, saFlag, size } from "./uapi.ts";

/** Where the kernel is to put an SA, beside what the SA itself says. */
export interface SaPlacement {
  /** Interface id and request id, 1 and up. */
  readonly ifId: number;
  /** Device that shall do the work, by index, with XFRM_OFFLOAD_* flags. */
  readonly offload?: { readonly interfaceIndex: number; readonly flags: number };
  /** Continues the counters of an SA that moves to other addresses. */
  readonly replay?: ReplayState;
}

/** Sequence numbers sent and received, and the window of those seen. linux/xfrm.h: struct xfrm_replay_state_esn */
export interface ReplayState {
  readonly sent: bigint;
  readonly received: bigint;
  /** Words of 32 packets; its length fits the window. */
  readonly bitmap: readonly number[];
}

/** An SA as the kernel shows it, keys left out. */
export interface SaStatus {
  readonly spi: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  readonly requestId: number;
  readonly ifId: number;
  readonly bytes: number;
  readonly packets: number;
  readonly replayDrops: number;
  readonly integrityFailures: number;
  /** Seconds since the epoch; 0 when never used. */
  readonly lastUsed: number;
  readonly isOffloaded: boolean;
  /** Ports in network terms; undefined when ESP is not in UDP. */
  readonly udpPorts?: { readonly source: number; readonly destination: number };
  readonly replay?: ReplayState;
}

/** Names one SA to the kernel. */
export interface SaName {
  readonly spi: number;
  readonly destination: IpAddress;
}

/** The least window that extended sequence numbers need to tell the upper half; the kernel refuses 0 with ESN. */
const LEAST_ESN_WINDOW = 32;
/** XFRMA_REPLAY_ESN_MAX */
const LARGEST_WINDOW = 4_096;

/**
 * Adds an SA; EEXIST when its SPI is taken.
 * @throws {InvariantError} when algorithm or key length is not one that the proposal could have negotiated.
 */
export function newSa(sa: SecurityAssociation, placement: SaPlacement): NetlinkRequest {
  return saRequest(message.newSa, sa, placement);
}

/** Changes UDP ports and lifetimes of an SA; ESRCH when there is none. Addresses and keys stay as they are. */
export function updateSa(sa: SecurityAssociation, placement: SaPlacement): NetlinkRequest {
  return saRequest(message.updateSa, sa, placement);
}

/** Deletes an SA; ESRCH when there is none. struct xfrm_usersa_id */
export function deleteSa(name: SaName): NetlinkRequest {
  return { type: message.deleteSa, flags: 0, body: (writer) => writeSaName(writer, name) };
}

/** Asks for one SA. */
export function getSa(name: SaName): NetlinkRequest {
  return { type: message.getSa, flags: 0, body: (writer) => writeSaName(writer, name) };
}

/** Asks for all SAs of the namespace. */
export function dumpSas(): NetlinkRequest {
  return { type: message.getSa, flags: flag.dump, body: () => {} };
}

function writeSaName(writer: NetlinkWriter, { spi, destination }: SaName): void {
  writeAddress(writer, destination);
  writer.be32(spi).u16(familyOf(destination)).u8(PROTOCOL_ESP).zeros(1);
}

function saRequest(type: number, sa: SecurityAssociation, placement: SaPlacement): NetlinkRequest {
  const window = replayWindow(sa);
  return {
    type,
    flags: 0,
    body: (writer) => {
      writeSaInfo(writer, sa, placement);
      writeAlgorithms(writer, sa);
      if (sa.udpEncapsulation) writeEncapsulation(writer, sa);
      if (window > 0 || placement.replay) writeReplay(writer, window, placement.replay);
      const { offload } = placement;
      if (offload)
        writer.attribute(attribute.offloadDevice, (value) =>
          value.u32(offload.interfaceIndex).u8(offload.flags).zeros(3),
        );
      writer.attribute(attribute.ifId, (value) => value.u32(placement.ifId));
    },
  };
}

/**
 * struct xfrm_usersa_info. In tunnel mode the selector stays empty with AF_UNSPEC, so that packets of both families pass;
 * the policies choose. The window stands in the ESN attribute, which takes more than 32 packets with or without ESN.
 */
function writeSaInfo(writer: NetlinkWriter, sa: SecurityAssociation, placement: SaPlacement): void {
  const isTunnel = sa.mode === "tunnel";
  writer.zeros(size.selector);
  writeSaId(writer, sa.destination.address, sa.spi);
  writeAddress(writer, sa.source.address);
  writeLifetime(writer, sa.lifetime);
  writer.zeros(32 + 12 + 4);
  writer.u32(placement.ifId).u16(familyOf(sa.destination.address));
  writer.u8(isTunnel ? mode.tunnel : mode.transport).u8(0);
  writer.u8((isTunnel ? saFlag.anyFamily : 0) | (sa.esn ? saFlag.esn : 0)).zeros(7);
}

function writeAlgorithms(writer: NetlinkWriter, sa: SecurityAssociation): void {
  const cipher = ciphers[sa.encryption.id];
  invariant(cipher, `no kernel cipher for encryption transform ${sa.encryption.id}`);
  const { key } = sa.encryption;
  const fits = cipher.keyBytes.includes(key.length - cipher.saltBytes);
  invariant(fits, `${key.length} bytes are no key of ${cipher.name}`);
  if (cipher.icvBits !== undefined) {
    const bits = cipher.icvBits;
    writer.attribute(attribute.algorithmAead, (value) =>
      value
        .text(cipher.name, 64)
        .u32(key.length * 8)
        .u32(bits)
        .bytes(key.reveal()),
    );
    return;
  }
  writer.attribute(attribute.algorithmCrypt, (value) =>
    value
      .text(cipher.name, 64)
      .u32(key.length * 8)
      .bytes(key.reveal()),
  );
  const integrity = sa.integrity && integrities[sa.integrity.id];
  invariant(sa.integrity && integrity, `no kernel integrity for transform ${sa.integrity?.id}`);
  const { key: integrityKey } = sa.integrity;
  const isRight = integrityKey.length === integrity.keyBytes;
  invariant(isRight, `${integrityKey.length} bytes are no key of ${integrity.name}`);
  writer.attribute(attribute.algorithmAuthTruncated, (value) =>
    value
      .text(integrity.name, 64)
      .u32(integrityKey.length * 8)
      .u32(integrity.truncatedBits)
      .bytes(integrityKey.reveal()),
  );
}

/** struct xfrm_encap_tmpl: ports as in this direction's packets. */
function writeEncapsulation(writer: NetlinkWriter, sa: SecurityAssociation): void {
  writer.attribute(attribute.encapsulation, (value) =>
    value.u16(ESP_IN_UDP).be16(sa.source.port).be16(sa.destination.port).zeros(18),
  );
}

/** struct xfrm_replay_state_esn */
function writeReplay(writer: NetlinkWriter, window: number, replay: ReplayState | undefined): void {
  const words = Math.ceil(window / 32);
  const low = (value: bigint) => Number(value & 0xffff_ffffn);
  const high = (value: bigint) => Number(value >> 32n);
  const { sent, received } = replay ?? { sent: 0n, received: 0n };
  writer.attribute(attribute.replayEsn, (value) => {
    value
      .u32(words)
      .u32(low(sent))
      .u32(low(received))
      .u32(high(sent))
      .u32(high(received))
      .u32(window);
    // Without state the bitmap may be left out: the kernel makes an empty one.
    if (replay) for (let index = 0; index < words; index++) value.u32(replay.bitmap[index] ?? 0);
  });
}

/** Packets. An outbound SA needs a window only where the kernel insists on one, that is with ESN. */
function replayWindow(sa: SecurityAssociation): number {
  const asked = sa.direction === "in" ? Math.min(sa.replayWindow, LARGEST_WINDOW) : 0;
  return sa.esn ? Math.max(asked, LEAST_ESN_WINDOW) : asked;
}

/** Reads NEWSA of a dump or answer; undefined when it is shorter than its struct. */
export function decodeSa(payload: Uint8Array): SaStatus | undefined {
  if (payload.length < size.saInfo) return undefined;
  const view = structView(payload);
  const family = view.getUint16(212, true);
  if (!isIpFamily(family)) return undefined;
  const attributes = decodeAttributes(payload, size.saInfo);
  const encapsulation = attributes.get(attribute.encapsulation);
  const replay =
    decodeReplay(attributes.get(attribute.replayEsn)) ??
    decodeShortReplay(attributes.get(attribute.replay));
  const lastUsed = attributes.get(attribute.lastUsed);
  return {
    spi: view.getUint32(72),
    source: readAddress(payload, 80, family),
    destination: readAddress(payload, 56, family),
    protocol: view.getUint8(76),
    requestId: view.getUint32(208, true),
    ifId: numberAttribute(attributes, attribute.ifId) ?? 0,
    bytes: Number(view.getBigUint64(160, true)),
    packets: Number(view.getBigUint64(168, true)),
    replayDrops: view.getUint32(192, true) + view.getUint32(196, true),
    integrityFailures: view.getUint32(200, true),
    lastUsed: lastUsed?.length === 8 ? Number(structView(lastUsed).getBigUint64(0, true)) : 0,
    isOffloaded: attributes.has(attribute.offloadDevice),
    ...(encapsulation && {
      udpPorts: {
        source: structView(encapsulation).getUint16(2),
        destination: structView(encapsulation).getUint16(4),
      },
    }),
    ...(replay && { replay }),
  };
}

function decodeReplay(bytes: Uint8Array | undefined): ReplayState | undefined {
  if (!bytes || bytes.length < 24) return undefined;
  const view = structView(bytes);
  const words = Math.min(view.getUint32(0, true), (bytes.length - 24) >> 2);
  const join = (high: number, low: number) =>
    (BigInt(view.getUint32(high, true)) << 32n) | BigInt(view.getUint32(low, true));
  return {
    sent: join(12, 4),
    received: join(16, 8),
    bitmap: Array.from({ length: words }, (_, index) => view.getUint32(24 + index * 4, true)),
  };
}

/** struct xfrm_replay_state, of an SA without window and without ESN. */
function decodeShortReplay(bytes: Uint8Array | undefined): ReplayState | undefined {
  if (bytes?.length !== 12) return undefined;
  const view = structView(bytes);
  return {
    sent: BigInt(view.getUint32(0, true)),
    received: BigInt(view.getUint32(4, true)),
    bitmap: [view.getUint32(8, true)],
  };
}
