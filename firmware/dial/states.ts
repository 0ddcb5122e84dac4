/**
 * The states of one dialer, what may happen in each and where it leads: the table that `dialer.ts` runs. It holds no
 * decision itself; a row names the move that makes it. IOS calls the demand "interesting traffic" and the wait before
 * hanging up `dialer idle-timeout`; back-off and reset are ours.
 */
import type { MonotonicMs } from "#lib/duration.ts";
import type { EventSubject } from "#state/event.ts";
import type { DialWhy, LineEnd, LineFacts, LineId } from "./line.ts";

/** A state of the contract. */
export type DialStatus = "idle" | "dialing" | "connected" | "hanging-up" | "backoff" | "resetting";

/** State and what only that state knows. */
export type DialState =
  | { readonly status: "idle" }
  | { readonly status: "dialing"; readonly line: LineId }
  | {
      readonly status: "connected";
      readonly line: LineId;
      readonly since: MonotonicMs;
      readonly facts: LineFacts;
    }
  | {
      readonly status: "hanging-up";
      readonly line: LineId;
      readonly why: DialWhy;
      /** What it counts as: a failure when it did not come up, else a line taken down on purpose. */
      readonly failure?: LineEnd;
      /** How much force was used: asked to end, killed, or killed and still there. */
      readonly force: "asked" | "killed" | "stuck";
    }
  | { readonly status: "backoff"; readonly why: DialWhy; readonly until: MonotonicMs }
  | {
      readonly status: "resetting";
      /** The run of the reset program; undefined when it is over and only `stuck` is waited for. */
      readonly line: LineId;
      readonly why: DialWhy;
      readonly isKilled: boolean;
      /** A line that a kill did not end: nothing is dialled before it is gone. */
      readonly stuck?: LineId;
    };

/** Timers of a dialer; `timersOf` says which state may have which. */
export type DialTimer =
  /** The attempt, or the reset, took too long: it is ended. */
  | "limit"
  /** Nobody demanded the line for the idle time: it is hung up. IOS: dialer idle-timeout */
  | "idle"
  /** What was asked to end did not: it is killed. */
  | "force"
  /** The back-off is over. Late is harmless, early never happens. */
  | "retry";

/** What happens to a dialer, already matched to it. */
export type Trigger =
  /** Somebody wants the line who did not, or the first of them. */
  | { readonly on: "demanded"; readonly cause: EventSubject | undefined }
  /** The last one who wanted the line does not any more. */
  | { readonly on: "released"; readonly cause: EventSubject | undefined }
  | { readonly on: "line-up"; readonly line: LineId; readonly facts: LineFacts }
  | { readonly on: "line-ended"; readonly line: LineId; readonly end: LineEnd }
  /** A run of an earlier daemon is still there. */
  | { readonly on: "leftover" }
  /** The way to dial is another one now, or there is none any more. */
  | { readonly on: "replaced"; readonly reason: string }
  | { readonly on: "shut-down"; readonly reason: string }
  | { readonly on: DialTimer };

/** The moves that rows name; `dialer-moves.ts` makes them. */
export interface Moves {
  dial(trigger: Extract<Trigger, { on: "demanded" }>): void;
  /** The line is wanted again before it was hung up. */
  keep(trigger: Extract<Trigger, { on: "demanded" }>): void;
  /** Starts the idle time. */
  release(trigger: Extract<Trigger, { on: "released" }>): void;
  connect(trigger: Extract<Trigger, { on: "line-up" }>): void;
  attemptFailed(trigger: Extract<Trigger, { on: "line-ended" }>): void;
  attemptTooLong(): void;
  lost(trigger: Extract<Trigger, { on: "line-ended" }>): void;
  idleOver(): void;
  /** Ends what runs for a reason that is no failure. */
  hangUp(trigger: Extract<Trigger, { on: "replaced" | "shut-down" }>): void;
  /** Is hung up already. */
  hurry(trigger: Extract<Trigger, { on: "shut-down" }>): void;
  forget(trigger: Extract<Trigger, { on: "replaced" | "shut-down" }>): void;
  recover(): void;
  hungUp(trigger: Extract<Trigger, { on: "line-ended" }>): void;
  kill(): void;
  retry(): void;
  resetDone(trigger: Extract<Trigger, { on: "line-ended" }>): void;
  resetTooLong(): void;
}

