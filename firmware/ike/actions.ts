/** What the IKE engine asks the world to do, in the order given. */
import type { SecurityAssociation } from "#dataplane/desired.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { EventDraft } from "#state/event.ts";
import type { Path } from "./connection.ts";
import type { SessionId } from "./inputs.ts";

export type IkeAction =
  /** One UDP datagram; the socket adds the non-ESP marker on port 4500. */
  | {
      readonly kind: "send";
      readonly session: SessionId;
      readonly path: Path;
      readonly bytes: Uint8Array;
    }
  /** The single octet 0xFF. RFC 3948 §2.3 */
  | { readonly kind: "send-nat-keepalive"; readonly session: SessionId; readonly path: Path }
  /**
   * Make this SA exist. An outbound SA becomes the one that traffic uses at once. The caller owns the keys from here
   * and wipes them when the SA is removed.
   */
  | { readonly kind: "install-sa"; readonly session: SessionId; readonly sa: SecurityAssociation }
  | {
      readonly kind: "remove-sa";
      readonly session: SessionId;
      readonly spi: number;
      readonly direction: "in" | "out";
    }
  /** The peer's address or port behind NAT changed for these SAs. */
  | {
      readonly kind: "move-sas";
      readonly session: SessionId;
      readonly spis: readonly number[];
      readonly path: Path;
    }
  /** IKE_SA_INIT is done: the hub answers, and IKE_AUTH is on its way. */
  | { readonly kind: "session-authenticating"; readonly session: SessionId }
  /** First Child SA is up. */
  | { readonly kind: "session-up"; readonly session: SessionId; readonly outcome: SessionOutcome }
  /** The session is over; its SAs have been removed by earlier actions. Nothing more comes for it. */
  | { readonly kind: "session-down"; readonly session: SessionId; readonly reason: DownReason }
  | { readonly kind: "event"; readonly event: EventDraft };

/** What a session got from the hub. */
export interface SessionOutcome {
  /** Text of the identity that the hub proved. */
  readonly peerIdentity: string;
  readonly assigned: { readonly ipv4?: IpAddress; readonly ipv6?: Prefix };
  readonly dns: readonly IpAddress[];
  readonly domains: readonly string[];
  /** INTERNAL_IP4_SUBNET and INTERNAL_IP6_SUBNET. */
  readonly subnets: readonly Prefix[];
  /** What the first Child SA may carry, as narrowed, as prefixes. */
  readonly localSelectors: readonly Prefix[];
  readonly remoteSelectors: readonly Prefix[];
  /** Networks that the hub says to leave out of the tunnel (Unity local-LAN). */
  readonly excludedSubnets?: readonly Prefix[];
  /** Gateways that the hub names as its backups, in its order: canonical addresses and names, see `task/backup-gateways.ts`. */
  readonly backupServers?: readonly string[];
  readonly banner?: string;
  readonly natDetected: { readonly local: boolean; readonly remote: boolean };
  readonly path: Path;
}

/** Why a session ended. `code` is stable (`ike.auth.failed`), `message` says what happened, `remedy` what to do. */
export interface DownReason {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
  /** True when the peer may well answer another time: time out, temporary failure. */
  readonly isTransient: boolean;
  /** An event of the machine has said so: the client makes none of its own. */
  readonly isTold?: true;
}
