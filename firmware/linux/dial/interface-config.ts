/**
 * Puts addresses and a default route on the interface of a line whose dialling program does not do it itself, and takes
 * them away again. The route has a metric of its own and our protocol number, so that it stands beside every other one.
 * Source: rtnetlink(7)
 */
import type { Route } from "#dataplane/desired.ts";
import {
  type InterfaceAddress,
  type IpAddress,
  type IpFamily,
  interfaceAddress,
  ipFamily,
} from "#lib/ip.ts";
import { interfaceIndex } from "../libc/libc.ts";
import type { NetlinkRequest } from "../netlink/codec.ts";
import { family, NetlinkSocket } from "../netlink/socket.ts";
import { deleteAddress, newAddress, raiseLink } from "../route/link-codec.ts";
import { deleteRoute, replaceRoute } from "../route/route-codec.ts";
import { defaultRoute, makeSo } from "../route/uplink.ts";

/** What an interface gets. */
export interface InterfacePlan {
  readonly interface: string;
  readonly mtu?: number;
  readonly addresses: readonly {
    readonly address: IpAddress;
    readonly prefixLength: number;
    readonly gateway?: IpAddress;
  }[];
  /** Of the default routes. */
  readonly metric: number;
}

/** Makes it so. @returns what went wrong, in words; undefined when nothing did. */
export async function configureInterface(plan: InterfacePlan): Promise<string | undefined> {
  const index = interfaceIndex(plan.interface);
  if (index === undefined) return `there is no interface ${plan.interface}`;
  return await perform([
    raiseLink(plan.interface, plan.mtu),
    ...addressesOf(plan).map((address) => newAddress(index, address)),
    ...routesOf(plan).map((route) => replaceRoute(route, index)),
  ]);
}

/** Adds a default route by an interface that has one peer only, for the families named. @returns as `configureInterface`. */
export async function addDefaultRoutes(
  device: string,
  families: readonly IpFamily[],
  metric: number,
): Promise<string | undefined> {
  const index = interfaceIndex(device);
  if (index === undefined) return `there is no interface ${device}`;
  return await perform(
    families.map((each) => replaceRoute(defaultRoute(device, each, undefined, metric), index)),
  );
}

/** Takes away what `configureInterface` gave; what is gone already is no fault. */
export async function clearInterface(plan: InterfacePlan): Promise<void> {
  const index = interfaceIndex(plan.interface);
  if (index === undefined) return;
  await perform([
    ...routesOf(plan).map((route) => deleteRoute(route, index)),
    ...addressesOf(plan).map((address) => deleteAddress(index, address)),
  ]);
}

function addressesOf({ addresses }: InterfacePlan): readonly InterfaceAddress[] {
  return addresses.map(({ address, prefixLength }) => interfaceAddress(address, prefixLength));
}

function routesOf(plan: InterfacePlan): readonly Route[] {
  return plan.addresses.map(({ address, gateway }) =>
    defaultRoute(plan.interface, ipFamily(address), gateway, plan.metric),
  );
}

async function perform(requests: readonly NetlinkRequest[]): Promise<string | undefined> {
  const opened = NetlinkSocket.open(family.route);
  if (!opened.ok) return `no netlink socket: ${opened.error.errno}`;
  try {
    return await makeSo(opened.value, requests);
  } finally {
    opened.value.close();
  }
}
