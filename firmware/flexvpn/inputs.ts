/**
 * What the world tells the client machine. It hears of sessions and interfaces, never of datagrams or netlink messages.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import type { EventSubject } from "#state/event.ts";

/** Names one question to the resolver, never used again. */
export type ResolutionId = number & { readonly __brand: "ResolutionId" };

/** The way out that the kernel takes to a hub; what a host route to it needs. */
export interface Underlay {
  readonly device: string;
  /** Absent when the hub is on the link itself. */
  readonly gateway?: IpAddress;
}

/** What could not be done for a client in the kernel; a `DataPlaneFault` fits. */
export interface TunnelFault {
  readonly code: string;
  readonly what: string;
  readonly remedy: string;
  /** It was done after all, though not as asked. */
  readonly isNotice?: true;
  /** An event of the machine has said so: it is only the client's reason. */
  readonly isTold?: true;
}

/** What is known of a dialer. */
export interface DialerFacts {
  readonly state: "idle" | "dialing" | "connected" | "hanging-up" | "backoff" | "resetting";
  /** Interface that it brings up; absent while nobody knows. */
  readonly interface?: string;
  /** Why it is in that state, when it is a fault. */
  readonly why?: { readonly message: string; readonly code?: string; readonly remedy?: string };
}

export type FlexvpnInput =
  /**
   * These are the clients and tunnels from now on. Before `start` it only lays the plans (kill switch, tunnel
   * interfaces); later it restarts only what the change touches and closes what is gone.
   */
  | {
      readonly kind: "configure";
      readonly clients: Readonly<Record<string, ResolvedClient>>;
      readonly tunnels: Readonly<Record<string, ResolvedTunnel>>;
    }
  /** What the client learnt in an earlier life of the process, as in `remember`. Give it before `configure`. */
  | {
      readonly kind: "remembered";
      readonly client: string;
      readonly networks: readonly Prefix[];
      readonly gateways?: readonly string[];
    }
  /** Begin to connect. Tell of the interfaces first, so that no client waits for one that is there. */
  | { readonly kind: "start" }
  /** An operator asks. `by` says who in a word or two, for the event: `command line`, `admin`. */
  | {
      readonly kind: "connect" | "disconnect" | "clear" | "switch";
      readonly client: string;
      readonly by: string;
    }
  /** Answer to `resolve`; addresses in the order to try, both families. */
  | {
      readonly kind: "resolved";
      readonly id: ResolutionId;
      readonly addresses: readonly IpAddress[];
    }
  /** `message` says what the resolver said: `no such name`, `no answer from 192.0.2.53`. */
  | {
      readonly kind: "resolution-failed";
      readonly id: ResolutionId;
      readonly message: string;
      /** Stable, `dns.…`; `dns.failed` when absent. */
      readonly code?: string;
      readonly remedy?: string;
    }
  /** IKE_SA_INIT is done and IKE_AUTH began. */
  | { readonly kind: "session-authenticating"; readonly session: SessionId }
  /** `underlay` is how the hub is reached, asked from the kernel before the tunnel's routes exist. */
  | {
      readonly kind: "session-up";
      readonly session: SessionId;
      readonly outcome: SessionOutcome;
      readonly underlay?: Underlay;
    }
  | { readonly kind: "session-down"; readonly session: SessionId; readonly reason: DownReason }
  /** An interface came, went or changed; `addresses` is the complete list, without link-local ones. */
  | {
      readonly kind: "interface-changed";
      readonly name: string;
      readonly isUp: boolean;
      readonly addresses: readonly InterfaceAddress[];
      /** What brought the news, when an event tells of it. */
      readonly cause?: EventSubject;
    }
  /** A track object was evaluated for the first time, or changed. */
  | {
      readonly kind: "track-changed";
      readonly object: string;
      readonly state: "up" | "down";
      readonly cause: EventSubject;
    }
  /** A dialer is known, or changed. */
  | ({
      readonly kind: "dialer-changed";
      readonly dialer: string;
      readonly cause?: EventSubject;
    } & DialerFacts)
  /** An operator wants every peer tried over every source, without moving traffic. */
  | { readonly kind: "rehearse"; readonly client: string; readonly by: string }
  /** What the wall clock says at this `now`, in minutes after local midnight; sent at start and whenever it steps. */
  | { readonly kind: "time-of-day"; readonly minuteOfDay: number }
  /** The hub says to go to another gateway: address or name. RFC 5685 §3 */
  | { readonly kind: "redirected"; readonly session: SessionId; readonly gateway: string }
  /** The kernel refused what a client needs. */
  | { readonly kind: "dataplane-fault"; readonly client: string; readonly fault: TunnelFault }
  /** Close every session and stay closed. Done when `FlexvpnEngine.isQuiet`. */
  | { readonly kind: "shut-down"; readonly reason: string }
  | { readonly kind: "timeout" };
