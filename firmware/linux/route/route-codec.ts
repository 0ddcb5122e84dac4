/** Routes as rtnetlink messages. Pure bytes. Source: linux/rtnetlink.h: struct rtmsg, `rtnetlink(7)`. */
import type { Route } from "#dataplane/desired.ts";
import { ROUTE_PROTOCOL } from "#dataplane/ownership.ts";
import { type IpAddress, ipBytes, ipFamily, ipFromBytes, prefixOf, splitPrefix } from "#lib/ip.ts";
import {
  type Attributes,
  decodeAttributes,
  flag,
  type NetlinkRequest,
  numberAttribute,
  structView,
} from "../netlink/codec.ts";
import { addressFamily, route as attribute, message, routeKind, scope, size } from "./uapi.ts";

/** A route as the kernel shows it: `device` is an interface's index here. */
export interface RouteStatus {
  readonly route: Omit<Route, "device">;
  readonly deviceIndex?: number;
  readonly protocol: number;
}

/** Adds a route; EEXIST when another with the same destination, metric and table is there, whosever it is. */
export function newRoute(route: Route, deviceIndex: number | undefined): NetlinkRequest {
  return routeRequest(message.newRoute, flag.create | flag.exclusive, route, deviceIndex);
}

/** Replaces, in one step, the route with the same destination, metric and table; adds it when there is none. */
export function replaceRoute(route: Route, deviceIndex: number | undefined): NetlinkRequest {
  return routeRequest(message.newRoute, flag.create | flag.replace, route, deviceIndex);
}

/** Removes a route of ours; ESRCH when there is none. */
export function deleteRoute(route: Route, deviceIndex: number | undefined): NetlinkRequest {
  return routeRequest(message.deleteRoute, 0, route, deviceIndex);
}

/** Asks for the routes of all tables of one family. */
export function dumpRoutes(family: 4 | 6): NetlinkRequest {
  return {
    type: message.getRoute,
    flags: flag.dump,
    body: (writer) => writer.u8(family === 4 ? addressFamily.ipv4 : addressFamily.ipv6).zeros(11),
  };
}

/**
 * Asks by which route packets to an address leave.
 * @param deviceIndex interface to leave by, whatever the routing table prefers.
 */
export function lookUpRoute(destination: IpAddress, deviceIndex?: number): NetlinkRequest {
  const bytes = ipBytes(destination);
  return {
    type: message.getRoute,
    flags: 0,
    body: (writer) => {
      writer.u8(bytes.length === 4 ? addressFamily.ipv4 : addressFamily.ipv6);
      writer.u8(bytes.length * 8).zeros(10);
      writer.attribute(attribute.destination, (value) => value.bytes(bytes));
      if (deviceIndex !== undefined)
        writer.attribute(attribute.device, (value) => value.u32(deviceIndex));
    },
  };
}

function routeRequest(
  type: number,
  flags: number,
  route: Route,
  deviceIndex: number | undefined,
): NetlinkRequest {
  const { address, length } = splitPrefix(route.destination);
  const { gateway, source } = route;
  const isLinkScope = ipFamily(address) === 4 && route.kind === "unicast" && !gateway;
  return {
    type,
    flags,
    body: (writer) => {
      writer.u8(ipFamily(address) === 4 ? addressFamily.ipv4 : addressFamily.ipv6);
      writer.u8(length).u8(0).u8(0);
      writer.u8(route.table < 256 ? route.table : 0).u8(ROUTE_PROTOCOL);
      writer
        .u8(isLinkScope ? scope.link : scope.universe)
        .u8(routeKind[route.kind])
        .u32(0);
      writer.attribute(attribute.destination, (value) => value.bytes(ipBytes(address)));
      if (route.table > 255) writer.attribute(attribute.table, (value) => value.u32(route.table));
      writer.attribute(attribute.priority, (value) => value.u32(route.metric));
      if (gateway) writer.attribute(attribute.gateway, (value) => value.bytes(ipBytes(gateway)));
      if (source)
        writer.attribute(attribute.preferredSource, (value) => value.bytes(ipBytes(source)));
      if (deviceIndex !== undefined)
        writer.attribute(attribute.device, (value) => value.u32(deviceIndex));
    },
  };
}

/** Reads RTM_NEWROUTE; undefined for other families and for kinds that are never ours, such as local and broadcast. */
export function decodeRoute(payload: Uint8Array): RouteStatus | undefined {
  if (payload.length < size.route) return undefined;
  const family = payload[0];
  const kind = kindName(payload[7] ?? 0);
  if ((family !== addressFamily.ipv4 && family !== addressFamily.ipv6) || !kind) return undefined;
  const attributes = decodeAttributes(payload, size.route);
  const network = ipOf(attributes, attribute.destination);
  const anywhere = ipFromBytes(new Uint8Array(family === addressFamily.ipv4 ? 4 : 16));
  const gateway = ipOf(attributes, attribute.gateway);
  const source = ipOf(attributes, attribute.preferredSource);
  const deviceIndex = numberAttribute(attributes, attribute.device);
  return {
    route: {
      destination: prefixOf(network ?? anywhere, structView(payload).getUint8(1)),
      metric: numberAttribute(attributes, attribute.priority) ?? 0,
      table: numberAttribute(attributes, attribute.table) ?? payload[4] ?? 0,
      kind,
      ...(gateway && { gateway }),
      ...(source && { source }),
    },
    ...(deviceIndex !== undefined && kind === "unicast" && { deviceIndex }),
    protocol: payload[5] ?? 0,
  };
}

function ipOf(attributes: Attributes, type: number): IpAddress | undefined {
  const bytes = attributes.get(type);
  return bytes?.length === 4 || bytes?.length === 16 ? ipFromBytes(bytes) : undefined;
}

function kindName(value: number): Route["kind"] | undefined {
  if (value === routeKind.unicast) return "unicast";
  if (value === routeKind.blackhole) return "blackhole";
  return value === routeKind.unreachable ? "unreachable" : undefined;
}
