/**
 * The difference between what is in the kernel and what should be, as changes in an order that is safe to break off
 * anywhere: what is new first, what guards before what it guards against, what is old last. Pure.
 */
import { type InterfaceAddress, splitPrefix } from "#lib/ip.ts";
import {
  type ActualState,
  afterChange,
  type Change,
  interfaceIdOf,
  routeKey,
  saKey,
} from "./change.ts";
import type {
  DesiredState,
  Route,
  SecurityAssociation,
  SecurityPolicy,
  TunnelInterface,
} from "./desired.ts";
import { sameFirewall, transitionalFirewall } from "./firewall-transition.ts";
import { policyKey } from "./policy.ts";

/** The worst metric there is: a guard never wins over a route that someone meant. */
const GUARD_METRIC = 0xffff_ffff;

/**
 * The changes that turn `actual` into `wanted`; none when they are the same. Where two routes want the same place, as when
 * two clients lead to the same network by the same metric, the first has it.
 *
 * Interfaces come first, then inbound SAs, outbound SAs and the policies that switch traffic to them; then routes and
 * firewall rules that only add protection; and only after that old routes, rules, policies, SAs, addresses and interfaces
 * go.
 */
export function reconcile(actual: ActualState, wanted: DesiredState): readonly Change[] {
  const desired = withoutRivals(wanted);
  const installs = [
    ...tunnelInstalls(actual, desired),
    ...saInstalls(actual, desired),
    ...policyInstalls(actual, desired),
    ...inOrderOfNeed(actual, desired),
  ];
  const changes: Change[] = [...installs, ...routeRemovals(actual, desired)];
  // With an address that goes the kernel forgets what it translated to it: the sooner, the sooner flows are carried again.
  changes.push(...addressRemovals(actual, desired, changes));
  const interim = changes.reduce(afterChange, actual).firewall;
  if (!interim || !sameFirewall(interim, desired.firewall))
    changes.push({ kind: "set-firewall", firewall: desired.firewall });
  changes.push(...policyRemovals(actual, desired), ...saRemovals(actual, desired));
  for (const tunnel of missing(actual.tunnels, desired.tunnels, ({ name }) => name))
    changes.push({ kind: "remove-tunnel", tunnel });
  return changes;
}

/** The kernel has one of each key: of several the first route, and the last policy, which is the newest SA's. */
function withoutRivals(desired: DesiredState): DesiredState {
  const routes = new Map([...desired.routes].reverse().map((route) => [routeKey(route), route]));
  const policies = new Map(desired.policies.map((policy) => [policyKey(policy), policy]));
  return { ...desired, routes: [...routes.values()].reverse(), policies: [...policies.values()] };
}

function tunnelInstalls(actual: ActualState, desired: DesiredState): Change[] {
  const oldOf = (tunnel: TunnelInterface) =>
    actual.tunnels.find(({ name }) => name === tunnel.name);
  const tunnels = desired.tunnels.flatMap((tunnel): Change[] => {
    const old = oldOf(tunnel);
    if (!old) return [{ kind: "add-tunnel", tunnel }];
    return sameTunnel(old, tunnel) ? [] : [{ kind: "change-tunnel", tunnel }];
  });
  const addresses = desired.tunnels.flatMap((tunnel) => {
    const old = oldOf(tunnel)?.addresses ?? [];
    return tunnel.addresses
      .filter((address) => !old.includes(address))
      .map((address): Change => ({ kind: "add-address", tunnel: tunnel.name, address }));
  });
  return [...tunnels, ...addresses];
}

/** What a packet needs to arrive comes before what makes the other side answer it. */
function saInstalls(actual: ActualState, desired: DesiredState): Change[] {
  const inFirst = (["in", "out"] as const).flatMap((direction) =>
    desired.securityAssociations.filter((sa) => sa.direction === direction),
  );
  return inFirst.flatMap((sa): Change[] => {
    const ifId = interfaceIdOf(desired.tunnels, sa);
    const old = actual.securityAssociations.find((other) => saKey(other) === saKey(sa));
    if (!old) return [{ kind: "add-sa", sa, ifId }];
    if (isElsewhere(old, sa) || interfaceIdOf(actual.tunnels, old) !== ifId)
      return [{ kind: "move-sa", from: old, sa, ifId }];
    return isUpdated(old, sa) ? [{ kind: "update-sa", sa, ifId }] : [];
  });
}

function saRemovals(actual: ActualState, desired: DesiredState): Change[] {
  const gone = missing(actual.securityAssociations, desired.securityAssociations, saKey);
  return [...gone]
    .sort((a, b) => Number(a.direction === "in") - Number(b.direction === "in"))
    .map((sa) => ({ kind: "remove-sa", sa, ifId: interfaceIdOf(actual.tunnels, sa) }));
}

function policyInstalls(actual: ActualState, desired: DesiredState): Change[] {
  const old = new Map(actual.policies.map((policy) => [policyKey(policy), policy]));
  const isNew = (policy: SecurityPolicy) => {
    const other = old.get(policyKey(policy));
    return !other || !samePolicy(other, policy);
  };
  return outLast(desired.policies)
    .filter(isNew)
    .map((policy) => ({ kind: "set-policy", policy }));
}

function policyRemovals(actual: ActualState, desired: DesiredState): Change[] {
  return outLast(missing(actual.policies, desired.policies, policyKey))
    .reverse()
    .map((policy) => ({ kind: "remove-policy", policy }));
}

/**
 * Setting the firewall takes long, a route takes no time, and a route into a tunnel lets nothing out: routes go first,
 * unless what enters the tunnel would not be translated yet, or nobody knows what the firewall is.
 */
