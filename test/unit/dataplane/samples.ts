import type { ActualState } from "#dataplane/change.ts";
import {
  type DesiredState,
  emptyFirewall,
  type Route,
  type SecurityAssociation,
  type TunnelInterface,
} from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import { policiesFor } from "#dataplane/policy.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";

export const ifId = tunnelId(1);
export const hub = "203.0.113.2" as IpAddress;
export const branch = "198.51.100.2" as IpAddress;
const key = new SecretBytes(new Uint8Array(36));

/** An SA of client hq between branch and hub, selectors 10.250.1.7 to 10.1.0.0/16. */
export function sampleSa(
  direction: "in" | "out",
  spi: number,
  changes: Partial<SecurityAssociation> = {},
): SecurityAssociation {
  const [from, to] = direction === "in" ? [hub, branch] : [branch, hub];
  return {
    spi,
    direction,
    source: { address: from, port: 4_500 },
    destination: { address: to, port: 4_500 },
    udpEncapsulation: true,
    mode: "tunnel",
    encryption: { id: 20, key },
    esn: false,
    replayWindow: 64,
    lifetime: {},
    offload: "none",
    client: "hq",
    selectors: { local: ["10.250.1.7/32" as Prefix], remote: ["10.1.0.0/16" as Prefix] },
    ...changes,
  };
}

export function sampleTunnel(changes: Partial<TunnelInterface> = {}): TunnelInterface {
  return {
    name: "Tunnel0",
    ifId,
    client: "hq",
    mtu: 1_400,
    addresses: ["10.250.1.7/32" as InterfaceAddress],
    ...changes,
  };
}

export function sampleRoute(changes: Partial<Route> = {}): Route {
  return {
    destination: "10.1.0.0/16" as Prefix,
    device: "Tunnel0",
    metric: 2,
    table: 254,
    kind: "unicast",
    ...changes,
  };
}

export const empty: DesiredState & ActualState = {
  tunnels: [],
  securityAssociations: [],
  policies: [],
  routes: [],
  firewall: emptyFirewall,
};

/** A tunnel up with these SAs, its policies and one route. */
export function up(...securityAssociations: SecurityAssociation[]): DesiredState & ActualState {
  return {
    ...empty,
    tunnels: [sampleTunnel()],
    securityAssociations,
    policies: policiesFor(securityAssociations, ifId),
    routes: [sampleRoute()],
  };
}
