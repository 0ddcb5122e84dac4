/**
 * What the client machine asks the world to do, in the order given. The daemon carries `open-session` to the IKE engine
 * and `plan` to the data plane; the machine knows neither sockets nor netlink.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { SessionOutcome } from "#ike/actions.ts";
import type { IkeConnection } from "#ike/connection.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { Endpoint, IpAddress, Prefix } from "#lib/ip.ts";
import type { ClientStatus } from "#state/document.ts";
import type { EventDraft } from "#state/event.ts";
import type { ResolutionId, Underlay } from "./inputs.ts";

export type FlexvpnAction =
  /** Look a name up, through `source` when given; answer with `resolved` or `resolution-failed` and the same id. */
  | {
      readonly kind: "resolve";
      readonly id: ResolutionId;
      readonly client: string;
      readonly name: string;
      readonly family: "ipv4" | "ipv6" | "dynamic";
      readonly source?: string;
    }
  /**
   * Start IKE with `remote` from `source` (or from wherever the routing table says). When no socket or local address
   * can be had, answer with `session-down`.
   */
  | {
      readonly kind: "open-session";
      readonly session: SessionId;
      readonly client: string;
      readonly connection: IkeConnection;
      readonly remote: Endpoint;
      readonly source?: string;
    }
  /**
   * End the session; always answered by `session-down`. The client has let go of it: its SAs are in no plan any more.
   * With `expectAnswer` false the way to the hub is gone, and waiting for its answer is pointless.
   */
  | {
      readonly kind: "close-session";
      readonly session: SessionId;
      readonly reason: string;
      readonly expectAnswer: boolean;
    }
  /** The client needs its dialer's interface, or no longer. */
  | {
      readonly kind: "dial";
      readonly client: string;
      readonly dialer: string;
      readonly wanted: boolean;
    }
  /** What the client wants in the kernel from now on; replaces the intent given before. See `compose.ts`. */
  | { readonly kind: "plan"; readonly intent: TunnelIntent }
  /** The client is gone from the configuration: it wants nothing. */
  | { readonly kind: "drop-plan"; readonly client: string }
  /**
   * Keep these over a restart and give them back as `remembered`; written at once, they guard against leaks. Networks
   * behind the hub, and the backup gateways that hubs named.
   */
  | {
      readonly kind: "remember";
      readonly client: string;
      readonly networks: readonly Prefix[];
      readonly gateways: readonly string[];
    }
  | { readonly kind: "event"; readonly event: EventDraft }
  /** Views of `client` changed in a way worth showing; the view itself comes from `FlexvpnEngine.views`. */
  | { readonly kind: "status-changed"; readonly client: string; readonly status: ClientStatus };

/** What a client wants in the kernel, before SAs, sizes and other clients are brought in. Plain data, comparable as JSON. */
export interface TunnelIntent {
  readonly client: string;
  readonly tunnel: ResolvedTunnel;
  readonly inside: readonly string[];
  readonly nat: ResolvedClient["nat"];
  readonly routes: ResolvedClient["routes"];
  readonly killSwitch: boolean;
  /** Present while the client is up: the session whose SAs carry its traffic, and what the hub gave. */
  readonly carrier?: {
    readonly session: SessionId;
    readonly outcome: SessionOutcome;
    readonly underlay?: Underlay;
  };
  /** Session that is ready to take over: its SAs are in the kernel and carry nothing. */
  readonly standby?: SessionId;
  /** Interface that ESP and IKE leave by, while one is chosen. */
  readonly source?: string;
  /** Outer addresses of the hubs, as far as known: never routed into the tunnel. */
  readonly hubs: readonly IpAddress[];
  /** Networks behind the hub as last learnt; empty when never. */
  readonly learnt: readonly Prefix[];
  /** Networks of the inside interfaces. */
  readonly insideNetworks: readonly Prefix[];
}
