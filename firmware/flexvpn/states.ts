/**
 * The states of one client, what may happen in each and where it leads: the table that `client.ts` runs. It holds no
 * decision itself; a row names the move that makes it.
 */
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { Duration } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { ClientStatus } from "#state/document.ts";
import type { EventSubject } from "#state/event.ts";
import type { ResolutionId, TunnelFault, Underlay } from "./inputs.ts";
import type { Way } from "./ways.ts";

/** Why a client is where it is; with a stable code and what to do when it is a fault. */
export interface Why {
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
}

/** A session that was opened with one address of the peer; `rest` are those not tried yet. */
export interface OpenSession extends Way {
  readonly session: SessionId;
  readonly address: IpAddress;
  readonly rest: readonly IpAddress[];
}

/** A session that is authenticated and carries nothing yet. */
export interface ReadySession {
  readonly open: OpenSession;
  readonly outcome: SessionOutcome;
  readonly underlay?: Underlay;
}

/** State and what only that state knows. */
export type ClientState =
  | { readonly status: "idle"; readonly why: Why }
  | { readonly status: "tracking"; readonly why: Why }
  | { readonly status: "dialing"; readonly why: Why }
  | { readonly status: "resolving"; readonly attempt: Way; readonly resolution: ResolutionId }
  | { readonly status: "connecting"; readonly open: OpenSession }
  | { readonly status: "authenticating"; readonly open: OpenSession }
  | {
      readonly status: "up";
      readonly open: OpenSession;
      readonly outcome: SessionOutcome;
      readonly underlay?: Underlay;
      /** Something that does not work although the session is up. */
      readonly flaw?: Why;
    }
  /** `closing` is a session whose end is waited for; its end ends the wait. */
  | { readonly status: "backoff"; readonly why: Why; readonly closing?: SessionId }
  | { readonly status: "failed"; readonly why: Why };

/** Timers of a client. */
export type ClientTimer =
  /**
   * The back-off is over, or a failed client tries whether it still fails: start the next round of attempts. While
   * tracking it ends the wait for the first results of track objects. Late is harmless, early never happens.
   */
  | "retry"
  /** While up: every standby was tried in vain; try them again. */
  | "standby"
  /** While up: a better way has been good for its hold-down. */
  | "return"
  /** The schedule of rehearsals has come round. */
  | "rehearsal"
  /** While resolving: the resolver did not answer: the peer counts as not resolved. */
  | "resolution";

/** What happens to a client, already matched to it. */
export type Trigger =
  | { readonly on: "start" }
  | { readonly on: "connect"; readonly by: string }
  | { readonly on: "disconnect"; readonly by: string }
  | { readonly on: "clear"; readonly by: string }
  | { readonly on: "switch"; readonly by: string }
  | { readonly on: "resolved"; readonly addresses: readonly IpAddress[] }
  | { readonly on: "unresolved"; readonly why: Why }
  | { readonly on: "authenticating" }
  | { readonly on: "session-up"; readonly outcome: SessionOutcome; readonly underlay?: Underlay }
  | { readonly on: "session-down"; readonly reason: DownReason }
  | { readonly on: "closed" }
  | { readonly on: "source-lost"; readonly why: Why; readonly cause: EventSubject | undefined }
  | { readonly on: "peer-lost"; readonly why: Why; readonly cause: EventSubject | undefined }
  /** There is a way that was not there before; `source` when an interface made it. */
  | {
      readonly on: "found";
      readonly source: string | undefined;
      readonly cause: EventSubject | undefined;
    }
  /** The track object of `connect` is as wanted now, or no longer. */
  | { readonly on: "wanted"; readonly cause: EventSubject | undefined }
  | { readonly on: "unwanted"; readonly cause: EventSubject | undefined }
  | { readonly on: "dialer"; readonly why: Why }
  | { readonly on: "redirected"; readonly gateway: string }
  /** A better way is authenticated beside the one in use. */
  | { readonly on: "better-ready"; readonly ready: ReadySession; readonly heldFor: Duration }
  | { readonly on: "fault"; readonly fault: TunnelFault }
  | { readonly on: "reconfigured"; readonly changed: readonly string[]; readonly restart: boolean }
  | { readonly on: "retry" }
  | { readonly on: "shut-down"; readonly reason: string };

