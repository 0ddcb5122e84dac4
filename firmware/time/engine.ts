/**
 * The time guard: whether the clock of the machine can be trusted, and what is known of the time when it can't. A router
 * without a battery starts in the past; then certificates are judged by the earliest that it can be, and again when something
 * that knows the time has set the clock. It reads no clock and sets none; it knows nothing of certificates but when the
 * branch's own begin. What it refuses to believe: a time before this software was made, whoever says so.
 */
import { assertNever } from "#lib/assert-never.ts";
import { Deadlines } from "#lib/deadlines.ts";
import {
  after,
  type Duration,
  days,
  elapsed,
  formatDuration,
  type MonotonicMs,
  minutes,
  seconds,
  type WallClock,
} from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import { clockSubject } from "#state/event.ts";
import { formatTime } from "#state/event-log.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import type { TimeAction } from "./actions.ts";
import { describeFloor, Floor, type FloorSource } from "./floor.ts";
import type { ClockReading, TimeInput } from "./inputs.ts";

/** What can be seen of the guard. */
export interface TimeView {
  readonly isTrusted: boolean;
  /** As the kernel said when it was last asked. */
  readonly isSynchronised: boolean;
  /** The earliest that it can be now, and how that is known. */
  readonly earliest: WallClock;
  readonly knownBy: FloorSource;
  /** Why the clock is not trusted; absent when it is. */
  readonly reason?: string;
}

/** The clock is looked at that often while it is waited for, and while it is not. */
const LOOK = { waiting: seconds(2), trusting: seconds(60) };
/** A start without power in between loses at most this much; flash is written no more often. */
const SAVE = minutes(15);
/** Time servers are asked anew so long after a way to them may have opened, and not before they could answer the last time. */
const ASK = { soon: seconds(2), apart: seconds(30) };
/** The wall clock was set when it moved this much against the monotonic one between two looks. */
const STEP = seconds(1);

export class TimeGuard implements Engine<TimeInput, TimeAction> {
  readonly #deadlines = new Deadlines<"look" | "save" | "ask">();
  readonly #floor = new Floor();
  #made = 0 as WallClock;
  #isTrusted = false;
  #isSynchronised = false;
  /** Set to what is known by us in this start of the machine: that it is not behind proves nothing. */
  #isRaised = false;
  #wasTrusted = false;
  #keepsTime = false;
  #reason = "nobody has looked at it yet";
  #askedAt: MonotonicMs | undefined;
  #last: { readonly wall: WallClock; readonly at: MonotonicMs } | undefined;
  #actions: TimeAction[] = [];

  handle(input: TimeInput, now: MonotonicMs): readonly TimeAction[] {
    this.#take(input, now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    return this.#deadlines.next();
  }

