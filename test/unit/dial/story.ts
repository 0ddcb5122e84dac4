import type { DialLine, ResolvedDialer } from "#config/resolved-dialer.ts";
import type { DialAction } from "#dial/actions.ts";
import type { DialerView } from "#dial/dialer-view.ts";
import { DialEngine } from "#dial/engine.ts";
import type { DialInput } from "#dial/inputs.ts";
import type { LineEnd, LineFacts, LineId } from "#dial/line.ts";
import { type MonotonicMs, minutes, seconds } from "#lib/duration.ts";
import type { EventDraft } from "#state/event.ts";
import { SeededRandom } from "#test/support/seeded-random.ts";

const pppd: DialLine = { kind: "pppd", peer: "lte" };
export const modem: DialLine = { kind: "modem-manager", modem: "any", apn: "internet" };

export function dialer(changes: Partial<ResolvedDialer> = {}): ResolvedDialer {
  return {
    name: "lte",
    line: pppd,
    interface: "ppp-lte",
    idle: minutes(5),
    timeout: seconds(60),
    backoff: { initial: seconds(5), max: minutes(5) },
    metric: 4096,
    ...changes,
  };
}

export const refused: LineEnd = {
  code: "dial.authentication-failed",
  message: "authentication failed",
  remedy: "correct user name and password",
  isModemFault: false,
};
export const dropped: LineEnd = { code: "dial.modem-hang-up", message: "the modem hung up" };
export const gone: LineEnd = { code: "dial.terminated", message: "hung up" };
export const silent: LineEnd = {
  code: "dial.no-port",
  message: "the modem does not answer",
  isModemFault: true,
};
export const finished: LineEnd = { code: "dial.done", message: "done" };
const facts: LineFacts = { interface: "ppp-lte", addresses: ["100.64.3.9"] };

type ActionOf<Kind extends DialAction["kind"]> = Extract<DialAction, { kind: Kind }>;

/** The dial engine with a clock that only the test moves, and a list of the runs that are not over. */
export class Story {
  readonly engine: DialEngine;
  now = 0 as MonotonicMs;
  readonly log: DialAction[] = [];
  /** When each of them was. */
  readonly times: number[] = [];
  /** Runs that began and did not end, with the dialer they are for. */
  readonly running = new Map<LineId, string>();

  constructor(seed = 1) {
    this.engine = new DialEngine(new SeededRandom(seed).bytes);
  }

  /** A story in which these dialers are configured and may dial. */
  static of(...dialers: readonly ResolvedDialer[]): Story {
    const story = new Story();
    story.configure(...dialers);
    story.give({ kind: "start" });
    return story;
  }

  configure(...dialers: readonly ResolvedDialer[]): void {
    const byName = Object.fromEntries(dialers.map((each) => [each.name, each]));
    this.give({ kind: "configure", dialers: byName });
  }

  give(input: DialInput): readonly DialAction[] {
    if (input.kind === "line-ended") this.running.delete(input.line);
    const actions = this.engine.handle(input, this.now);
    this.log.push(...actions);
    this.times.push(...actions.map(() => this.now));
    for (const action of actions)
      if (action.kind === "dial" || action.kind === "reset" || action.kind === "recover")
        this.running.set(action.line, action.dialer.name);
    return actions;
  }

  demand(wanted = true, client = "hq", name = "lte"): readonly DialAction[] {
    return this.give({ kind: "demand", client, dialer: name, wanted });
  }

  track(state: "up" | "down", object = "primary"): readonly DialAction[] {
    return this.give({ kind: "track-changed", object, state });
  }

  /** The newest run comes up. */
  up(): readonly DialAction[] {
    return this.give({ kind: "line-up", line: this.line, facts });
  }

  /** The newest run that goes on ends. */
  end(end: LineEnd): readonly DialAction[] {
    return this.give({ kind: "line-ended", line: this.line, end });
  }

  /** Lets time pass, firing timers when they are due. */
  pass(duration: number): void {
    const end = this.now + duration;
    for (let at = this.engine.nextTimeout(); at !== undefined && at <= end; ) {
      this.now = Math.max(this.now, at) as MonotonicMs;
      this.give({ kind: "timeout" });
      at = this.engine.nextTimeout();
    }
    this.now = end as MonotonicMs;
  }

  /** The newest run that is not over. */
  get line(): LineId {
    const line = [...this.running.keys()].at(-1);
    if (line === undefined) throw new Error("nothing runs");
    return line;
  }

  all<Kind extends DialAction["kind"]>(kind: Kind): readonly ActionOf<Kind>[] {
    return this.log.filter((action): action is ActionOf<Kind> => action.kind === kind);
  }

  get view(): DialerView {
    const [view] = this.engine.views(this.now);
    if (!view) throw new Error("no dialer");
    return view;
  }

  get status(): DialerView["status"] {
    return this.view.status;
  }

  get events(): readonly EventDraft[] {
    return this.all("event").map(({ event }) => event);
  }

  get mnemonics(): readonly string[] {
    return this.events.map(({ mnemonic }) => mnemonic);
  }
}