/** The moves that rows name; `client.ts` makes them. */
export interface Moves {
  /** Starts when the configuration or an operator wants it, else says why not. */
  begin(trigger: Trigger): void;
  /** Notes the wish of an operator and begins from the top of the list. */
  connect(trigger: Extract<Trigger, { on: "connect" }>): void;
  /** Notes that an operator asked for what is so or under way already. */
  acknowledge(trigger: Extract<Trigger, { on: "connect" }>): void;
  disconnect(trigger: Extract<Trigger, { on: "disconnect" }>): void;
  /** Ends the session if there is one, forgets what operators asked for, begins from the top. */
  clear(trigger: Extract<Trigger, { on: "clear" }>): void;
  /** Moves the traffic to the session that stands by, if one is ready, then ends the one that carried it. */
  switchOver(trigger: Extract<Trigger, { on: "switch" }>): void;
  useAddresses(trigger: Extract<Trigger, { on: "resolved" }>): void;
  unresolved(trigger: Extract<Trigger, { on: "unresolved" }>): void;
  authenticate(): void;
  establish(trigger: Extract<Trigger, { on: "session-up" }>): void;
  attemptFailed(trigger: Extract<Trigger, { on: "session-down" }>): void;
  connectionLost(trigger: Extract<Trigger, { on: "session-down" }>): void;
  leaveSource(trigger: Extract<Trigger, { on: "source-lost" }>): void;
  leavePeer(trigger: Extract<Trigger, { on: "peer-lost" }>): void;
  tryAgain(trigger: Trigger): void;
  /** The track object of `connect` came to be as wanted: begins from the top of the list. */
  trackCalls(trigger: Extract<Trigger, { on: "wanted" }>): void;
  standDown(trigger: Extract<Trigger, { on: "unwanted" }>): void;
  noteDialer(trigger: Extract<Trigger, { on: "dialer" }>): void;
  /** Moves the traffic to the better way, then ends the session that carried it. */
  moveOver(trigger: Extract<Trigger, { on: "better-ready" }>): void;
  /** Leaves the hub for the gateway that it names. RFC 5685 §3 */
  followRedirect(trigger: Extract<Trigger, { on: "redirected" }>): void;
  fault(trigger: Extract<Trigger, { on: "fault" }>): void;
  reconfigure(trigger: Extract<Trigger, { on: "reconfigured" }>): void;
  shutDown(trigger: Extract<Trigger, { on: "shut-down" }>): void;
}

type Status = ClientState["status"];

/** One row: in these states, on this trigger, make this move, and end in one of these states. */
export interface Transition {
  readonly in: readonly Status[];
  readonly on: Trigger["on"];
  readonly to: readonly Status[];
  readonly run: keyof Moves;
}

/** Everywhere but where nobody wants the client up. */
const active: readonly Status[] = [
  "tracking",
  "dialing",
  "resolving",
  "connecting",
  "authenticating",
  "up",
  "backoff",
  "failed",
];
const everywhere: readonly Status[] = ["idle", ...active];
const dialled: readonly Status[] = ["connecting", "authenticating"];
const waiting: readonly Status[] = ["backoff", "failed"];
/** Nothing to try until something outside changes. */
const blocked: readonly Status[] = ["tracking", "dialing"];
/** Where an attempt leads at once: no way, a name to look up, an address, or nobody left to try. */
const attempted: readonly Status[] = [...blocked, "resolving", "connecting", ...waiting];

