/**
 * Routes with all their next hops, as track objects look at them: whosever they are, and whether they can be used. Pure
 * bytes. Source: linux/rtnetlink.h: struct rtmsg, struct rtnexthop, RTNH_F_*; `rtnetlink(7)`.
 */
import { type IpAddress, ipFromBytes, type Prefix } from "#lib/ip.ts";
import { decodeAttributes, numberAttribute, structView } from "../netlink/codec.ts";
import { decodeRoute } from "./route-codec.ts";
import { route as attribute, size } from "./uapi.ts";

/** One way of a route. */
export interface NextHop {
  readonly deviceIndex?: number;
  readonly gateway?: IpAddress;
  /** The kernel knows that nothing gets through: the interface is down or has lost its carrier. */
  readonly isDead: boolean;
}

/** A route of one table, whoever made it. */
export interface TableRoute {
  readonly prefix: Prefix;
  readonly table: number;
  readonly metric: number;
  /** RTPROT_*: who made it. */
  readonly protocol: number;
  /** False for routes that refuse what is sent to them. */
  readonly isUnicast: boolean;
  readonly nextHops: readonly NextHop[];
}

/** Reads RTM_NEWROUTE or RTM_DELROUTE; undefined for what is not a route to a network. */
export function decodeTableRoute(payload: Uint8Array): TableRoute | undefined {
  const status = decodeRoute(payload);
  if (!status) return undefined;
  const { destination, table, metric, kind, gateway } = status.route;
  const attributes = decodeAttributes(payload, size.route);
  const several = attributes.get(MULTIPATH);
  const index = numberAttribute(attributes, attribute.device);
  const flags = structView(payload).getUint32(RTM_FLAGS, true);
  return {
    prefix: destination,
    table,
    metric,
    protocol: status.protocol,
    isUnicast: kind === "unicast",
    nextHops: several ? decodeNextHops(several) : [nextHop(index, gateway, flags)],
  };
}

/** RTA_MULTIPATH: one struct rtnexthop after another, each with attributes of its own. */
function decodeNextHops(bytes: Uint8Array): readonly NextHop[] {
  const view = structView(bytes);
  const hops: NextHop[] = [];
  for (let at = 0; at + RTNEXTHOP_LENGTH <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < RTNEXTHOP_LENGTH || at + length > bytes.length) break;
    const attributes = decodeAttributes(bytes.subarray(at, at + length), RTNEXTHOP_LENGTH);
    const gateway = attributes.get(attribute.gateway);
    const isAddress = gateway?.length === 4 || gateway?.length === 16;
    const address = isAddress ? ipFromBytes(gateway) : undefined;
    hops.push(nextHop(view.getInt32(at + 4, true), address, view.getUint8(at + 2)));
    at += (length + 3) & ~3;
  }
  return hops;
}

function nextHop(
  deviceIndex: number | undefined,
  gateway: IpAddress | undefined,
  flags: number,
): NextHop {
  return {
    ...(deviceIndex === undefined ? {} : { deviceIndex }),
    ...(gateway === undefined ? {} : { gateway }),
    isDead: (flags & (DEAD | LINK_DOWN)) !== 0,
  };
}

/** RTA_MULTIPATH */
const MULTIPATH = 9;
/** Length of struct rtnexthop: length, flags, hops, interface. */
const RTNEXTHOP_LENGTH = 8;
/** Offset of rtm_flags in struct rtmsg; the low byte is that of the next hop. */
const RTM_FLAGS = 8;
/** RTNH_F_* */
const DEAD = 0x1;
const LINK_DOWN = 0x10;
