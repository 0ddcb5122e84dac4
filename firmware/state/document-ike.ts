/** IKE in the state document, beyond what every SA must have: windows, liveness, fragments, and what was counted. */
import type { IpAddress, Prefix } from "#lib/ip.ts";

/** What else is known of an IKE SA. Lengths of time are seconds. */
export interface IkeSaFacts {
  /** Hard lifetime, from `age` 0. */
  readonly lifetime?: number;
  readonly dpd?: { readonly mode: string; readonly interval: number; readonly retry: number };
  /** RFC 7383; without `mtu` it is turned off here. `agreed` when the peer does it too. */
  readonly fragmentation?: { readonly mtu?: number; readonly agreed: boolean };
  /** RFC 7296 §2.2: our request under way or else the next, our next, the peer's next, requests of ours that wait. */
  readonly "message-ids"?: {
    readonly request: number;
    readonly next: number;
    readonly expected: number;
    readonly queued: number;
  };
  /** Requests that each side may have under way. RFC 7296 §2.3 */
  readonly window?: { readonly local: number; readonly remote: number };
  /** Whose vendor ID the peer sent. */
  readonly "peer-vendor"?: "cisco";
  /** Made while the clock could not be trusted; the hub's certificate is judged again when it can. */
  readonly provisional?: true;
  /** Pushed by the hub. */
  readonly assigned?: { readonly ipv4?: IpAddress; readonly ipv6?: Prefix };
  readonly subnets?: readonly Prefix[];
}

/** Counts since the daemon started; they only rise. */
export interface IkeCountersState {
  /** Exchanges that completed, by name and by who asked: `IKE_SA_INIT`, `IKE_AUTH`, … */
  readonly exchanges: Readonly<
    Record<string, { readonly sent: number; readonly received: number }>
  >;
  readonly "datagrams-in": number;
  readonly "datagrams-out": number;
  readonly retransmissions: number;
  readonly "repeated-requests": number;
  readonly "fragments-in": number;
  readonly "fragments-out": number;
  readonly "decode-errors": number;
  readonly "unknown-spi": number;
  readonly "integrity-failures": number;
  readonly "unexpected-messages": number;
  readonly "unprotected-notifies": number;
  readonly "nat-keepalives": number;
  readonly "liveness-checks": number;
  readonly "ike-rekeys": number;
  readonly "child-rekeys": number;
  readonly "sessions-up": number;
  readonly "sessions-failed": number;
}

/** Of an interface of the machine. */
export interface InterfaceTraffic {
  readonly "bytes-in": number;
  readonly "bytes-out": number;
  readonly "errors-in": number;
  readonly "errors-out": number;
}
