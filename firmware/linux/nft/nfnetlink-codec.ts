/**
 * The netfilter messages for reading the counters of our table, for which `nft` would take a process. Knows no socket.
 * Sources: linux/netfilter/nfnetlink.h, nf_tables.h
 */
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

/** Asks for all counters of a table of family inet. NFT_MSG_GETOBJ */
export function listCountersRequest(table: string): NetlinkRequest {
  return {
    type: (NFTABLES_SUBSYSTEM << 8) | NFT_MSG_GETOBJ,
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

function readCount(counts: Attributes, type: number): number {
  const bytes = counts.get(type);
  return bytes?.length === 8 ? Number(structView(bytes).getBigUint64(0)) : 0;
}

/** struct nfgenmsg: family, version 0, resource id 0. */
function netfilterHeader(writer: NetlinkWriter, family: number): void {
  writer.u8(family).zeros(3);
}

const HEADER_LENGTH = 4;
const NFPROTO_INET = 1;
const NFT_MSG_GETOBJ = 19;
const NFT_OBJECT_COUNTER = 1;
const NFTABLES_SUBSYSTEM = 10;
/** NFTA_OBJ_* */
const OBJECT = { table: 1, name: 2, type: 3, data: 4 } as const;
/** NFTA_COUNTER_* */
const COUNTER = { bytes: 1, packets: 2 } as const;
