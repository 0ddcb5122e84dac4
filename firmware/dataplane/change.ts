/** Steps from one state of the kernel to another, and what each does to it. */
import { type InterfaceAddress, ipFamily } from "#lib/ip.ts";
import type {
  DesiredState,
  Firewall,
  Route,
  SecurityAssociation,
  SecurityPolicy,
  TunnelInterface,
} from "./desired.ts";
import { policyKey } from "./policy.ts";

/** What is in the kernel, in the words of what should be. `firewall` is undefined while nobody has read or set it. */
export interface ActualState extends Omit<DesiredState, "firewall"> {
  readonly firewall: Firewall | undefined;
}

export type Change =
  | { readonly kind: "add-tunnel"; readonly tunnel: TunnelInterface }
  /** MTU or interface id of one that exists; never its addresses, and its underlay is refused. */
  | { readonly kind: "change-tunnel"; readonly tunnel: TunnelInterface }
  /** Takes its addresses and routes with it. */
  | { readonly kind: "remove-tunnel"; readonly tunnel: TunnelInterface }
  | AddressChange<"add-address">
  /** With the last IPv4 address of an interface the kernel removes its IPv4 routes too. */
  | AddressChange<"remove-address">
  | SaChange<"add-sa">
  /** UDP ports and lifetimes. */
  | SaChange<"update-sa">
  /** Outer addresses or interface; keys and counters of sequence numbers stay. `from` is how the kernel has it. */
  | (SaChange<"move-sa"> & { readonly from: SecurityAssociation })
  | SaChange<"remove-sa">
  /** Adds or replaces. */
  | { readonly kind: "set-policy"; readonly policy: SecurityPolicy }
  | { readonly kind: "remove-policy"; readonly policy: SecurityPolicy }
  /** `replaces`: one of ours with the same destination, metric and table is there. */
  | { readonly kind: "set-route"; readonly route: Route; readonly replaces: boolean }
  | { readonly kind: "remove-route"; readonly route: Route }
  | { readonly kind: "set-firewall"; readonly firewall: Firewall };

interface AddressChange<Kind extends string> {
  readonly kind: Kind;
  readonly tunnel: string;
  readonly address: InterfaceAddress;
}

interface SaChange<Kind extends string> {
  readonly kind: Kind;
  readonly sa: SecurityAssociation;
  /** Undefined when no tunnel says that it serves the SA's client. */
  readonly ifId: number | undefined;
}

/** An empty kernel of which nobody knows the firewall. */
export const nothing: ActualState = {
  tunnels: [],
  securityAssociations: [],
  policies: [],
  routes: [],
  firewall: undefined,
};

/** The interface id of an SA's client. */
export function interfaceIdOf(
  tunnels: readonly TunnelInterface[],
  sa: SecurityAssociation,
): number | undefined {
  const own = tunnels.find((tunnel) => tunnel.client === sa.client);
  return (own ?? (tunnels.length === 1 ? tunnels[0] : undefined))?.ifId;
}

/** Two of equal key are the same SA, wherever it is. */
export function saKey(sa: SecurityAssociation): string {
  return `${sa.direction} ${sa.client} ${sa.spi}`;
}

/** What the kernel takes for the same route. */
export function routeKey(route: Route): string {
  return `${route.destination} ${route.metric} ${route.table}`;
}

/** The state after a change that succeeded, the kernel's own side effects included. */
export function afterChange(state: ActualState, change: Change): ActualState {
  switch (change.kind) {
    case "add-tunnel":
      return { ...state, tunnels: [...state.tunnels, { ...change.tunnel, addresses: [] }] };
    case "change-tunnel":
      return mapTunnel(state, change.tunnel.name, ({ addresses }) => ({
        ...change.tunnel,
        addresses,
      }));
    case "remove-tunnel":
      return {
        ...state,
        tunnels: state.tunnels.filter(({ name }) => name !== change.tunnel.name),
        routes: state.routes.filter(({ device }) => device !== change.tunnel.name),
      };
    case "add-address":
      return mapTunnel(state, change.tunnel, (tunnel) => ({
        ...tunnel,
        addresses: [...tunnel.addresses, change.address],
      }));
    case "remove-address":
      return afterAddressRemoval(state, change.tunnel, change.address);
    case "add-sa":
    case "update-sa":
    case "move-sa":
    case "remove-sa":
      return { ...state, securityAssociations: afterSaChange(state, change) };
    case "set-policy":
    case "remove-policy": {
      const others = without(state.policies, change.policy, policyKey);
      const added = change.kind === "set-policy" ? [change.policy] : [];
      return { ...state, policies: [...others, ...added] };
    }
    case "set-route":
      return {
        ...state,
        routes: [...without(state.routes, change.route, routeKey), change.route],
      };
    case "remove-route":
      return { ...state, routes: without(state.routes, change.route, routeKey) };
    case "set-firewall":
      return { ...state, firewall: change.firewall };
  }
}

function afterSaChange(
  state: ActualState,
  change: SaChange<"add-sa" | "update-sa" | "move-sa" | "remove-sa">,
): readonly SecurityAssociation[] {
  const { sa } = change;
  if (change.kind === "add-sa") return [...state.securityAssociations, sa];
  if (change.kind === "remove-sa") return without(state.securityAssociations, sa, saKey);
  return state.securityAssociations.map((other) => (saKey(other) === saKey(sa) ? sa : other));
}

function afterAddressRemoval(
  state: ActualState,
  name: string,
  address: InterfaceAddress,
): ActualState {
  const after = mapTunnel(state, name, (tunnel) => ({
    ...tunnel,
    addresses: tunnel.addresses.filter((other) => other !== address),
  }));
  const left = after.tunnels.find((tunnel) => tunnel.name === name)?.addresses ?? [];
  if (ipFamily(address) === 6 || left.some((other) => ipFamily(other) === 4)) return after;
  const survives = (route: Route) => route.device !== name || ipFamily(route.destination) === 6;
  return { ...after, routes: after.routes.filter(survives) };
}

function mapTunnel(
  state: ActualState,
  name: string,
  map: (tunnel: TunnelInterface) => TunnelInterface,
): ActualState {
  const tunnels = state.tunnels.map((tunnel) => (tunnel.name === name ? map(tunnel) : tunnel));
  return { ...state, tunnels };
}

function without<Item>(
  items: readonly Item[],
  item: Item,
  key: (item: Item) => string,
): readonly Item[] {
  return items.filter((other) => key(other) !== key(item));
}
