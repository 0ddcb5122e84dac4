/**
 * A client's share of the data plane: tunnel interface, addresses, routes, NAT, kill switch and MSS from what it wants.
 * Pure: it knows no SA and no kernel; sizes are given.
 * Source: IOS ip address negotiated, client inside; RFC 7296 §2.19.
 */
import type { Firewall, Route, TunnelInterface } from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import {
  type InterfaceAddress,
  type IpAddress,
  interfaceAddress,
  ipFamily,
  splitPrefix,
} from "#lib/ip.ts";
import type { TunnelIntent } from "./actions.ts";
import { presumedNetworks } from "./protected-networks.ts";
import { tunnelRoutes } from "./tunnel-routes.ts";

/** What fits through the tunnel, in bytes: the interface's MTU, and the TCP MSS of each family at that MTU. */
export interface TunnelSizes {
  readonly mtu: number;
  readonly mssIpv4: number;
  readonly mssIpv6: number;
}

/** One client's part of `DesiredState`. */
export interface TunnelPlan {
  readonly tunnel: TunnelInterface;
  readonly routes: readonly Route[];
  readonly firewall: Firewall;
}

/**
 * Interface, kill switch and routes into the tunnel exist whether or not the client is up: what enters an interface
 * without SA is dropped. Addresses and NAT exist only while it is up.
 *
 * @param sizes computed from path and cipher; a fixed `mtu` or `tcp-mss` of the configuration wins over them.
 */
export function tunnelPlan(intent: TunnelIntent, sizes: TunnelSizes): TunnelPlan {
  return {
    tunnel: tunnelInterface(intent, sizes),
    routes: tunnelRoutes(intent),
    firewall: { nat: nat(intent), killSwitch: killSwitch(intent), mss: mss(intent, sizes) },
  };
}

/** Addresses that the hub gave, IPv4 first; empty while the client is not up. */
export function assignedAddresses(intent: TunnelIntent): readonly IpAddress[] {
  const assigned = intent.carrier?.outcome.assigned;
  const ipv6 = assigned?.ipv6 && splitPrefix(assigned.ipv6).address;
  return [assigned?.ipv4, ipv6].filter((address) => address !== undefined);
}

function tunnelInterface(intent: TunnelIntent, sizes: TunnelSizes): TunnelInterface {
  const { client, tunnel } = intent;
  return {
    name: tunnel.name,
    ifId: tunnelId(tunnel.number),
    client,
    mtu: tunnel.mtu === "auto" ? sizes.mtu : tunnel.mtu,
    addresses: addressesOf(intent),
  };
}

function addressesOf(intent: TunnelIntent): readonly InterfaceAddress[] {
  const { address } = intent.tunnel;
  if (address.kind === "fixed") return [address.address];
  return assignedAddresses(intent).map((each) =>
    interfaceAddress(each, ipFamily(each) === 4 ? 32 : 128),
  );
}

function nat(intent: TunnelIntent): Firewall["nat"] {
  const isNegotiated = intent.tunnel.address.kind === "negotiated";
  if (intent.nat === "off" || !isNegotiated || intent.inside.length === 0) return [];
  return [{ inside: intent.inside, tunnel: intent.tunnel.name }];
}

function killSwitch(intent: TunnelIntent): Firewall["killSwitch"] {
  if (!intent.killSwitch) return [];
  const { client, learnt, insideNetworks } = intent;
  const allowed = [intent.tunnel.name, ...intent.inside];
  if (learnt.length > 0) return [{ client, networks: learnt, allowed }];
  return [{ client, networks: presumedNetworks(insideNetworks), allowed, forwardedOnly: true }];
}

function mss(intent: TunnelIntent, sizes: TunnelSizes): Firewall["mss"] {
  const { name, tcpMss } = intent.tunnel;
  if (tcpMss === "off") return [];
  if (tcpMss !== "auto") return [{ tunnel: name, ipv4: tcpMss, ipv6: tcpMss }];
  return [{ tunnel: name, ipv4: sizes.mssIpv4, ipv6: sizes.mssIpv6 }];
}
