/**
 * Which routes a client wants: the networks behind the hub into the tunnel, and the hub itself never. Pure.
 * Source: reference behaviour of IOS `route accept`; no recursive routing is ours.
 */
import type { Route } from "#dataplane/desired.ts";
import type { SessionOutcome } from "#ike/actions.ts";
import {
  type IpAddress,
  ipFamily,
  type Prefix,
  prefixContains,
  prefixOf,
  splitPrefix,
} from "#lib/ip.ts";
import { halves } from "#lib/prefix-set.ts";
import type { TunnelIntent } from "./actions.ts";
import type { Underlay } from "./inputs.ts";
import { networksOf } from "./protected-networks.ts";

/**
 * All routes of one client: none into the tunnel when it does not take routes from the hub, and the one to the hub itself
 * where the routing table would not send ESP by the chosen source, or into the tunnel.
 */
export function tunnelRoutes(intent: TunnelIntent): readonly Route[] {
  const { carrier, routes } = intent;
  if (!carrier) return routes.accept ? routesWhileDown(intent) : [];
  const inner = routes.accept ? routesWhileUp(intent, carrier) : [];
  const { underlay, outcome } = carrier;
  if (underlay === undefined) return inner;
  const outside = hubsOutside(intent, outcome, inner);
  return [...outside.map((hub) => hostRoute(intent, hub, underlay)), ...inner];
}

/**
 * The hub in use where a source is chosen, and every hub that a route into the tunnel would hide: a standby must not be
 * reached through the tunnel it stands by for.
 */
function hubsOutside(
  { hubs, source }: TunnelIntent,
  { path }: SessionOutcome,
  inner: readonly Route[],
): readonly IpAddress[] {
  const own = path.remote.address;
  const others = hubs.filter((hub) => hub !== own && ipFamily(hub) === ipFamily(own));
  const isHidden = (hub: IpAddress) =>
    inner.some(({ destination }) => prefixContains(destination, hub));
  return [own, ...others].filter((hub) => isHidden(hub) || (hub === own && source !== undefined));
}

/** Networks of the outcome that can't be routed into the tunnel, because the hub is in them and the way to it unknown. */
export function routesLeftOut(
  outcome: SessionOutcome,
  underlay: Underlay | undefined,
): readonly Prefix[] {
  return underlay ? [] : networksOf(outcome).filter((network) => holdsHub(network, outcome));
}

function routesWhileUp(
  intent: TunnelIntent,
  carrier: NonNullable<TunnelIntent["carrier"]>,
): readonly Route[] {
  const { outcome, underlay } = carrier;
  const leftOut = new Set(routesLeftOut(outcome, underlay));
  const networks = networksOf(outcome).filter((network) => !leftOut.has(network));
  return networks
    .flatMap(beforeDefaults)
    .map((network) => intoTunnel(intent, network, assignedAddress(outcome, network)));
}

/**
 * While the tunnel is down its networks are unreachable, which hosts of the LAN are told at once, and no flow begins that
 * would hold on to a translation made without the assigned address; but neither a default route, which the resolver of
 * this branch needs outside, nor anything that holds a hub.
 */
function routesWhileDown(intent: TunnelIntent): readonly Route[] {
  if (!intent.killSwitch) return [];
  return intent.learnt
    .filter((network) => splitPrefix(network).length > 0)
    .filter((network) => !intent.hubs.some((hub) => prefixContains(network, hub)))
    .map((destination) => ({
      destination,
      metric: intent.routes.distance,
      table: MAIN_TABLE,
      kind: "unreachable",
    }));
}

/** A default route as its two halves: they win over the default route of the WAN whatever its metric, and leave it be. */
function beforeDefaults(network: Prefix): readonly Prefix[] {
  return splitPrefix(network).length === 0 ? (halves(network) ?? []) : [network];
}

function intoTunnel(
  intent: TunnelIntent,
  destination: Prefix,
  source: IpAddress | undefined,
): Route {
  return {
    destination,
    device: intent.tunnel.name,
    ...(source === undefined ? {} : { source }),
    metric: intent.routes.distance,
    table: MAIN_TABLE,
    kind: "unicast",
  };
}

function hostRoute(intent: TunnelIntent, hub: IpAddress, underlay: Underlay): Route {
  return {
    destination: prefixOf(hub, ipFamily(hub) === 4 ? 32 : 128),
    device: underlay.device,
    ...(underlay.gateway === undefined ? {} : { gateway: underlay.gateway }),
    metric: intent.routes.distance,
    table: MAIN_TABLE,
    kind: "unicast",
  };
}

function holdsHub(network: Prefix, outcome: SessionOutcome): boolean {
  return prefixContains(network, outcome.path.remote.address);
}

function assignedAddress(outcome: SessionOutcome, network: Prefix): IpAddress | undefined {
  if (ipFamily(network) === 4) return outcome.assigned.ipv4;
  return outcome.assigned.ipv6 && splitPrefix(outcome.assigned.ipv6).address;
}

/** rt_tables: main */
const MAIN_TABLE = 254;
