/**
 * What a predecessor, or this process, has in the kernel by the marks of ownership: interfaces by alias, routes by
 * protocol, SAs and policies by their ids. Reads only, but for `removeLeftSas`. Knows nothing of what should be there.
 */
import type { ActualState } from "#dataplane/change.ts";
import type { Route, TunnelInterface } from "#dataplane/desired.ts";
import { interfaceAlias, isOwnId, ROUTE_PROTOCOL } from "#dataplane/ownership.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { socketFault } from "./kernel-fault.ts";
import type { KernelSockets } from "./kernel-sockets.ts";
import type { NetlinkFault } from "./netlink/socket.ts";
import {
  decodeAddress,
  decodeLink,
  dumpAddresses,
  dumpLinks,
  type LinkStatus,
} from "./route/link-codec.ts";
import { decodeRoute, dumpRoutes, type RouteStatus } from "./route/route-codec.ts";
import { message as routeMessage } from "./route/uapi.ts";
import { decodeSa, deleteSa, dumpSas, type SaStatus } from "./xfrm/codec.ts";
import { decodePolicy, deletePolicy, dumpPolicies } from "./xfrm/policy-codec.ts";
import { message as xfrmMessage } from "./xfrm/uapi.ts";

/** Interfaces and routes of ours, and the index of each interface of the machine by its name. */
export interface Leftovers {
  readonly tunnels: ActualState["tunnels"];
  readonly routes: ActualState["routes"];
  readonly links: readonly LinkStatus[];
}

/** Reads our interfaces, their addresses and our routes. */
export async function readLeftovers(
  sockets: KernelSockets,
): Promise<Result<Leftovers, DataPlaneFault>> {
  const [links, addresses, ipv4, ipv6] = await Promise.all([
    sockets.route.dump(dumpLinks(), ({ type, payload }) =>
      type === routeMessage.newLink ? decodeLink(payload) : undefined,
    ),
    sockets.route.dump(dumpAddresses(), ({ type, payload }) =>
      type === routeMessage.newAddress ? decodeAddress(payload) : undefined,
    ),
    sockets.route.dump(dumpRoutes(4), ({ payload }) => ownRoute(payload)),
    sockets.route.dump(dumpRoutes(6), ({ payload }) => ownRoute(payload)),
  ]);
  if (!links.ok) return failed(readFault("the interfaces", links.error));
  if (!addresses.ok) return failed(readFault("the addresses", addresses.error));
  if (!ipv4.ok) return failed(readFault("the IPv4 routes", ipv4.error));
  if (!ipv6.ok) return failed(readFault("the IPv6 routes", ipv6.error));
  const nameOf = (index: number) => links.value.find((link) => link.index === index)?.name;
  const tunnels = links.value.filter(isOwnTunnel).map((link): TunnelInterface => {
    const underlay = nameOf(link.xfrm?.underlayIndex ?? 0);
    return {
      name: link.name,
      ifId: link.xfrm?.ifId ?? 0,
      // One that is down, or not marked yet, has no MTU that is right: it will be changed.
      mtu: link.isUp && link.alias === interfaceAlias(link.name) ? link.mtu : 0,
      ...(underlay !== undefined && { underlay }),
      addresses: addresses.value
        .filter(({ index, isKernelMade }) => index === link.index && !isKernelMade)
        .map(({ address }) => address),
    };
  });
  const routes = [...ipv4.value, ...ipv6.value].map(({ route, deviceIndex }): Route => {
    const device = deviceIndex === undefined ? undefined : nameOf(deviceIndex);
    return { ...route, ...(device !== undefined && { device }) };
  });
  return ok({ tunnels, routes, links: links.value });
}

/**
 * Removes all policies and SAs with ids of ours. Interfaces and their routes stay: what is sent to an xfrm interface
 * without a policy the kernel drops, so nothing leaves in clear.
 */
export async function removeLeftSas(sockets: KernelSockets): Promise<readonly DataPlaneFault[]> {
  const [policies, sas] = await Promise.all([
    sockets.xfrm.dump(dumpPolicies(), ({ type, payload }) =>
      type === xfrmMessage.newPolicy ? decodePolicy(payload) : undefined,
    ),
    sockets.xfrm.dump(dumpSas(), ({ type, payload }) =>
      type === xfrmMessage.newSa ? decodeSa(payload) : undefined,
    ),
  ]);
  if (!policies.ok) return [readFault("the policies", policies.error)];
  if (!sas.ok) return [readFault("the security associations", sas.error)];
  const requests = [
    ...policies.value.filter(({ ifId }) => isOwnId(ifId)).map(deletePolicy),
    ...sas.value.filter(isOwnSa).map(deleteSa),
  ];
  const answers = await sockets.xfrm.request(requests);
  return answers
    .filter((answer) => !answer.ok)
    .map(({ error }) => error)
    .filter(({ errno }) => !isAlreadyGone(errno))
    .map((error) => socketFault("remove what an earlier run left in the kernel", error));
}

/** True for an SA, or the place kept for one, that carries an id of ours. */
export function isOwnSa(sa: SaStatus): boolean {
  return isOwnId(sa.requestId) || isOwnId(sa.ifId);
}

/** True for errors that say that what should be removed is not there. */
export function isAlreadyGone(errno: string): boolean {
  return ["ESRCH", "ENOENT", "ENODEV", "EADDRNOTAVAIL"].includes(errno);
}

/** By its alias, or, if the process died before it gave one, by its id. */
function isOwnTunnel(link: LinkStatus): boolean {
  const isMarked = link.alias === interfaceAlias(link.name);
  return link.kind === "xfrm" && (isMarked || isOwnId(link.xfrm?.ifId ?? 0));
}

function ownRoute(payload: Uint8Array): RouteStatus | undefined {
  const status = decodeRoute(payload);
  return status?.protocol === ROUTE_PROTOCOL ? status : undefined;
}

function readFault(what: string, fault: NetlinkFault): DataPlaneFault {
  return socketFault(`read ${what} from the kernel`, fault);
}