  view(now: MonotonicMs): TimeView {
    return {
      isTrusted: this.#isTrusted,
      isSynchronised: this.#isSynchronised,
      earliest: this.#floor.earliest(now),
      knownBy: this.#floor.source,
      ...(this.#isTrusted ? {} : { reason: this.#reason }),
    };
  }

  #take(input: TimeInput, now: MonotonicMs): void {
    switch (input.kind) {
      case "began":
        this.#begin(input, now);
        return;
      case "own-certificates": {
        const { newest } = input;
        if (newest === undefined || this.#isTrusted) return;
        if (this.#floor.raise(newest, "certificate", now)) this.#tellTime(now);
        return;
      }
      case "reading":
        this.#read(input.reading, now);
        return;
      case "timeout":
        for (const name of this.#deadlines.due(now)) {
          if (name === "save") this.#save(now);
          else if (name === "ask") this.#ask(now);
          else this.#look(now);
        }
        return;
      case "way-opened":
        this.#planToAsk(now);
        return;
      case "end":
        this.#save(now);
        this.#deadlines.cancelAll();
        return;
      default:
        assertNever(input);
    }
  }

  #begin(input: Extract<TimeInput, { readonly kind: "began" }>, now: MonotonicMs): void {
    const { reading, made, saved, keepsTime, maySet, ownCertificates } = input;
    this.#made = made;
    this.#floor.set(made, "made", now);
    if (saved) this.#floor.raise(saved.time, "saved", now);
    if (ownCertificates !== undefined) this.#floor.raise(ownCertificates, "certificate", now);
    this.#keepsTime = keepsTime;
    this.#wasTrusted = saved?.since === "trusted";
    this.#isRaised = saved?.since === "raised";
    this.#note(reading, now);
    this.#isTrusted = this.#deserves(reading, false, now);
    if (this.#isTrusted) this.#trust(reading.wall, now);
    else this.#distrust(reading, now);
    if (!this.#isTrusted && maySet) this.#raise(reading, now);
    this.#save(now);
    this.#deadlines.arm("look", after(now, this.#pace));
  }

  #read(reading: ClockReading, now: MonotonicMs): void {
    const step = this.#stepTo(reading.wall, now);
    const isSet = Math.abs(step) >= STEP;
    this.#note(reading, now);
    const was = this.#isTrusted;
    this.#isTrusted = this.#deserves(reading, isSet, now);
    if (isSet && was === this.#isTrusted) this.#tellStep(reading.wall, step);
    if (this.#isTrusted && (isSet || !was)) {
      if (!was) this.#tellTrust(reading, step);
      this.#trust(reading.wall, now);
      this.#save(now);
    } else if (was && !this.#isTrusted) {
      this.#distrust(reading, now);
    }
    this.#deadlines.arm("look", after(now, this.#pace));
  }

  /** Whether what the clock says can be believed. */
  #deserves({ wall, isSynchronised }: ClockReading, isSet: boolean, now: MonotonicMs): boolean {
    if (wall < this.#made) return false;
    // Only who may do anything on this machine sets its clock: an operator, or a program that asks time servers.
    if (this.#isTrusted || isSynchronised || isSet) return true;
    if (wall < this.#floor.earliest(now)) return false;
    return this.#wasTrusted || (this.#keepsTime && !this.#isRaised);
  }

  #trust(wall: WallClock, now: MonotonicMs): void {
    this.#wasTrusted = true;
    this.#floor.set(wall, "clock", now);
    this.#tellTime(now);
  }

  #distrust({ wall }: ClockReading, now: MonotonicMs): void {
    const earliest = this.#floor.earliest(now);
    const isBehind = wall < Math.max(this.#made, earliest);
    this.#wasTrusted = false;
    this.#reason = isBehind
      ? `it said ${formatTime(wall)}, and ${describeFloor(this.#floor.source, formatTime(earliest))}`
      : this.#isRaised
        ? "it was only set to the latest time that is known to have been"
        : "nothing on this machine keeps the time while it is off, and nothing has set it since it started";
    this.#tell(
      "FLEXSPOKE-4-CLOCK_UNTRUSTED",
      `the clock of this machine can't be trusted: ${this.#reason}; certificates are taken provisionally until a time server is reached or somebody sets it`,
      { clock: formatTime(wall), earliest: formatTime(earliest) },
    );
    this.#tellTime(now);
  }

  /** A clock that is behind what is known is set to that: others on the machine go by it too. */
  #raise({ wall }: ClockReading, now: MonotonicMs): void {
    const earliest = this.#floor.earliest(now);
    if (wall >= earliest) return;
    this.#isRaised = true;
    this.#last = { wall: earliest, at: now };
    this.#actions.push({ kind: "set-clock", time: earliest });
    this.#tell(
      "FLEXSPOKE-5-CLOCK_SET",
      `the clock was set to ${formatTime(earliest)}, the latest time that is known to have been; it said ${formatTime(wall)}`,
      { from: formatTime(wall), to: formatTime(earliest), by: "flexspoke" },
    );
  }

  #tellTrust({ wall, isSynchronised }: ClockReading, step: number): void {
    const how = isSynchronised ? "it is synchronised" : "somebody set it";
    const moved = Math.abs(step) >= STEP ? `, ${direction(step)}` : "";
    this.#tell(
      "FLEXSPOKE-5-CLOCK_TRUSTED",
      `the clock of this machine can be trusted now: ${how}${moved}, and says ${formatTime(wall)}`,
      { clock: formatTime(wall), moved: Math.round(step) / 1_000 },
    );
  }

  #tellStep(wall: WallClock, step: number): void {
    const to = formatTime(wall);
    const worth = this.#isTrusted ? "" : ", which can't be right";
    this.#tell(
      "FLEXSPOKE-5-CLOCK_SET",
      `the clock was set to ${to}, ${direction(step)}, by somebody else${worth}`,
      { to, from: formatTime((wall - step) as WallClock), by: "others" },
    );
  }

  #tellTime(now: MonotonicMs): void {
    const time = this.#floor.earliest(now);
    this.#actions.push({ kind: "time", time, isEarliest: !this.#isTrusted });
  }

  #look(now: MonotonicMs): void {
    this.#actions.push({ kind: "read-clock" });
    this.#deadlines.arm("look", after(now, this.#pace));
  }

  /** Whoever asked in vain before waits long for the next time. */
  #planToAsk(now: MonotonicMs): void {
    if (this.#isTrusted || this.#deadlines.at("ask") !== undefined) return;
    const soon = after(now, ASK.soon);
    const again = this.#askedAt === undefined ? soon : after(this.#askedAt, ASK.apart);
    this.#deadlines.arm("ask", Math.max(again, soon) as MonotonicMs);
  }

  #ask(now: MonotonicMs): void {
    if (this.#isTrusted) return;
    this.#askedAt = now;
    this.#actions.push({ kind: "ask-servers" });
  }

  #save(now: MonotonicMs): void {
    const since = this.#isTrusted ? "trusted" : this.#isRaised ? "raised" : undefined;
    this.#actions.push({
      kind: "save",
      time: this.#floor.earliest(now),
      ...(since === undefined ? {} : { since }),
    });
    this.#deadlines.arm("save", after(now, SAVE));
  }

  get #pace(): Duration {
    return this.#isTrusted ? LOOK.trusting : LOOK.waiting;
  }

  #note({ wall, isSynchronised }: ClockReading, now: MonotonicMs): void {
    this.#last = { wall, at: now };
    this.#isSynchronised = isSynchronised;
  }

  /** How far the clock was set since the last look, milliseconds; what both clocks moved together is no step. */
  #stepTo(wall: WallClock, now: MonotonicMs): number {
    const last = this.#last;
    return last ? wall - last.wall - elapsed(last.at, now) : 0;
  }

  #tell(mnemonic: MnemonicName, message: string, data: Readonly<Record<string, unknown>>): void {
    const severity = severityOf(mnemonic);
    const subjects = [clockSubject];
    this.#actions.push({
      kind: "event",
      event: { severity, mnemonic, message, data, subjects, cause: clockSubject },
    });
  }
}

const direction = (step: number): string =>
  `${lengthOf(Math.abs(step) as Duration)} ${step > 0 ? "forward" : "back"}`;

const lengthOf = (length: Duration): string =>
  length < 2 * DAY ? formatDuration(length) : `${Math.round(length / DAY)} days`;

const DAY = days(1);
