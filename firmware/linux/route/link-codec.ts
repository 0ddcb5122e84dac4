/** Interfaces and their addresses as rtnetlink messages. Pure bytes. Source: linux/if_link.h, linux/if_addr.h, `rtnetlink(7)`. */
import { interfaceAlias } from "#dataplane/ownership.ts";
import {
  type InterfaceAddress,
  interfaceAddress,
  ipBytes,
  ipFamily,
  ipFromBytes,
  splitPrefix,
} from "#lib/ip.ts";
import {
  decodeAttributes,
  flag,
  type NetlinkRequest,
  type NetlinkWriter,
  numberAttribute,
  structView,
  textAttribute,
} from "../netlink/codec.ts";
import {
  address,
  addressFamily,
  addressFlag,
  link,
  linkFlag,
  linkInfo,
  message,
  scope,
  size,
  xfrmLink,
} from "./uapi.ts";

/** What makes an xfrm interface. */
export interface XfrmLink {
  readonly name: string;
  readonly ifId: number;
  readonly mtu: number;
  /** Index of the interface that ESP leaves by; 0 leaves it to the routing table. */
  readonly underlayIndex: number;
}

/** An interface as the kernel shows it. */
export interface LinkStatus {
  readonly index: number;
  readonly name: string;
  readonly isUp: boolean;
  /** Up, and with a carrier where the device knows one. */
  readonly isRunning: boolean;
  readonly mtu: number;
  readonly alias?: string;
  /** `xfrm`, `bridge`, …; undefined for plain devices. */
  readonly kind?: string;
  /** Of an xfrm interface. */
  readonly xfrm?: { readonly ifId: number; readonly underlayIndex: number };
}

export interface AddressStatus {
  readonly index: number;
  readonly address: InterfaceAddress;
  /** Given by the kernel itself: IPv6 link-local addresses. */
  readonly isKernelMade: boolean;
}

/** Creates an xfrm interface that is down and not yet marked; EEXIST when the name is taken. */
export function newXfrmLink(wanted: XfrmLink): NetlinkRequest {
  return xfrmLinkRequest(wanted, flag.create | flag.exclusive);
}

/** Changes MTU, underlay and interface id of an xfrm interface, by name. */
export function changeXfrmLink(wanted: XfrmLink): NetlinkRequest {
  return xfrmLinkRequest(wanted, 0);
}

function xfrmLinkRequest(wanted: XfrmLink, flags: number): NetlinkRequest {
  return {
    type: message.newLink,
    flags,
    body: (writer) => {
      writer.zeros(size.link);
      writer.attribute(link.name, (value) => value.text(wanted.name));
      writer.attribute(link.mtu, (value) => value.u32(wanted.mtu));
      writer.attribute(link.linkInfo, (info) => {
        info.attribute(linkInfo.kind, (value) => value.text("xfrm"));
        info.attribute(linkInfo.data, (data) => {
          data.attribute(xfrmLink.ifId, (value) => value.u32(wanted.ifId));
          if (wanted.underlayIndex !== 0)
            data.attribute(xfrmLink.link, (value) => value.u32(wanted.underlayIndex));
        });
      });
    },
  };
}

/** Marks an interface as ours by its alias and sets it up. The kernel takes an alias only for one that exists. */
export function markAndRaiseLink(name: string): NetlinkRequest {
  return {
    type: message.newLink,
    flags: 0,
    body: (writer) => {
      writer.zeros(8).u32(linkFlag.up).u32(linkFlag.up);
      writer.attribute(link.name, (value) => value.text(name));
      writer.attribute(link.alias, (value) => value.text(interfaceAlias(name)));
    },
  };
}

/** Sets an interface up, as it is or with another MTU. */
export function raiseLink(name: string, mtu: number | undefined): NetlinkRequest {
  return {
    type: message.newLink,
    flags: 0,
    body: (writer) => {
      writer.zeros(8).u32(linkFlag.up).u32(linkFlag.up);
      writer.attribute(link.name, (value) => value.text(name));
      if (mtu !== undefined) writer.attribute(link.mtu, (value) => value.u32(mtu));
    },
  };
}

/** Deletes an interface by name, and with it its addresses and routes. */
export function deleteLink(name: string): NetlinkRequest {
  return {
    type: message.deleteLink,
    flags: 0,
    body: (writer) => {
      writer.zeros(size.link).attribute(link.name, (value) => value.text(name));
    },
  };
}

/** Asks for all interfaces. */
export function dumpLinks(): NetlinkRequest {
  return { type: message.getLink, flags: flag.dump, body: (writer) => writer.zeros(size.link) };
}

/** Asks for one interface by name; ENODEV when there is none. */
export function getLink(name: string): NetlinkRequest {
  return {
    type: message.getLink,
    flags: 0,
    body: (writer) => {
      writer.zeros(size.link).attribute(link.name, (value) => value.text(name));
    },
  };
}

