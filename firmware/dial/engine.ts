/**
 * All dialers of the configuration as one engine: hands inputs to the dialer they are for, numbers runs, remembers what
 * track objects and clients last said. It decides nothing; `dialer-moves.ts` does.
 */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import { assertNever } from "#lib/assert-never.ts";
import { earliest } from "#lib/deadlines.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { Engine, RandomSource } from "#lib/engine.ts";
import type { EventSubject } from "#state/event.ts";
import type { DialAction } from "./actions.ts";
import { Dialer } from "./dialer.ts";
import type { DialerView } from "./dialer-view.ts";
import type { DialInput } from "./inputs.ts";
import type { LineId } from "./line.ts";

interface TrackFact {
  readonly state: "up" | "down";
  readonly cause: EventSubject | undefined;
}

/** The dialers. Not reentrant: what an action brings about is a later input. */
export class DialEngine implements Engine<DialInput, DialAction> {
  readonly #random: RandomSource;
  readonly #dialers = new Map<string, Dialer>();
  readonly #configs = new Map<string, ResolvedDialer>();
  /** Gone from the configuration, and not yet hung up. */
  readonly #retired = new Map<string, Dialer>();
  /** Clients by the dialer they want, of dialers that are not configured too. */
  readonly #demands = new Map<string, Set<string>>();
  readonly #tracks = new Map<string, TrackFact>();
  #isStarted = false;
  #lastLine = 0;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** True when nothing runs for any dialer. */
  get isQuiet(): boolean {
    return this.#all().every((dialer) => dialer.isQuiet);
  }

  handle(input: DialInput, now: MonotonicMs): readonly DialAction[] {
    this.#take(input, now);
    const actions = this.#all().flatMap((dialer) => dialer.drain());
    for (const [name, dialer] of this.#retired) if (dialer.isQuiet) this.#retired.delete(name);
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    return earliest(...this.#all().map((dialer) => dialer.nextTimeout()));
  }

  /** What each dialer is doing, in the order of the configuration. */
  views(now: MonotonicMs): readonly DialerView[] {
    return [...this.#dialers.values()].map((dialer) => dialer.view(now));
  }

  /** Overwrites every password that the engine was given; it can't dial after this. */
  wipe(): void {
    for (const config of this.#configs.values()) wipePassword(config);
  }

  #take(input: DialInput, now: MonotonicMs): void {
    switch (input.kind) {
      case "configure":
        this.#configure(input.dialers, now);
        return;
      case "leftover":
        this.#dialers.get(input.dialer)?.take({ on: "leftover" }, now);
        return;
      case "start":
        this.#isStarted = true;
        for (const dialer of this.#dialers.values()) dialer.start(now);
        return;
      case "demand":
        this.#demand(input, now);
        return;
      case "track-changed":
        this.#tracks.set(input.object, { state: input.state, cause: input.cause });
        for (const name of this.#dialers.keys()) this.#tellTrack(name, input.object, now);
        return;
      case "line-up": {
        const { line, facts } = input;
        this.#user(line)?.take({ on: "line-up", line, facts }, now);
        return;
      }
      case "line-ended": {
        const { line, end } = input;
        this.#user(line)?.take({ on: "line-ended", line, end }, now);
        return;
      }
      case "shut-down":
        this.#isStarted = false;
        for (const dialer of this.#all()) dialer.shutDown(input.reason, now);
        return;
      case "timeout":
        for (const dialer of this.#all()) dialer.timeout(now);
        return;
      default:
        assertNever(input);
    }
  }

  #configure(dialers: Readonly<Record<string, ResolvedDialer>>, now: MonotonicMs): void {
    const before = new Map(this.#dialers);
    const replaced = [...this.#configs.values()];
    this.#dialers.clear();
    this.#configs.clear();
    for (const config of Object.values(dialers)) {
      const known = before.get(config.name) ?? this.#retired.get(config.name);
      if (this.#retired.delete(config.name)) known?.revive(now);
      known?.reconfigure(config, now);
      this.#dialers.set(config.name, known ?? this.#add(config, now));
      this.#configs.set(config.name, config);
      before.delete(config.name);
      this.#tellTrack(config.name, trackOf(config), now);
    }
    for (const [name, dialer] of before) {
      dialer.remove(now);
      this.#retired.set(name, dialer);
    }
    const kept = new Set(this.#configs.values());
    for (const config of replaced) if (!kept.has(config)) wipePassword(config);
  }

  #add(config: ResolvedDialer, now: MonotonicMs): Dialer {
    const dialer = new Dialer(config, this.#random, () => ++this.#lastLine as LineId, now);
    for (const client of this.#demands.get(config.name) ?? []) dialer.demand(client, true, now);
    if (this.#isStarted) dialer.start(now);
    return dialer;
  }

  #demand(input: Extract<DialInput, { kind: "demand" }>, now: MonotonicMs): void {
    const { client, dialer, wanted } = input;
    const clients = this.#demands.get(dialer) ?? new Set();
    if (wanted) clients.add(client);
    else clients.delete(client);
    this.#demands.set(dialer, clients);
    this.#dialers.get(dialer)?.demand(client, wanted, now);
  }

  /** Tells a dialer of a track object when it is the one it names, or that it names none any more. */
  #tellTrack(name: string, object: string | undefined, now: MonotonicMs): void {
    const wanted = trackOf(this.#configs.get(name));
    if (wanted !== object) return;
    const fact = object === undefined ? undefined : this.#tracks.get(object);
    this.#dialers.get(name)?.track(fact?.state, fact?.cause, now);
  }

  #all(): readonly Dialer[] {
    return [...this.#dialers.values(), ...this.#retired.values()];
  }

  #user(line: LineId): Dialer | undefined {
    return this.#all().find((dialer) => dialer.lines.includes(line));
  }
}

/** What dials already has taken its copy. */
function wipePassword({ line }: ResolvedDialer): void {
  if (line.kind === "pppoe") line.password.wipe();
}

/** The track object whose state may demand a line. */
function trackOf(config: ResolvedDialer | undefined): string | undefined {
  const demand = config?.demand;
  return typeof demand === "object" ? demand.track : undefined;
}
