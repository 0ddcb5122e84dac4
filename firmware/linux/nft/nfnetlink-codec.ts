/**
 * The few netfilter messages that are read and written directly: counters of our table, which `nft` would take a process
 * to read, and tracked flows, which it can't remove. Knows no socket.
 * Sources: linux/netfilter/nfnetlink.h, nf_tables.h, nfnetlink_conntrack.h
 */
import { type IpAddress, ipFromBytes } from "#lib/ip.ts";
import {
  type Attributes,
  decodeAttributes,
  flag,
  type NetlinkMessage,
  type NetlinkRequest,
  type NetlinkWriter,
  structView,
  textAttribute,
} from "../netlink/codec.ts";

/** linux/netlink.h: NETLINK_NETFILTER */
export const NETLINK_NETFILTER = 12;

export interface CounterObject {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** One flow that the kernel tracks. */
export interface TrackedFlow {
  /** Who opened it, and to whom, before translation. */
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Where its answers go: the source, or what the source was translated to. */
  readonly answersTo: IpAddress;
  /** What names it in a request to remove it, as the kernel gave it. */
  readonly handle: {
    readonly family: number;
    readonly tuple: Uint8Array;
    readonly zone?: Uint8Array;
  };
}

/** Asks for all counters of a table of family inet. NFT_MSG_GETOBJ */
export function listCountersRequest(table: string): NetlinkRequest {
  return {
    type: messageType(SUBSYSTEM.nftables, 19),
    flags: flag.dump,
    body: (writer) => {
      netfilterHeader(writer, NFPROTO_INET);
      writer.attribute(OBJECT.table, (value) => value.text(table));
      writer.attribute(OBJECT.type, (value) => value.be32(NFT_OBJECT_COUNTER));
    },
  };
}

/** Reads one answer to `listCountersRequest`; undefined when it is something else. */
export function decodeCounter({ payload }: NetlinkMessage): CounterObject | undefined {
  const object = decodeAttributes(payload, HEADER_LENGTH);
  const name = textAttribute(object, OBJECT.name);
  const data = object.get(OBJECT.data);
  if (name === undefined || data === undefined) return undefined;
  const counts = decodeAttributes(data);
  return {
    name,
    packets: readCount(counts, COUNTER.packets),
    bytes: readCount(counts, COUNTER.bytes),
  };
}

/** Asks for all flows of one family or of both. IPCTNL_MSG_CT_GET */
export function listFlowsRequest(): NetlinkRequest {
  return {
    type: messageType(SUBSYSTEM.conntrack, 1),
    flags: flag.dump,
    body: (writer) => netfilterHeader(writer, 0),
  };
}

/** Reads one answer to `listFlowsRequest`; undefined when it is no flow of IPv4 or IPv6. */
export function decodeFlow({ payload }: NetlinkMessage): TrackedFlow | undefined {
  const flow = decodeAttributes(payload, HEADER_LENGTH);
  const tuple = flow.get(FLOW.original);
  const original = decodeTuple(tuple);
  const reply = decodeTuple(flow.get(FLOW.reply));
  const family = payload[0];
  if (tuple === undefined || family === undefined || !original || !reply) return undefined;
  const zone = flow.get(FLOW.zone);
  return {
    source: original.source,
    destination: original.destination,
    answersTo: reply.destination,
    // Copies: the message's bytes are wiped when it has been handled.
    handle: {
      family,
      tuple: new Uint8Array(tuple),
      ...(zone === undefined ? {} : { zone: new Uint8Array(zone) }),
    },
  };
}

/** Makes the kernel forget a flow: its next packet is judged and translated as a first one. IPCTNL_MSG_CT_DELETE */
export function forgetFlowRequest({ handle }: TrackedFlow): NetlinkRequest {
  return {
    type: messageType(SUBSYSTEM.conntrack, 2),
    flags: 0,
    body: (writer) => {
      netfilterHeader(writer, handle.family);
      writer.attribute(FLOW.original | NESTED, (value) => value.bytes(handle.tuple));
      const { zone } = handle;
      if (zone !== undefined) writer.attribute(FLOW.zone, (value) => value.bytes(zone));
    },
  };
}

function decodeTuple(
  bytes: Uint8Array | undefined,
): { readonly source: IpAddress; readonly destination: IpAddress } | undefined {
  const addresses = bytes && decodeAttributes(bytes).get(TUPLE_IP);
  if (addresses === undefined) return undefined;
  const ends = decodeAttributes(addresses);
  const source = ends.get(1) ?? ends.get(3);
  const destination = ends.get(2) ?? ends.get(4);
  if (source === undefined || destination === undefined) return undefined;
  return { source: ipFromBytes(source), destination: ipFromBytes(destination) };
}

function readCount(counts: Attributes, type: number): number {
  const bytes = counts.get(type);
  return bytes?.length === 8 ? Number(structView(bytes).getBigUint64(0)) : 0;
}

/** struct nfgenmsg: family, version 0, resource id 0. */
function netfilterHeader(writer: NetlinkWriter, family: number): void {
  writer.u8(family).zeros(3);
}

function messageType(subsystem: number, message: number): number {
  return (subsystem << 8) | message;
}

const HEADER_LENGTH = 4;
const NESTED = 0x8000;
const NFPROTO_INET = 1;
const NFT_OBJECT_COUNTER = 1;
const SUBSYSTEM = { conntrack: 1, nftables: 10 } as const;
/** NFTA_OBJ_* */
const OBJECT = { table: 1, name: 2, type: 3, data: 4 } as const;
/** NFTA_COUNTER_* */
const COUNTER = { bytes: 1, packets: 2 } as const;
/** CTA_* */
const FLOW = { original: 1, reply: 2, zone: 18 } as const;
/** CTA_TUPLE_IP, with CTA_IP_V4_SRC, V4_DST, V6_SRC and V6_DST as 1 to 4 in it. */
const TUPLE_IP = 1;
