/** IP SLA operations as the daemon and the engines work with them. */
import type { Duration } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";

/** IOS: ip sla N, with its schedule `start-time now life forever`. */
export interface ResolvedSla {
  readonly name: string;
  readonly operation: SlaOperation;
  /** Interface that the probe leaves by; undefined leaves it to the routing table. */
  readonly sourceInterface?: string;
  /** From one start to the next. */
  readonly frequency: Duration;
  /** How long an answer is waited for; at most `frequency`. */
  readonly timeout: Duration;
  /** A slower answer counts as over threshold; at most `timeout`. */
  readonly threshold: Duration;
}

/** Whom a probe asks: an address, or a name that is looked up when it is probed. */
export type SlaHost =
  | { readonly kind: "address"; readonly address: IpAddress }
  | { readonly kind: "name"; readonly name: string };

/** What is sent, and so what an answer is. `packets` are sent `interval` apart; more than one gives jitter and loss. */
export type SlaOperation =
  | {
      readonly kind: "icmp-echo";
      readonly host: SlaHost;
      readonly packets: number;
      readonly interval: Duration;
    }
  | {
      readonly kind: "udp-echo";
      readonly host: SlaHost;
      readonly port: number;
      readonly packets: number;
      readonly interval: Duration;
    }
  | { readonly kind: "tcp-connect"; readonly host: SlaHost; readonly port: number }
  | {
      readonly kind: "dns";
      readonly server: IpAddress;
      readonly port: number;
      readonly name: string;
      readonly type: "a" | "aaaa";
    }
  | {
      readonly kind: "http";
      /** `http://…` or `https://…`, normalised. */
      readonly url: string;
      /** DER of the only authorities that an HTTPS server's certificate may come from; undefined trusts the usual ones. */
      readonly authorities?: readonly Uint8Array[];
    };
