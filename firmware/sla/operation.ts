/**
 * One IP SLA operation: when it runs, which run is under way, what its results were. It sends nothing and knows no other
 * operation; `engine.ts` wakes it. Source: IOS `ip sla`, timing rule threshold <= timeout <= frequency.
 */
import type { ResolvedSla } from "#config/resolved-sla.ts";
import { after, type Duration, formatDuration, type MonotonicMs } from "#lib/duration.ts";
import type { SlaAction } from "./actions.ts";
import { EventAllowance } from "./event-allowance.ts";
import { PacketSeries } from "./packet-series.ts";
import type { ProbeId, ProbeOutcome } from "./probe.ts";
import { ResultHistory } from "./result-history.ts";
import { isReachable, type SlaReturnCode } from "./return-code.ts";
import { type CodeChange, codeChanged } from "./sla-events.ts";
import { SlaStatistics } from "./statistics.ts";
import { targetText } from "./target-text.ts";

/** What an operation shares with the others. */
export interface OperationContext {
  /** @returns a number from 0 up to but not including 1. */
  readonly chance: () => number;
  readonly nextId: () => ProbeId;
  /** For events that say no more than that a probe works; shared, since all of them may say so at once. */
  readonly firstResults: EventAllowance;
}

interface Run {
  readonly id: ProbeId;
  readonly startedAt: MonotonicMs;
  readonly timeoutAt: MonotonicMs;
  readonly packets: PacketSeries;
}

type Failure = Extract<ProbeOutcome, { kind: "failed" }>;

export class SlaOperationState {
  readonly statistics = new SlaStatistics();
  readonly history = new ResultHistory();
  readonly #context: OperationContext;
  readonly #events = new EventAllowance(EVENTS_AT_ONCE);
  #config: ResolvedSla;
  #code: SlaReturnCode = "unknown";
  #since: MonotonicMs;
  #nextStart: MonotonicMs;
  /** The first run comes soon; the second sets the phase that all later ones keep. */
  #isFirstRun = true;
  #run: Run | undefined;
  #startedAt: MonotonicMs | undefined;
  #lastRtt: number | undefined;
  #failure: Failure | undefined;
  /** What was known of another target that this operation had before. */
  #inherited: string | undefined;

  constructor(config: ResolvedSla, context: OperationContext, now: MonotonicMs) {
    this.#config = config;
    this.#context = context;
    this.#since = now;
    this.#nextStart = this.#soon(now);
  }

  get config(): ResolvedSla {
    return this.#config;
  }

  get code(): SlaReturnCode {
    return this.#code;
  }

  get since(): MonotonicMs {
    return this.#since;
  }

  /** Start of the latest run. */
  get startedAt(): MonotonicMs | undefined {
    return this.#startedAt;
  }

  /** Run that answers are waited for. */
  get runId(): ProbeId | undefined {
    return this.#run?.id;
  }

