/**
 * What to negotiate and with whom: the configuration of one IKE session, resolved so far that nothing in the engine
 * checks it again. It knows nothing of files, profiles or tracks.
 */
import type { KeyObject } from "node:crypto";
import type { Duration } from "#lib/duration.ts";
import type { Endpoint, Prefix } from "#lib/ip.ts";
import type { SecretBytes } from "#lib/secret.ts";

/** The two ends of an IKE SA on the wire. RFC 7296 §2.11 */
export interface Path {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Interface that datagrams leave by; undefined leaves it to the routing table. */
  readonly source?: string;
}

/** RFC 7296 §3.5. `value` is text for fqdn and email, canonical text for addresses, raw bytes for key-id, DER for dn. */
export type Identity =
  | { readonly kind: "fqdn" | "email" | "ipv4" | "ipv6"; readonly value: string }
  | { readonly kind: "dn"; readonly der: Uint8Array; readonly text: string }
  | { readonly kind: "key-id"; readonly bytes: Uint8Array };

/**
 * What the peer may call itself. `fqdn` and `email` patterns may start with `*`; a `dn` pattern lists the attributes
 * that must be there, each value a literal or `*`; `any` accepts every identity that the authentication proves.
 */
export type IdentityPattern =
  | { readonly kind: "any" }
  | { readonly kind: "fqdn" | "email" | "ipv4" | "ipv6"; readonly pattern: string }
  | {
      readonly kind: "dn";
      readonly attributes: readonly { readonly type: string; readonly pattern: string }[];
    }
  | { readonly kind: "key-id"; readonly bytes: Uint8Array };

/** A transform that may carry a key length in bits. Ids are IANA's. */
export interface CipherChoice {
  readonly id: number;
  readonly keyLength?: number;
}

/** One IKE proposal; lists are in order of preference. `integrity` is empty when `encryption` is AEAD. */
export interface IkeProposal {
  readonly encryption: readonly CipherChoice[];
  readonly integrity: readonly number[];
  readonly prf: readonly number[];
  readonly keyExchange: readonly number[];
}

/** One ESP proposal. `keyExchange` empty means no PFS. */
export interface EspProposal {
  readonly encryption: readonly CipherChoice[];
  readonly integrity: readonly number[];
  readonly keyExchange: readonly number[];
  readonly esn: "prefer" | "require" | "off";
}

export type LocalAuthentication =
  | { readonly method: "psk"; readonly secret: SecretBytes }
  | {
      readonly method: "certificate";
      /** DER, leaf first. */
      readonly chain: readonly Uint8Array[];
      readonly key: KeyObject;
      /** Which RSA padding to sign with by RFC 7427; PKCS#1 unless `pss`. */
      readonly rsaPadding: "pkcs1" | "pss";
    };

export type RemoteAuthentication =
  | { readonly method: "psk"; readonly secret: SecretBytes }
  /** Trust anchors and helpful intermediates, DER. */
  | {
      readonly method: "certificate";
      readonly anchors: readonly Uint8Array[];
      readonly intermediates: readonly Uint8Array[];
    };

/**
 * RFC 7296 §2.4. The n-th try waits initial × factor^(n-1); all waits of one request are stretched alike, by a draw within
 * ± jitter (0 to 1).
 */
export interface RetransmitPolicy {
  readonly initial: Duration;
  readonly factor: number;
  /** Retransmissions before the peer counts as dead. */
  readonly limit: number;
  readonly jitter: number;
}

export interface DpdPolicy {
  readonly mode: "periodic" | "on-demand" | "off";
  readonly interval: Duration;
  /** First wait for an answer to a liveness check; then as `RetransmitPolicy`. */
  readonly retry: Duration;
}

/** A traffic selector by prefix. Ports and protocols are not selected in this product; what the hub narrows to is kept. */
export interface SelectorWish {
  readonly prefix: Prefix;
}

export interface ChildConfig {
  readonly proposals: readonly EspProposal[];
  /** Wanted selectors of our side; with an assigned address the hub narrows `0.0.0.0/0` to it. */
  readonly local: readonly SelectorWish[];
  readonly remote: readonly SelectorWish[];
  readonly mode: "tunnel" | "transport";
  /** Hard lifetime; the rekey starts earlier, with jitter. */
  readonly lifetime: { readonly time: Duration; readonly bytes?: number };
  readonly replayWindow: number;
  readonly offload: "none" | "crypto" | "packet";
}

export interface IkeConnection {
  /** Name of the client, for events. */
  readonly name: string;
  readonly local: { readonly identity: Identity; readonly authentication: LocalAuthentication };
  readonly remote: {
    readonly identities: readonly IdentityPattern[];
    readonly authentication: RemoteAuthentication;
  };
  readonly proposals: readonly IkeProposal[];
  readonly child: ChildConfig;
  /** Configuration attributes to ask for. RFC 7296 §2.19 */
  readonly request: { readonly ipv4: boolean; readonly ipv6: boolean };
  readonly dpd: DpdPolicy;
  readonly retransmit: RetransmitPolicy;
  readonly lifetime: Duration;
  readonly natKeepalive: Duration;
  /** Largest IP datagram for RFC 7383 fragments; undefined turns fragmentation off. */
  readonly fragmentMtu?: number;
  /** Vendor IDs that say "FlexVPN" to Cisco hubs; see reference in docs/architecture.md. */
  readonly announceFlexVpn: boolean;
  readonly initialContact: boolean;
}
