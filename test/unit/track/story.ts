import { parseBoolean } from "#config/boolean-syntax.ts";
import type { ResolvedTrack, TrackState, TrackTest } from "#config/resolved-track.ts";
import { type Duration, type MonotonicMs, seconds } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import type { InterfaceAddress, Prefix } from "#lib/ip.ts";
import type { SlaReturnCode } from "#sla/return-code.ts";
import type { EventDraft, EventSubject } from "#state/event.ts";
import type { TrackAction } from "#track/actions.ts";
import { TrackEngine } from "#track/engine.ts";
import type { RouteFact, ScriptOutcome, ScriptRun, TrackInput } from "#track/inputs.ts";
import type { TrackView } from "#track/track-view.ts";

type Delays = Partial<Record<TrackState, Duration>>;

export function track(name: string, test: TrackTest, delay: Delays = {}): ResolvedTrack {
  return { name, test, delay: { up: seconds(0), down: seconds(0), ...delay } };
}

export const stub = (name: string, initial: TrackState = "down", delay?: Delays) =>
  track(name, { kind: "stub", initial }, delay);

export function boolean(name: string, text: string, delay?: Delays): ResolvedTrack {
  const parsed = parseBoolean(text);
  invariant(parsed.ok, `an expression, but: ${text}`);
  return track(name, { kind: "boolean", expression: parsed.value, text }, delay);
}

export const lineProtocol = (name: string, device: string, delay?: Delays) =>
  track(name, { kind: "interface", interface: device, check: "line-protocol" }, delay);

export const route = (name: string, prefix: string, delay?: Delays) =>
  track(name, { kind: "route", prefix: prefix as Prefix, check: "reachability" }, delay);

export const sla = (
  name: string,
  operation: string,
  check: "reachability" | "state" = "reachability",
  delay?: Delays,
) => track(name, { kind: "sla", operation, check }, delay);

export const script = (name: string) =>
  track(name, {
    kind: "script",
    argv: ["/bin/check", "it"],
    frequency: seconds(30),
    timeout: seconds(10),
  });

/** The track engine with a clock that only the test moves. */
export class TrackStory {
  readonly engine = new TrackEngine();
  now = 0 as MonotonicMs;
  /** All actions so far. */
  readonly log: TrackAction[] = [];

  static of(...tracks: readonly ResolvedTrack[]): TrackStory {
    const story = new TrackStory();
    story.configure(...tracks);
    return story;
  }

  give(input: TrackInput): readonly TrackAction[] {
    const actions = this.engine.handle(input, this.now);
    this.log.push(...actions);
    return actions;
  }

  configure(...tracks: readonly ResolvedTrack[]): readonly TrackAction[] {
    return this.give({
      kind: "configure",
      tracks: Object.fromEntries(tracks.map((each) => [each.name, each])),
    });
  }

  /** Lets time pass, waking the engine whenever it asks to be. */
  pass(time: Duration): void {
    const end = (this.now + time) as MonotonicMs;
    for (let next = this.engine.nextTimeout(); next !== undefined && next <= end; ) {
      this.now = Math.max(this.now, next) as MonotonicMs;
      this.give({ kind: "timeout" });
      next = this.engine.nextTimeout();
    }
    this.now = end;
  }

  set(object: string, state: TrackState): readonly TrackAction[] {
    return this.give({ kind: "set-stub", object, state, by: "command line" });
  }

  link(name: string, isUp: boolean, addresses: readonly string[] = []): readonly TrackAction[] {
    return this.give({
      kind: "interface-changed",
      name,
      isUp,
      addresses: addresses as readonly InterfaceAddress[],
      cause: `interface:${name}` as EventSubject,
    });
  }

  routed(prefix: string, fact?: Partial<RouteFact>): readonly TrackAction[] {
    const whole = { metric: 0, isConnected: false, ...fact };
    return this.give({
      kind: "route-changed",
      prefix: prefix as Prefix,
      ...(fact && { route: whole }),
    });
  }

  result(operation: string, code: SlaReturnCode): readonly TrackAction[] {
    const cause = `sla:${operation}` as EventSubject;
    return this.give({ kind: "sla-result", operation, code, cause });
  }

  /** Ends the run that the engine asked for last. */
  ran(outcome: ScriptOutcome): readonly TrackAction[] {
    return this.give({ kind: "script-result", run: this.run, outcome });
  }

  get run(): ScriptRun {
    const last = this.log.filter((action) => action.kind === "run-script").at(-1);
    invariant(last, "a script was to run");
    return last.run;
  }

  view(name: string): TrackView {
    const view = this.engine.views().find((each) => each.name === name);
    invariant(view, `an object ${name}`);
    return view;
  }

  state(name: string): TrackState {
    return this.view(name).state;
  }

  /** Reports so far, `wan0-up up`. */
  get reports(): readonly string[] {
    return reportsIn(this.log);
  }

  get events(): readonly EventDraft[] {
    return this.log.flatMap((action) => (action.kind === "event" ? [action.event] : []));
  }
}

/** The reports among actions, `wan0-up up`. */
export function reportsIn(actions: readonly TrackAction[]): readonly string[] {
  return actions.flatMap((action) =>
    action.kind === "track-changed" ? [`${action.object} ${action.state}`] : [],
  );
}
