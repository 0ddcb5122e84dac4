/**
 * What a diagnosis goes by: the state document, the events, and what was found out for it about the machine, the way to
 * each hub and the certificates. Plain data of one instant, without secrets; it knows nothing of how it was gathered.
 */
import type { WallClock } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { StateDocument, StoredEvent } from "../document.ts";

export interface CaseEvidence {
  /** Key of `document.clients`. */
  readonly client: string;
  readonly now: WallClock;
  readonly document: StateDocument;
  /** Of every client, dialer and the machine, oldest first. */
  readonly events: readonly StoredEvent[];
  readonly configuration: ClientFacts;
  readonly machine: MachineFacts;
  /** The ways that were looked at: peers in use, being tried or failing, over their sources. */
  readonly ways: readonly WayFacts[];
  readonly certificates: readonly CertificateFacts[];
  readonly traffic: readonly TrafficFacts[];
}

/** What the configuration wants of the client, with its defaults; names are those of the file. */
export interface ClientFacts {
  readonly connect: "auto" | "manual" | TrackWish;
  readonly peers: readonly PeerFacts[];
  readonly sources: readonly { readonly interface: string; readonly track?: TrackWish }[];
  readonly dialer?: string;
  readonly inside: readonly string[];
  readonly nat: "negotiated" | "off";
  readonly standby: "off" | "hot";
  readonly killSwitch: boolean;
  readonly routesAccepted: boolean;
  readonly local: { readonly identity: string; readonly authentication: "psk" | "certificate" };
  readonly remote: {
    readonly identities: readonly string[];
    readonly authentication: "psk" | "certificate";
  };
  /** One line a proposal: `encryption aes-gcm-256, prf sha384, key-exchange x25519`. */
  readonly ikeProposals: readonly string[];
  readonly espProposals: readonly string[];
  readonly selectors: { readonly local: readonly Prefix[]; readonly remote: readonly Prefix[] };
  readonly requestsAddress: boolean;
  readonly dpd: "periodic" | "on-demand" | "off";
  /** Seconds; 0 is off. */
  readonly natKeepalive: number;
  /** Largest IP datagram for IKE fragments, bytes; absent when fragmentation is off. */
  readonly fragmentMtu?: number;
  /** Packets. */
  readonly replayWindow: number;
  readonly tunnelMtu: number | "auto";
}

export interface TrackWish {
  readonly object: string;
  readonly state: "up" | "down";
}

export interface PeerFacts {
  readonly seq: number;
  /** Address or name. */
  readonly host: string;
  /** Absent for an address. */
  readonly family?: "ipv4" | "ipv6" | "dynamic";
  readonly track?: TrackWish;
}

export interface MachineFacts {
  readonly clock: ClockFacts;
  readonly interfaces: readonly InterfaceFacts[];
  /** Of /etc/resolv.conf. */
  readonly nameServers: readonly string[];
  /** What the kernel lacks or refuses, as told at start. */
  readonly faults: readonly MachineFault[];
  /** Settings of the kernel that stand in the way. */
  readonly settings: readonly MachineFault[];
  /** Chains of other tables that drop what nothing in them lets through: `inet filter forward`. */
  readonly droppingForwardChains: readonly string[];
}

export interface ClockFacts {
  /** The machine can't have been started before: it is when this program was made. */
  readonly earliest: WallClock;
  /** What the kernel says of its synchronisation; undefined when it does not tell. adjtimex(2) */
  readonly isSynchronised?: boolean;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly isUp: boolean;
  readonly mtu: number;
  /** With the prefix length: `192.0.2.10/24`. Without link-local ones. */
  readonly addresses: readonly string[];
  /** Others on the link that answer for an address of ours. RFC 5227 */
  readonly rivals: readonly { readonly address: IpAddress; readonly by: string }[];
}

export interface MachineFault {
  readonly code: string;
  readonly what: string;
  readonly remedy: string;
}

/** What was found on the way to one address of a hub, from one source. */
export interface WayFacts {
  readonly host: string;
  readonly address: IpAddress;
  readonly source?: string;
  /** How the kernel would send; undefined when it knows no way. */
  readonly route?: { readonly device: string; readonly gateway?: IpAddress };
  /** UDP ports for which something on the way said that they can't be reached, with the kernel's name for it. */
  readonly refusals: readonly { readonly port: number; readonly errno: string }[];
  /** Whether the hub answers ICMP echo; many are told not to. Undefined when it was not asked. */
  readonly answersPing?: boolean;
  /** The next hop did answer. Undefined when there is none or it was not asked. */
  readonly gatewayAnswers?: boolean;
  readonly size?: PathSize;
}

/** Which sizes of unfragmentable IP packets the hub echoed. */
export interface PathSize {
  /** Largest that came back, bytes with IP header. */
  readonly passes: number;
  /** Smallest that got no answer, asked more than once; absent when all came back. */
  readonly lost?: number;
  /** A router said what fits, as it should. */
  readonly isTold: boolean;
}

export interface CertificateFacts {
  /** Where the file names it: `trustpoint corp, certificate`. */
  readonly role: "own" | "authority";
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: WallClock;
  readonly notAfter: WallClock;
}

/** What the session that carries the client's traffic moved with the SAs that it has now. */
export interface TrafficFacts {
  readonly session: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly replayDrops: number;
  readonly integrityFailures: number;
  /** The hub answered on IKE while it was watched; undefined when it was not asked. */
  readonly answersIke?: boolean;
}
