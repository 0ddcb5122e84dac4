/**
 * The configuration with every default filled in and every reference followed: what the daemon and the engines work
 * with. `load.ts` and `resolve.ts` make it; nothing past them checks it again.
 */
import type { IkeConnection } from "#ike/connection.ts";
import type { Duration } from "#lib/duration.ts";
import type { Endpoint, InterfaceAddress, IpAddress } from "#lib/ip.ts";

export interface ResolvedConfig {
  readonly hostname: string;
  readonly clients: Readonly<Record<string, ResolvedClient>>;
  readonly tunnels: Readonly<Record<string, ResolvedTunnel>>;
  readonly web: { readonly listen: readonly Endpoint[] };
}

/** IOS: crypto ikev2 client flexvpn NAME */
export interface ResolvedClient {
  readonly name: string;
  /** Key of `ResolvedConfig.tunnels`. */
  readonly tunnel: string;
  readonly connect: "auto" | "manual";
  /** By `seq`, lowest first; never empty. */
  readonly peers: readonly ResolvedPeer[];
  /** By `seq`, lowest first; empty leaves the source to the routing table. */
  readonly sources: readonly { readonly seq: number; readonly interface: string }[];
  readonly inside: readonly string[];
  readonly nat: "negotiated" | "off";
  readonly routes: { readonly accept: boolean; readonly distance: number };
  readonly killSwitch: boolean;
  readonly backoff: { readonly initial: Duration; readonly max: Duration };
  /** Everything of `ikev2` and `ipsec` that this client uses. */
  readonly connection: IkeConnection;
}

export interface ResolvedPeer {
  readonly seq: number;
  readonly host:
    | { readonly kind: "address"; readonly address: IpAddress }
    | {
        readonly kind: "fqdn";
        readonly name: string;
        readonly family: "ipv4" | "ipv6" | "dynamic";
      };
}

export interface ResolvedTunnel {
  readonly name: string;
  /** Stable for a name within one configuration, 1 and up; interface and request ids come from it. */
  readonly number: number;
  readonly address:
    | { readonly kind: "negotiated" }
    | { readonly kind: "fixed"; readonly address: InterfaceAddress };
  readonly mtu: number | "auto";
  readonly tcpMss: number | "auto" | "off";
}