  /** Why the code is what it is, one sentence without a full stop. */
  get reason(): string {
    const { operation, timeout, threshold } = this.#config;
    if (this.#inherited !== undefined) return this.#inherited;
    switch (this.#code) {
      case "unknown":
        return "no result yet";
      case "ok":
        return `${targetText(operation)} answered in ${milliseconds(this.#lastRtt)}`;
      case "over-threshold":
        return `${targetText(operation)} answered in ${milliseconds(this.#lastRtt)}, later than ${formatDuration(threshold)}`;
      case "timeout":
        return `no answer from ${targetText(operation)} within ${formatDuration(timeout)}`;
      default:
        return this.#failure?.reason ?? "it failed";
    }
  }

  /** When something is to be done next. */
  get deadline(): MonotonicMs {
    if (!this.#run) return this.#nextStart;
    const packet = this.#nextPacketAt(this.#run);
    return packet !== undefined && packet < this.#run.timeoutAt ? packet : this.#run.timeoutAt;
  }

  /**
   * Goes on with other settings. Results stay where only the times changed; for another target they are the old one's,
   * and only the return code is kept, until the new target's first result: a reload alone makes no track fall.
   * @returns the state to go on with.
   */
  reconfigured(config: ResolvedSla, isSameTarget: boolean, now: MonotonicMs): SlaOperationState {
    if (isSameTarget) {
      this.#config = config;
      this.#nextStart = this.#soon(now);
      this.#isFirstRun = true;
      return this;
    }
    const fresh = new SlaOperationState(config, this.#context, now);
    fresh.#code = this.#code;
    fresh.#since = this.#since;
    fresh.#inherited = `${this.reason}, before the configuration changed`;
    return fresh;
  }

  /** Does what is due. @returns false when nothing was: `deadline` is still to come. */
  wake(now: MonotonicMs, out: SlaAction[]): boolean {
    const run = this.#run;
    if (!run) {
      if (this.#nextStart > now + this.#leeway) return false;
      this.#start(now, out);
      return true;
    }
    if (run.timeoutAt <= now) {
      this.#end(now, out);
      return true;
    }
    const packet = this.#nextPacketAt(run);
    if (packet === undefined || packet > now) return false;
    this.#send(run, now, out);
    return true;
  }

  /** Takes what came of a packet of the run under way. */
  take(outcome: ProbeOutcome, now: MonotonicMs, out: SlaAction[]): void {
    const run = this.#run;
    if (!run) return;
    if (outcome.kind === "failed") {
      // Some packets got through: this one counts as lost.
      if (run.packets.received > 0) return;
      this.#end(now, out, outcome);
      return;
    }
    const { sequence, rtt } = outcome;
    // Read late is not late: what arrived in time counts, whatever kept this process busy.
    const sentAt = run.startedAt + sequence * this.#interval;
    if (sentAt + rtt > run.timeoutAt) return;
    if (run.packets.answered(sequence, rtt) && run.packets.isComplete) this.#end(now, out);
  }

  /** Lets go of the run under way, when the operation is removed. */
  drop(out: SlaAction[]): void {
    if (this.#run) out.push({ kind: "abandon", id: this.#run.id });
    this.#run = undefined;
  }

  #start(now: MonotonicMs, out: SlaAction[]): void {
    const { frequency, timeout, operation } = this.#config;
    const packets = "packets" in operation ? operation.packets : 1;
    const run: Run = {
      id: this.#context.nextId(),
      startedAt: now,
      timeoutAt: after(now, timeout),
      packets: new PacketSeries(packets),
    };
    this.#run = run;
    this.#startedAt = now;
    const step = this.#isFirstRun ? frequency * (0.5 + this.#context.chance() / 2) : frequency;
    this.#isFirstRun = false;
    const next = this.#nextStart + step;
    // After a pause of the machine what was missed is not made up for; the phase is kept.
    const missed = Math.max(0, Math.ceil((now - next) / frequency));
    this.#nextStart = (next + missed * frequency) as MonotonicMs;
    this.#send(run, now, out);
  }

  #send(run: Run, now: MonotonicMs, out: SlaAction[]): void {
    const { operation, sourceInterface } = this.#config;
    out.push({
      kind: "probe",
      id: run.id,
      sequence: run.packets.sent++,
      operation,
      ...(sourceInterface !== undefined && { sourceInterface }),
      timeout: (run.timeoutAt - now) as Duration,
    });
  }

  #end(now: MonotonicMs, out: SlaAction[], failure?: Failure): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    const { packets } = run;
    const rtt = failure ? undefined : packets.mean;
    const code = failure?.code ?? this.#judge(rtt);
    const isSuccess = isReachable(code);
    if (!packets.isComplete) out.push({ kind: "abandon", id: run.id });
    const { sent, received, jitter } = packets;
    this.statistics.add({
      sent,
      received,
      isSuccess,
      ...(rtt !== undefined && { rtt }),
      ...(jitter !== undefined && { jitter }),
    });
    this.history.add(now, code, rtt, isSuccess);
    this.#lastRtt = rtt;
    this.#inherited = undefined;
    this.#failure = failure;
    if (code !== this.#code) this.#change(code, now, out);
  }

  #judge(rtt: number | undefined): SlaReturnCode {
    if (rtt === undefined) return "timeout";
    return rtt > this.#config.threshold ? "over-threshold" : "ok";
  }

  #change(code: SlaReturnCode, now: MonotonicMs, out: SlaAction[]): void {
    const from = this.#code;
    this.#code = code;
    this.#since = now;
    const change: CodeChange = {
      operation: this.#config.name,
      from,
      to: code,
      reason: this.reason,
      ...(this.#lastRtt !== undefined && { rtt: this.#lastRtt }),
      ...(this.#failure?.interface !== undefined && { interface: this.#failure.interface }),
    };
    const isNoNews = from === "unknown" && isReachable(code);
    const withheld = (isNoNews ? this.#context.firstResults : this.#events).take(now);
    out.push(...codeChanged(change, withheld));
  }

  /** A moment within the first second: the result is wanted soon, but not from all operations at once. */
  #soon(now: MonotonicMs): MonotonicMs {
    const spread = Math.min(this.#config.frequency, FIRST_SPREAD_MS);
    return (now + this.#context.chance() * spread) as MonotonicMs;
  }

  #nextPacketAt({ packets, startedAt }: Run): MonotonicMs | undefined {
    const { operation } = this.#config;
    if (!("packets" in operation) || packets.sent >= operation.packets) return undefined;
    return (startedAt + packets.sent * this.#interval) as MonotonicMs;
  }

  get #interval(): number {
    const { operation } = this.#config;
    return "interval" in operation ? operation.interval : 0;
  }

  /** A run may start this much early, milliseconds, so that one waking serves several operations. */
  get #leeway(): number {
    return Math.min(MOST_LEEWAY_MS, this.#config.frequency / 40);
  }
}

function milliseconds(rtt: number | undefined): string {
  if (rtt === undefined) return "no time";
  const digits = rtt < 1 ? 2 : rtt < 10 ? 1 : 0;
  return `${rtt.toFixed(digits)} ms`;
}

/** The most that an operation starts before its time, milliseconds. */
export const MOST_LEEWAY_MS = 25;
const FIRST_SPREAD_MS = 1_000;
/** A failover and a return cause four; more in short order is flapping. */
const EVENTS_AT_ONCE = 6;
