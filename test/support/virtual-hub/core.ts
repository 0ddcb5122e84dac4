/** What the parts of the virtual hub share: its settings, and the services that `virtual-hub.ts` gives them. */
import type { Identity } from "#ike/connection.ts";
import type { Duration } from "#lib/duration.ts";
import type { Endpoint, IpAddress, Prefix } from "#lib/ip.ts";
import type { FakeClock } from "../fake-clock.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { HubCredential, HubTrust } from "./authentication.ts";
import type { HubChild } from "./child-sa.ts";
import type { Handout } from "./configuration.ts";
import type { Answer, HubIkeSa } from "./ike-sa.ts";
import type { Impairments } from "./impair.ts";
import type { SaSet } from "./sa-set.ts";
import type { Acceptable } from "./suite.ts";
import type { WireHeader, WirePayload } from "./wire.ts";

/** How one hub is set up. */
export interface HubSettings {
  readonly identity: Identity;
  readonly credential: HubCredential;
  readonly trust: HubTrust;
  /** The only identity (text of an fqdn, mail or IP address) that a branch may have; any when left out. */
  readonly expectedPeer?: string;
  readonly acceptable: Acceptable;
  readonly handout: Handout;
  /** Networks behind the hub: what it offers and accepts as its own side. */
  readonly networks: readonly Prefix[];
  /** Networks that a branch without an assigned address may have on its side. */
  readonly branchNetworks: readonly Prefix[];
  /** Asks for a cookie before it answers IKE_SA_INIT. */
  readonly cookies: boolean;
  /** Largest IP datagram of its own messages; undefined turns fragmentation off. */
  readonly fragmentMtu?: number;
  readonly sendsSignatureHashes: boolean;
  /** Vendor IDs of its answer to IKE_SA_INIT, as ASCII. */
  readonly vendorIds?: readonly string[];
  readonly retransmit: {
    readonly initial: Duration;
    readonly factor: number;
    readonly limit: number;
  };
  /** Sends an empty INFORMATIONAL when nothing was heard for this long. */
  readonly dpdInterval?: Duration;
  /** Rekeys of its own, each time with up to a tenth taken off. */
  readonly childRekey?: Duration;
  readonly ikeRekey?: Duration;
  /** Key exchange of its own Child rekeys; 0 for none. */
  readonly childRekeyGroup: number;
  /** Wait after TEMPORARY_FAILURE. RFC 7296 §2.25 */
  readonly temporaryFailureWait: Duration;
}

/** What happened, counted; tests look at them. */
export interface HubCounters {
  badIntegrity: number;
  outOfWindow: number;
  answeredAgain: number;
  /** Requests that came again with other bytes than before; always a defect of the branch. */
  changedRetransmissions: number;
  retransmissions: number;
  natKeepalives: number;
  unknownSpi: number;
  espReceived: number;
  espRefused: number;
  espSent: number;
  cookiesAsked: number;
  halfOpened: number;
}

/** One message that went in or out, opened. */
export interface RecordedMessage {
  readonly at: number;
  readonly direction: "in" | "out";
  readonly header: WireHeader;
  readonly payloads: readonly WirePayload[];
  /** As `SA Nonce KE N(REKEY_SA)`. */
  readonly summary: string;
  /** The datagram it came in, or its last fragment; only for "in". */
  readonly bytes?: Uint8Array;
}

/** A datagram on its way out, before impairments and marker. */
export interface Outgoing {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly bytes: Uint8Array;
  readonly exchange: number;
  readonly isResponse: boolean;
}

/** What the hub offers to its parts. */
export interface HubCore {
  readonly address: IpAddress;
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly settings: HubSettings;
  readonly impairments: Impairments;
  readonly counters: HubCounters;
  /** Every IKE SA that is not gone. */
  readonly sas: SaSet;
  /** Decides what a request means. */
  answer(sa: HubIkeSa, exchange: number, payloads: readonly WirePayload[]): Answer;
  record(
    direction: "in" | "out",
    header: WireHeader,
    payloads: readonly WirePayload[],
    bytes?: Uint8Array,
  ): void;
  transmit(outgoing: Outgoing): void;
  /** Applies the impairments that change what a message says. */
  spoil(
    payloads: readonly WirePayload[],
    exchange: number,
    isResponse: boolean,
  ): readonly WirePayload[];
  wrongMessageId(exchange: number, isResponse: boolean): number;
  oddFragment(): { number: number; total: number } | undefined;
  /** The branch does not answer any more. */
  lost(sa: HubIkeSa): void;
  /** An IKE SA is gone for good. */
  forget(sa: HubIkeSa): void;
  /** Arms what the hub does by itself with a new SA. */
  watch(sa: HubIkeSa): void;
  watchChild(child: HubChild): void;
  newIkeSpi(): bigint;
  newEspSpi(): number;
}
