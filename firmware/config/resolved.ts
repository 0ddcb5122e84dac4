/**
 * The configuration with every default filled in and every reference followed: what the daemon and the engines work
 * with. `load.ts` and `resolve.ts` make it; nothing past them checks it again.
 */
import type { IkeConnection } from "#ike/connection.ts";
import type { Duration } from "#lib/duration.ts";
import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";
import type { ResolvedSyslog } from "./resolve-syslog.ts";
import type { ResolvedDialer } from "./resolved-dialer.ts";
import type { ResolvedMqtt } from "./resolved-mqtt.ts";
import type { ResolvedPrometheus } from "./resolved-prometheus.ts";
import type { ResolvedSla } from "./resolved-sla.ts";
import type { ResolvedSnmp } from "./resolved-snmp.ts";
import type { ResolvedSystem } from "./resolved-system.ts";
import type { ResolvedTrack } from "./resolved-track.ts";
import type { ResolvedWeb } from "./resolved-web.ts";

export interface ResolvedConfig {
  readonly hostname: string;
  readonly clients: Readonly<Record<string, ResolvedClient>>;
  readonly tunnels: Readonly<Record<string, ResolvedTunnel>>;
  readonly track: Readonly<Record<string, ResolvedTrack>>;
  readonly sla: Readonly<Record<string, ResolvedSla>>;
  readonly dialers: Readonly<Record<string, ResolvedDialer>>;
  /** Absent: nobody is told by SNMP. */
  readonly snmp?: ResolvedSnmp;
  /** How long a new configuration has to bring back what was up before; absent when it stays whatever comes of it. */
  readonly changeGuard?: { readonly within: Duration };
  readonly web: ResolvedWeb;
  /** Absent: nobody is told by MQTT. */
  readonly mqtt?: ResolvedMqtt;
  /** Absent: no log server. */
  readonly syslog?: ResolvedSyslog;
  readonly prometheus?: ResolvedPrometheus;
  /** Absent: the appliance is as it is without a configuration. */
  readonly system?: ResolvedSystem;
}

/** IOS: crypto ikev2 client flexvpn NAME */
export interface ResolvedClient {
  readonly name: string;
  /** Key of `ResolvedConfig.tunnels`. */
  readonly tunnel: string;
  /** A condition connects while it is met. */
  readonly connect: "auto" | "manual" | TrackCondition;
  /** By `seq`, lowest first; never empty. */
  readonly peers: readonly ResolvedPeer[];
  /** Go back to a better peer when it has been good for `holdDown`. */
  readonly peerReactivate: boolean;
  /** What is done with the gateways that a hub pushes. */
  readonly downloadedBackups: "after-static" | "ignore";
  /** `hot` keeps a session with the next peer ready. */
  readonly standby: "off" | "hot";
  /** By `seq`, lowest first; empty leaves the source to the routing table. */
  readonly sources: readonly ResolvedSource[];
  /** How long a better peer or source must have been good before the client goes back to it. */
  readonly holdDown: Duration;
  /** Absent when peers are only tried on command. */
  readonly rehearsal?: ResolvedRehearsal;
  /** Clients of one group never use the same peer at the same time. */
  readonly backupGroup?: string;
  /** Key of `ResolvedConfig.dialers`: brings the last source up while no better one will do. */
  readonly dialer?: string;
  readonly inside: readonly string[];
  readonly nat: "negotiated" | "off";
  readonly routes: { readonly accept: boolean; readonly distance: number };
  readonly killSwitch: boolean;
  readonly backoff: { readonly initial: Duration; readonly max: Duration };
  /** Everything of `ikev2` and `ipsec` that this client uses. */
  readonly connection: IkeConnection;
}

/** What a track object must be for something to be used. IOS: track OBJ [up|down] */
export interface TrackCondition {
  readonly object: string;
  readonly state: "up" | "down";
}

/** IOS: source SEQ INTERFACE track OBJ */
export interface ResolvedSource {
  readonly seq: number;
  readonly interface: string;
  readonly track?: TrackCondition;
}

/** When every peer is tried over every source. */
export interface ResolvedRehearsal {
  readonly every: Duration;
  /** Time of day on the machine's own clock, in minutes after midnight; it may reach over midnight. */
  readonly window?: { readonly from: number; readonly to: number };
}

export interface ResolvedPeer {
  readonly seq: number;
  readonly track?: TrackCondition;
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
