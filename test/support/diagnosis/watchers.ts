/**
 * Track objects, probes, dialers and names of a branch under diagnosis: the real engines, joined as the daemon joins them.
 * What the machine would answer them (a probe, a line, a name server) is the test's.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DialAction } from "#dial/actions.ts";
import { DialEngine } from "#dial/engine.ts";
import type { DialInput } from "#dial/inputs.ts";
import type { LineEnd, LineFacts, LineId } from "#dial/line.ts";
import type { FlexvpnAction } from "#flexvpn/actions.ts";
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { IpAddress } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { type DnsFault, dnsFault } from "#linux/dns/resolve.ts";
import type { SlaAction } from "#sla/actions.ts";
import { SlaEngine } from "#sla/engine.ts";
import type { SlaInput } from "#sla/inputs.ts";
import type { ProbeOutcome, ProbeRequest } from "#sla/probe.ts";
import type { EventDraft } from "#state/event.ts";
import type { TrackAction } from "#track/actions.ts";
import { TrackEngine } from "#track/engine.ts";
import type { TrackInput } from "#track/inputs.ts";

/** What the watchers need of the branch. */
export interface Watched {
  now(): MonotonicMs;
  /** Does it after what is being done now. */
  do(job: () => void): void;
  giveFlexvpn(input: FlexvpnInput): void;
  record(event: EventDraft): void;
}

export class Watchers {
  readonly track = new TrackEngine();
  readonly sla: SlaEngine;
  readonly dial: DialEngine;
  /** What name servers say about a name: addresses, or the error of getaddrinfo. */
  names: Readonly<Record<string, readonly IpAddress[] | "ENOTFOUND" | "EAI_AGAIN" | "ETIMEDOUT">> =
    {};
  /** What comes of a probe; every one is answered unless a test says otherwise. */
  probe: (request: ProbeRequest) => ProbeOutcome | undefined = ({ sequence }) => ({
    kind: "answered",
    sequence,
    rtt: 5,
  });
  /** What comes of dialling: a line, or its end; nothing when left out. */
  line: LineFacts | LineEnd | undefined;
  /** The program that dials does not end when it is told to. */
  isLineStuck = false;
  readonly #branch: Watched;

  constructor(branch: Watched, random: () => RandomSource) {
    this.#branch = branch;
    this.sla = new SlaEngine(random());
    this.dial = new DialEngine(random());
  }

  /** With what gives each engine its timeout. */
  get engines() {
    const timeout = { kind: "timeout" } as const;
    return [
      { engine: this.track, wake: () => this.giveTrack(timeout) },
      { engine: this.sla, wake: () => this.giveSla(timeout) },
      { engine: this.dial, wake: () => this.giveDial(timeout) },
    ];
  }

  configure({ track: tracks, sla: operations, dialers }: ResolvedConfig): void {
    this.giveTrack({ kind: "configure", tracks });
    this.giveSla({ kind: "configure", operations });
    this.giveDial({ kind: "configure", dialers });
    this.giveDial({ kind: "start" });
  }

  /** Nothing is looked at or dialled any more. */
  stop(): void {
    this.isLineStuck = false;
    this.giveDial({ kind: "shut-down", reason: "the test is over" });
    this.giveSla({ kind: "configure", operations: {} });
    this.giveTrack({ kind: "configure", tracks: {} });
  }

  /** Answers the client machine in the words of the real resolver. */
  resolve({ id, name, family }: Extract<FlexvpnAction, { kind: "resolve" }>): void {
    const answer = this.#answerAbout(name, family);
    if (answer.ok) {
      this.#branch.giveFlexvpn({ kind: "resolved", id, addresses: answer.value });
      return;
    }
    const { code, what, remedy } = answer.error;
    this.#branch.giveFlexvpn({ kind: "resolution-failed", id, message: what, code, remedy });
  }

  giveTrack(input: TrackInput): void {
    this.#branch.do(() => {
      for (const action of this.track.handle(input, this.#branch.now())) this.#performTrack(action);
    });
  }

  giveSla(input: SlaInput): void {
    this.#branch.do(() => {
      for (const action of this.sla.handle(input, this.#branch.now())) this.#performSla(action);
    });
  }

  giveDial(input: DialInput): void {
    this.#branch.do(() => {
      for (const action of this.dial.handle(input, this.#branch.now())) this.#performDial(action);
    });
  }

  #performTrack(action: TrackAction): void {
    if (action.kind === "event") this.#branch.record(action.event);
    if (action.kind !== "track-changed") return;
    this.#branch.giveFlexvpn(action);
    this.giveDial(action);
  }

  #performSla(action: SlaAction): void {
    if (action.kind === "event") this.#branch.record(action.event);
    if (action.kind === "return-code-changed") {
      const { operation, code, subject } = action;
      this.giveTrack({ kind: "sla-result", operation, code, cause: subject });
    }
    if (action.kind !== "probe") return;
    const outcome = this.probe(action);
    if (outcome) this.giveSla({ kind: "probe-result", id: action.id, outcome });
  }

  #performDial(action: DialAction): void {
    switch (action.kind) {
      case "event":
        this.#branch.record(action.event);
        break;
      case "dialer-changed":
        this.#branch.giveFlexvpn(action);
        break;
      case "dial":
        this.#dialled(action.line);
        break;
      case "hang-up":
      case "kill":
        if (!this.isLineStuck)
          this.giveDial({ kind: "line-ended", line: action.line, end: HUNG_UP });
        break;
      case "reset":
        this.giveDial({ kind: "line-ended", line: action.line, end: DONE });
        break;
      default:
        break;
    }
  }

  #dialled(line: LineId): void {
    const { line: what } = this;
    if (what === undefined) return;
    if ("code" in what) this.giveDial({ kind: "line-ended", line, end: what });
    else this.giveDial({ kind: "line-up", line, facts: what });
  }

  #answerAbout(
    name: string,
    family: "ipv4" | "ipv6" | "dynamic",
  ): Result<readonly IpAddress[], DnsFault> {
    const known = this.names[name] ?? "ENOTFOUND";
    const question = { name, family, timeout: 5_000 as Duration };
    if (typeof known === "string") return failed(dnsFault(question, known));
    const fits = known.filter(
      (address) => family === "dynamic" || address.includes(":") === (family === "ipv6"),
    );
    return fits.length > 0 ? ok(fits) : failed(dnsFault(question, "ENOTFOUND"));
  }
}

const HUNG_UP: LineEnd = { code: "dial.terminated", message: "hung up" };
const DONE: LineEnd = { code: "dial.done", message: "done" };