function inOrderOfNeed(actual: ActualState, desired: DesiredState): Change[] {
  const firewall = firewallInstall(actual, desired);
  const routes = routeInstalls(actual, desired);
  const isTranslated = ({ tunnel }: DesiredState["firewall"]["nat"][number]) =>
    actual.firewall?.nat.some((rule) => rule.tunnel === tunnel) ?? false;
  const canWait = actual.firewall !== undefined && desired.firewall.nat.every(isTranslated);
  return canWait ? [...routes, ...firewall] : [...firewall, ...routes];
}

function firewallInstall(actual: ActualState, desired: DesiredState): Change[] {
  const firewall = transitionalFirewall(actual.firewall, desired.firewall);
  if (actual.firewall && sameFirewall(actual.firewall, firewall)) return [];
  return [{ kind: "set-firewall", firewall }];
}

/** Routes that refuse come before routes that lead somewhere, the way to one host before the network that it is in. */
function routeInstalls(actual: ActualState, desired: DesiredState): Change[] {
  const old = new Map(actual.routes.map((route) => [routeKey(route), route]));
  return [...desired.routes].sort(guardsFirst).flatMap((route): Change[] => {
    const other = old.get(routeKey(route));
    if (other && sameRoute(other, route)) return [];
    return [{ kind: "set-route", route, replaces: other !== undefined }];
  });
}

function routeRemovals(actual: ActualState, desired: DesiredState): Change[] {
  return [...missing(actual.routes, desired.routes, routeKey)]
    .sort((a, b) => guardsFirst(b, a))
    .map((route) => ({ kind: "remove-route", route }));
}

/**
 * Addresses that go, and the routes that the kernel removes with an interface's last IPv4 address and that are still
 * wanted: they are put back, and an unreachable route holds their place meanwhile.
 */
function addressRemovals(
  actual: ActualState,
  desired: DesiredState,
  before: readonly Change[],
): Change[] {
  const removals = actual.tunnels.flatMap((old) => {
    const kept = desired.tunnels.find(({ name }) => name === old.name);
    const gone = (address: InterfaceAddress) => kept && !kept.addresses.includes(address);
    return old.addresses
      .filter(gone)
      .map((address): Change => ({ kind: "remove-address", tunnel: old.name, address }));
  });
  const settled = [...before, ...removals].reduce(afterChange, actual);
  const lost = missing(desired.routes, settled.routes, routeKey);
  const guards = lost
    .map(guardOf)
    .filter((guard) => !lost.some((r) => routeKey(r) === routeKey(guard)));
  const known = new Set([...actual.routes, ...desired.routes].map(routeKey));
  const added = guards.filter(
    (guard, index) =>
      !known.has(routeKey(guard)) &&
      guards.findIndex((other) => routeKey(other) === routeKey(guard)) === index,
  );
  return [
    ...added.map((route): Change => ({ kind: "set-route", route, replaces: false })),
    ...removals,
    ...lost.map((route): Change => ({ kind: "set-route", route, replaces: false })),
    ...added.map((route): Change => ({ kind: "remove-route", route })),
  ];
}

function guardsFirst(a: Route, b: Route): number {
  const byKind = Number(a.kind === "unicast") - Number(b.kind === "unicast");
  return byKind || splitPrefix(b.destination).length - splitPrefix(a.destination).length;
}

function guardOf(route: Route): Route {
  const { destination, table } = route;
  return { destination, table, metric: GUARD_METRIC, kind: "unreachable" };
}

function sameTunnel(a: TunnelInterface, b: TunnelInterface): boolean {
  return a.mtu === b.mtu && a.underlay === b.underlay && a.ifId === b.ifId;
}

/** Addresses and encapsulation can't be changed in place. */
function isElsewhere(a: SecurityAssociation, b: SecurityAssociation): boolean {
  return (
    a.source.address !== b.source.address ||
    a.destination.address !== b.destination.address ||
    a.udpEncapsulation !== b.udpEncapsulation
  );
}

function isUpdated(a: SecurityAssociation, b: SecurityAssociation): boolean {
  const hasPorts = b.udpEncapsulation;
  return (
    (hasPorts && (a.source.port !== b.source.port || a.destination.port !== b.destination.port)) ||
    a.lifetime.softSeconds !== b.lifetime.softSeconds ||
    a.lifetime.hardSeconds !== b.lifetime.hardSeconds ||
    a.lifetime.softBytes !== b.lifetime.softBytes ||
    a.lifetime.hardBytes !== b.lifetime.hardBytes
  );
}

function samePolicy(a: SecurityPolicy, b: SecurityPolicy): boolean {
  return (
    a.priority === b.priority &&
    a.template.source === b.template.source &&
    a.template.destination === b.template.destination &&
    a.template.mode === b.template.mode &&
    a.template.requestId === b.template.requestId &&
    a.template.spi === b.template.spi
  );
}

function sameRoute(a: Route, b: Route): boolean {
  return (
    a.kind === b.kind && a.device === b.device && a.gateway === b.gateway && a.source === b.source
  );
}

function outLast(policies: readonly SecurityPolicy[]): SecurityPolicy[] {
  const isOut = (policy: SecurityPolicy) => Number(policy.direction === "out");
  return [...policies].sort((a, b) => isOut(a) - isOut(b));
}

/** Items of `from` whose key is not in `others`. */
function missing<Item>(
  from: readonly Item[],
  others: readonly Item[],
  key: (item: Item) => string,
): readonly Item[] {
  const keys = new Set(others.map(key));
  return from.filter((item) => !keys.has(key(item)));
}