/** Adds an address; EEXIST when it is there. IPv6 without duplicate detection: nobody else is on a tunnel. */
export function newAddress(index: number, wanted: InterfaceAddress): NetlinkRequest {
  return addressRequest(message.newAddress, flag.create | flag.exclusive, index, wanted);
}

/** Removes an address; EADDRNOTAVAIL when there is none. */
export function deleteAddress(index: number, wanted: InterfaceAddress): NetlinkRequest {
  return addressRequest(message.deleteAddress, 0, index, wanted);
}

/** Asks for the addresses of all interfaces, both families. */
export function dumpAddresses(): NetlinkRequest {
  return {
    type: message.getAddress,
    flags: flag.dump,
    body: (writer) => writer.zeros(size.address),
  };
}

function addressRequest(
  type: number,
  flags: number,
  index: number,
  wanted: InterfaceAddress,
): NetlinkRequest {
  const { address: ip, length } = splitPrefix(wanted);
  const isIpv6 = ipFamily(ip) === 6;
  const write = (writer: NetlinkWriter) => writer.bytes(ipBytes(ip));
  return {
    type,
    flags,
    body: (writer) => {
      writer
        .u8(isIpv6 ? addressFamily.ipv6 : addressFamily.ipv4)
        .u8(length)
        .u8(isIpv6 ? addressFlag.noDad : 0)
        .u8(0)
        .u32(index);
      writer.attribute(address.local, write).attribute(address.address, write);
    },
  };
}

/** Reads RTM_NEWLINK or RTM_DELLINK; undefined when it has no name. */
export function decodeLink(payload: Uint8Array): LinkStatus | undefined {
  if (payload.length < size.link) return undefined;
  const view = structView(payload);
  const attributes = decodeAttributes(payload, size.link);
  const name = textAttribute(attributes, link.name);
  if (name === undefined) return undefined;
  const flags = view.getUint32(8, true);
  const alias = textAttribute(attributes, link.alias);
  const info = attributes.get(link.linkInfo);
  const kind = info && textAttribute(decodeAttributes(info), linkInfo.kind);
  const data = info && decodeAttributes(info).get(linkInfo.data);
  const xfrm = kind === "xfrm" && data ? decodeAttributes(data) : undefined;
  return {
    index: view.getInt32(4, true),
    name,
    isUp: (flags & linkFlag.up) !== 0,
    isRunning: (flags & linkFlag.up) !== 0 && (flags & linkFlag.running) !== 0,
    mtu: numberAttribute(attributes, link.mtu) ?? 0,
    ...(alias && { alias }),
    ...(kind && { kind }),
    ...(xfrm && {
      xfrm: {
        ifId: numberAttribute(xfrm, xfrmLink.ifId) ?? 0,
        underlayIndex: numberAttribute(xfrm, xfrmLink.link) ?? 0,
      },
    }),
  };
}

/** Reads RTM_NEWADDR or RTM_DELADDR; undefined for what is not an IP address. */
export function decodeAddress(payload: Uint8Array): AddressStatus | undefined {
  if (payload.length < size.address) return undefined;
  const attributes = decodeAttributes(payload, size.address);
  const bytes = attributes.get(address.local) ?? attributes.get(address.address);
  if (bytes?.length !== 4 && bytes?.length !== 16) return undefined;
  return {
    index: structView(payload).getUint32(4, true),
    address: interfaceAddress(ipFromBytes(bytes), payload[1] ?? 0),
    isKernelMade: bytes.length === 16 && payload[3] === scope.link,
  };
}

/** Gives an interface another name; the kernel refuses it (EBUSY) while the interface is up, and (EEXIST) a taken name. */
export function renameLink(index: number, name: string): NetlinkRequest {
  return changeLink(index, (writer) => writer.attribute(link.name, (value) => value.text(name)));
}

/** Sets an interface down. */
export function lowerLink(index: number): NetlinkRequest {
  return {
    type: message.newLink,
    flags: 0,
    body: (writer) => writer.zeros(4).u32(index).u32(0).u32(linkFlag.up),
  };
}

/** Makes an interface a port of a bridge; 0 takes it out. */
export function joinBridge(index: number, bridge: number): NetlinkRequest {
  return changeLink(index, (writer) => writer.attribute(link.master, (value) => value.u32(bridge)));
}

/** Creates a bridge; EEXIST when the name is taken. */
export function newBridge(name: string): NetlinkRequest {
  return {
    type: message.newLink,
    flags: flag.create | flag.exclusive,
    body: (writer) => {
      writer.zeros(size.link);
      writer.attribute(link.name, (value) => value.text(name));
      writer.attribute(link.linkInfo, (info) =>
        info.attribute(linkInfo.kind, (value) => value.text("bridge")),
      );
    },
  };
}

function changeLink(index: number, attributes: (writer: NetlinkWriter) => void): NetlinkRequest {
  return {
    type: message.newLink,
    flags: 0,
    body: (writer) => {
      writer.zeros(4).u32(index).u32(0).u32(0);
      attributes(writer);
    },
  };
}