/** A trigger that has no row in a state is late or meant for another time, and changes nothing. */
export const transitions: readonly Transition[] = [
  { in: ["idle"], on: "start", to: ["idle", ...attempted], run: "begin" },

  { in: ["idle"], on: "connect", to: ["idle", ...attempted], run: "connect" },
  { in: [...blocked, ...waiting], on: "connect", to: attempted, run: "connect" },
  { in: ["resolving"], on: "connect", to: ["resolving"], run: "acknowledge" },
  { in: dialled, on: "connect", to: dialled, run: "acknowledge" },
  { in: ["up"], on: "connect", to: ["up"], run: "acknowledge" },
  { in: everywhere, on: "disconnect", to: ["idle"], run: "disconnect" },
  { in: everywhere, on: "clear", to: ["idle", ...attempted], run: "clear" },

  { in: ["up"], on: "switch", to: ["up"], run: "switchOver" },

  { in: ["resolving"], on: "resolved", to: attempted, run: "useAddresses" },
  { in: ["resolving"], on: "unresolved", to: attempted, run: "unresolved" },
  { in: ["connecting"], on: "authenticating", to: ["authenticating"], run: "authenticate" },
  { in: dialled, on: "session-up", to: ["up"], run: "establish" },
  { in: dialled, on: "session-down", to: attempted, run: "attemptFailed" },
  { in: ["up"], on: "session-down", to: ["idle", "up", ...attempted], run: "connectionLost" },
  { in: ["up"], on: "better-ready", to: ["up"], run: "moveOver" },

  {
    in: ["resolving", ...dialled, "up"],
    on: "source-lost",
    to: ["up", ...attempted],
    run: "leaveSource",
  },
  {
    in: ["resolving", ...dialled, "up"],
    on: "peer-lost",
    to: ["up", ...attempted],
    run: "leavePeer",
  },
  { in: [...dialled, "up"], on: "redirected", to: attempted, run: "followRedirect" },
  { in: [...blocked, ...waiting], on: "found", to: attempted, run: "tryAgain" },
  { in: ["dialing"], on: "dialer", to: ["dialing"], run: "noteDialer" },
  { in: ["tracking"], on: "wanted", to: attempted, run: "trackCalls" },
  { in: active, on: "unwanted", to: ["tracking"], run: "standDown" },
  { in: ["tracking", ...waiting], on: "retry", to: attempted, run: "tryAgain" },
  { in: ["backoff"], on: "closed", to: attempted, run: "tryAgain" },

  { in: everywhere, on: "fault", to: everywhere, run: "fault" },
  { in: everywhere, on: "reconfigured", to: everywhere, run: "reconfigure" },
  { in: everywhere, on: "shut-down", to: ["idle"], run: "shutDown" },
];

/** The row for a trigger, or undefined when the trigger means nothing in that state. */
export function transitionFor(status: Status, on: Trigger["on"]): Transition | undefined {
  return transitions.find((row) => row.on === on && row.in.includes(status));
}

/** What each status means to an operator. */
export const statusMeaning: Readonly<Record<ClientStatus, string>> = {
  idle: "nobody wants it up, or it is to be started by an operator",
  tracking:
    "waits for something to come up: a source interface, a track object, a peer that another client uses",
  dialing: "a dialer brings its source interface up",
  resolving: "looks up the name of a peer",
  connecting: "IKE_SA_INIT is under way",
  authenticating: "IKE_AUTH is under way",
  up: "a session carries its traffic",
  backoff: "every peer was tried; waits before the next round",
  failed: "trying again is not expected to help before somebody acts",
};

/** The table as Markdown, for the architecture document. */
export function printTransitions(): string {
  const lines = transitions.map(
    (row) => `| ${statuses(row.in)} | ${row.on} | ${row.run} | ${statuses(row.to)} |`,
  );
  return ["| in | on | move | to |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function statuses(list: readonly Status[]): string {
  return list === everywhere ? "any" : [...new Set(list)].join(", ");
}
