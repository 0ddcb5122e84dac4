/**
 * One track object: its reported state and the change that waits for its delay. It is told verdicts and the time; it
 * knows neither facts nor other objects. IOS: track N, delay up S down S.
 */
import type { ResolvedTrack, TrackState } from "#config/resolved-track.ts";
import { Deadline } from "#lib/deadline-heap.ts";
import { after, type MonotonicMs } from "#lib/duration.ts";
import type { EventSubject } from "#state/event.ts";
import type { Member } from "./members.ts";
import { unseen, type Verdict } from "./verdict.ts";

/** A change that is reported at `at` unless the object changes back before. */
export interface PendingChange {
  readonly state: TrackState;
  readonly at: MonotonicMs;
  readonly cause?: EventSubject;
}

/** A change that is to be reported. */
export interface TrackChange {
  readonly from: TrackState;
  readonly to: TrackState;
  readonly reason: string;
  readonly cause?: EventSubject;
}

export class TrackObject implements Member {
  readonly config: ResolvedTrack;
  /** When the delay of the pending change is over; armed by the engine. */
  readonly delayEnd: Deadline<string>;
  state: TrackState = "down";
  since: MonotonicMs;
  changes = 0;
  /** What the last look said, before delays. */
  verdict: Verdict = unseen("was not looked at yet");
  /** Why the reported state is what it is; while a change is pending, still that of the old state. */
  reason = this.verdict.reason;
  pending: PendingChange | undefined;
  lastCause: EventSubject | undefined;
  #isBegun = false;

  constructor(config: ResolvedTrack, now: MonotonicMs) {
    this.config = config;
    this.delayEnd = new Deadline(config.name);
    this.since = now;
  }

  /** Something was seen of all it depends on, or it has been reported changed since. */
  get isKnown(): boolean {
    return this.verdict.isKnown || this.changes > 0;
  }

  /** It has been looked at. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Takes the first verdict without reporting a change. */
  begin(verdict: Verdict): void {
    this.verdict = verdict;
    this.state = stateOf(verdict);
    this.reason = verdict.reason;
    this.#isBegun = true;
  }

  /**
   * Takes a verdict, or the same one again when a delay is over. The first one on what was really seen counts at once: a
   * delay damps changes, and nothing has changed.
   * @returns the change to report now.
   */
  take(
    verdict: Verdict,
    causes: readonly EventSubject[],
    now: MonotonicMs,
  ): TrackChange | undefined {
    const isFirst = !this.isKnown;
    this.verdict = verdict;
    const wanted = stateOf(verdict);
    if (wanted === this.state) {
      this.pending = undefined;
      this.reason = verdict.reason;
      return undefined;
    }
    const delay = this.config.delay[wanted];
    const cause = causeOf(verdict, causes);
    if (isFirst || delay === 0) return this.#change(wanted, cause, now);
    const pending = this.pending ?? { state: wanted, at: after(now, delay), ...withCause(cause) };
    if (pending.at <= now) return this.#change(wanted, pending.cause, now);
    this.pending = pending;
    return undefined;
  }

  #change(to: TrackState, cause: EventSubject | undefined, now: MonotonicMs): TrackChange {
    const from = this.state;
    const { reason } = this.verdict;
    this.state = to;
    this.since = now;
    this.changes++;
    this.reason = reason;
    this.pending = undefined;
    this.lastCause = cause;
    return { from, to, reason, ...withCause(cause) };
  }
}

const withCause = (cause: EventSubject | undefined) => (cause === undefined ? {} : { cause });

function stateOf({ isUp }: Verdict): TrackState {
  return isUp ? "up" : "down";
}

/** The member that decides, when it is among those that changed; else what came last. */
function causeOf(
  { decidedBy }: Verdict,
  causes: readonly EventSubject[],
): EventSubject | undefined {
  const decisive = causes.find((cause) => cause === `track:${decidedBy}`);
  return decisive ?? causes.at(-1);
}
