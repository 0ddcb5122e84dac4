/**
 * The state document: what `GET /api/v1/state` shows and what every `show` command, page and telemetry reads. Keys are
 * the contract's, in kebab-case where they have two words; times are RFC 3339 UTC with milliseconds.
 */
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { DialerState } from "./dialer-state.ts";
import type { ClockState } from "./document-clock.ts";
import type { ConfigurationState } from "./document-configuration.ts";
import type { HostState } from "./document-host.ts";
import type { IkeCountersState, IkeSaFacts, InterfaceTraffic } from "./document-ike.ts";
import type { SlaState } from "./document-sla.ts";
import type { TrackObjectState } from "./document-track.ts";
import type { UpdateState } from "./document-update.ts";

export interface StateDocument {
  readonly version: string;
  readonly hostname: string;
  /** Seconds since the daemon started. */
  readonly uptime: number;
  readonly clients: Readonly<Record<string, ClientState>>;
  readonly ike: readonly IkeSaState[];
  readonly ipsec: readonly IpsecSaState[];
  readonly tunnels: Readonly<Record<string, TunnelState>>;
  readonly track: Readonly<Record<string, TrackObjectState>>;
  readonly sla: Readonly<Record<string, SlaState>>;
  readonly dialers: Readonly<Record<string, DialerState>>;
  readonly routes: readonly RouteState[];
  readonly configuration?: ConfigurationState;
  /** Of the appliance alone. */
  readonly update?: UpdateState;
  readonly system: SystemState;
}

/** What a client can be doing. */
export const clientStatuses = [
  "idle",
  "tracking",
  "dialing",
  "resolving",
  "connecting",
  "authenticating",
  "up",
  "backoff",
  "failed",
] as const;

export type ClientStatus = (typeof clientStatuses)[number];

export interface ClientState {
  readonly state: ClientStatus;
  readonly since: string;
  /** The peer in use or being tried. */
  readonly peer?: { readonly seq: number; readonly host: string; readonly address?: IpAddress };
  readonly source?: string;
  readonly tunnel: string;
  readonly assigned: { readonly ipv4?: IpAddress; readonly ipv6?: Prefix };
  /** Why it is in this state, one sentence; with what to do when it is a fault. */
  readonly reason: string;
  /** Stable code of the fault behind `reason`. */
  readonly "reason-code"?: string;
  /** Attempts since the client was last up. */
  readonly attempts: number;
  readonly "next-retry"?: string;
  /** IOS: backup group */
  readonly "backup-group"?: string;
  readonly networks: readonly Prefix[];
  readonly dns: readonly IpAddress[];
  /** The working list: configured peers, then those that a hub named. */
  readonly peers: readonly {
    readonly seq: number;
    readonly host: string;
    readonly origin: "static" | "downloaded" | "redirected";
    /** Why it may not be used now: its track object, or another client of the backup group. */
    readonly held?: string;
    readonly "last-failure"?: string;
  }[];
  /** The session that stands by, or is being made to. */
  readonly standby?: WayState & {
    readonly address?: IpAddress;
    readonly state: "ready" | "connecting";
  };
  /** Every peer over every usable source, as last tried; empty before the first time. */
  readonly rehearsal: { readonly running: boolean; readonly results: readonly RehearsedWay[] };
}

/** A peer and the source it is reached from; without one the routing table decides. */
export interface WayState {
  readonly seq: number;
  readonly host: string;
  readonly source?: string;
}

export interface RehearsedWay extends WayState {
  readonly works: boolean;
  /** Why it does not work, or why it was not tried: `in use`, `stands by`. */
  readonly reason?: string;
  readonly at: string;
  /** Up to full authentication, or to the failure. */
  readonly milliseconds: number;
}

export interface IkeSaState extends IkeSaFacts {
  readonly client: string;
  readonly session: number;
  readonly state: string;
  readonly "spi-initiator": string;
  readonly "spi-responder": string;
  readonly "is-initiator": boolean;
  readonly local: string;
  readonly remote: string;
  readonly "local-identity": string;
  readonly "remote-identity"?: string;
  readonly encryption?: string;
  readonly integrity?: string;
  readonly prf?: string;
  readonly "key-exchange"?: string;
  readonly authentication?: { readonly local: string; readonly remote: string };
  readonly nat: { readonly local: boolean; readonly remote: boolean };
  /** Seconds. */
  readonly age: number;
  readonly "rekey-in"?: number;
  readonly rekeys: number;
  readonly children: readonly {
    readonly "spi-in": string;
    readonly "spi-out": string;
    /** Absent without PFS. */
    readonly "key-exchange"?: string;
  }[];
}

export interface IpsecSaState {
  readonly client: string;
  readonly spi: string;
  readonly direction: "in" | "out";
  readonly source: string;
  readonly destination: string;
  readonly "udp-encapsulation": boolean;
  readonly mode: "tunnel" | "transport";
  readonly encryption: string;
  readonly integrity?: string;
  readonly esn: boolean;
  readonly "replay-window": number;
  readonly selectors: { readonly local: readonly Prefix[]; readonly remote: readonly Prefix[] };
  readonly bytes: number;
  readonly packets: number;
  readonly "replay-drops": number;
  readonly "integrity-failures": number;
  readonly age: number;
  /** Hard limits: seconds since `age` was 0, and bytes; absent where there is none. */
  readonly lifetime?: { readonly seconds?: number; readonly bytes?: number };
}

export interface TunnelState {
  readonly client?: string;
  readonly state: "up" | "down";
  readonly mtu: number;
  /** MTU of the interface that its packets leave by. */
  readonly "path-mtu"?: number;
  readonly addresses: readonly string[];
  /** What the interface carried since it exists; absent while there is none. */
  readonly traffic?: InterfaceTraffic;
}

export interface RouteState {
  readonly destination: Prefix;
  readonly device?: string;
  readonly gateway?: IpAddress;
  readonly metric: number;
  readonly client: string;
}

export interface SystemState {
  /** Resident memory of the daemon, bytes. */
  readonly memory: number;
  /** What the kernel lacks or refuses, each a sentence with a remedy; empty when all is well. */
  readonly faults: readonly string[];
  /** What IKE counted since the daemon started. */
  readonly ike?: IkeCountersState;
  readonly clock?: ClockState;
  /** The machine, as seen within the last two seconds. */
  readonly host?: HostState;
}

/** An event as the log keeps it and the API shows it. */
export interface StoredEvent {
  /** Rising, never reused. */
  readonly id: number;
  readonly time: string;
  /** Monotonic seconds since the daemon started. */
  readonly uptime: number;
  readonly severity: string;
  readonly mnemonic: string;
  readonly client?: string;
  readonly peer?: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}