/** One row: in these states, on this trigger, make this move, and end in one of these states. */
export interface Transition {
  readonly in: readonly DialStatus[];
  readonly on: Trigger["on"];
  readonly to: readonly DialStatus[];
  readonly run: keyof Moves;
}

const withLine: readonly DialStatus[] = ["dialing", "connected"];

/** A trigger that has no row in a state is late or means nothing there, and changes nothing. */
export const transitions: readonly Transition[] = [
  { in: ["idle"], on: "demanded", to: ["dialing"], run: "dial" },
  { in: withLine, on: "demanded", to: withLine, run: "keep" },
  { in: withLine, on: "released", to: withLine, run: "release" },

  { in: ["dialing"], on: "line-up", to: ["connected"], run: "connect" },
  { in: ["dialing"], on: "line-ended", to: ["idle", "backoff", "resetting"], run: "attemptFailed" },
  { in: ["dialing"], on: "limit", to: ["hanging-up"], run: "attemptTooLong" },

  { in: ["connected"], on: "line-up", to: ["connected"], run: "connect" },
  { in: ["connected"], on: "line-ended", to: ["idle", "dialing", "backoff"], run: "lost" },
  { in: withLine, on: "idle", to: ["hanging-up"], run: "idleOver" },

  { in: ["idle"], on: "leftover", to: ["hanging-up"], run: "recover" },
  {
    in: ["hanging-up"],
    on: "line-ended",
    to: ["idle", "dialing", "backoff", "resetting"],
    run: "hungUp",
  },
  { in: ["hanging-up"], on: "force", to: ["hanging-up", "resetting"], run: "kill" },

  { in: ["backoff"], on: "retry", to: ["idle", "dialing"], run: "retry" },

  {
    in: ["resetting"],
    on: "line-ended",
    to: ["idle", "backoff", "hanging-up", "resetting"],
    run: "resetDone",
  },
  { in: ["resetting"], on: "limit", to: ["resetting"], run: "resetTooLong" },

  { in: withLine, on: "replaced", to: ["hanging-up"], run: "hangUp" },
  { in: withLine, on: "shut-down", to: ["hanging-up"], run: "hangUp" },
  { in: ["hanging-up"], on: "shut-down", to: ["hanging-up"], run: "hurry" },
  { in: ["resetting"], on: "shut-down", to: ["resetting"], run: "resetTooLong" },
  { in: ["backoff"], on: "replaced", to: ["idle", "dialing"], run: "forget" },
  { in: ["backoff"], on: "shut-down", to: ["idle"], run: "forget" },
];

/** The row for a trigger, or undefined when the trigger means nothing in that state. */
export function transitionFor(status: DialStatus, on: Trigger["on"]): Transition | undefined {
  return transitions.find((row) => row.on === on && row.in.includes(status));
}

/** Timers that may be armed in a state; those of `always` are, as nothing else is sure to end it. */
export const timersOf: Readonly<
  Record<
    DialStatus,
    { readonly always: readonly DialTimer[]; readonly maybe: readonly DialTimer[] }
  >
> = {
  idle: { always: [], maybe: [] },
  dialing: { always: ["limit"], maybe: ["idle"] },
  connected: { always: [], maybe: ["idle"] },
  "hanging-up": { always: ["force"], maybe: [] },
  backoff: { always: ["retry"], maybe: [] },
  resetting: { always: ["limit"], maybe: [] },
};

/** What each status means to an operator. */
export const statusMeaning: Readonly<Record<DialStatus, string>> = {
  idle: "nobody demands the line",
  dialing: "the line is being dialled",
  connected: "the line is up",
  "hanging-up": "the line is being taken down",
  backoff: "waits before it dials again",
  resetting: "the modem is being reset",
};

/** The table for a page of the manual, as Markdown. */
export function printTransitions(): string {
  const rows = transitions.map(
    (row) => `| ${row.in.join(", ")} | ${row.on} | ${row.to.join(", ")} | ${row.run} |`,
  );
  return ["| in | on | to | run |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
