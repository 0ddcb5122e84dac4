/**
 * All track objects of the configuration as one engine: takes facts, looks again at the objects they concern and at those
 * made of them, reports what changed. It reads no interface, no route and no clock, and starts no process.
 * Source: IOS track N; reference/flexvpn-client.md 2.
 */
import type { ResolvedTrack, TrackTest } from "#config/resolved-track.ts";
import { assertNever } from "#lib/assert-never.ts";
import { DeadlineHeap } from "#lib/deadline-heap.ts";
import { earliest } from "#lib/deadlines.ts";
import { after, type Duration, type MonotonicMs, seconds } from "#lib/duration.ts";
import type { Engine } from "#lib/engine.ts";
import { invariant } from "#lib/invariant.ts";
import { daemonSubject, type EventSubject, trackSubject } from "#state/event.ts";
import type { TrackAction } from "./actions.ts";
import { stateEvent, stubEvent } from "./events.ts";
import { Facts } from "./facts.ts";
import { Graph } from "./graph.ts";
import type { TrackInput } from "./inputs.ts";
import { ScriptSchedule } from "./script-schedule.ts";
import { type TrackChange, TrackObject } from "./track-object.ts";
import { type TrackView, trackView } from "./track-view.ts";
import { WorkList } from "./work-list.ts";

type Of<Kind extends TrackInput["kind"]> = Extract<TrackInput, { kind: Kind }>;

/** The track objects. Not reentrant: what an action brings about is a later input. */
export class TrackEngine implements Engine<TrackInput, TrackAction> {
  readonly #facts = new Facts();
  #objects = new Map<string, TrackObject>();
  #graph = new Graph({});
  /** Names of objects by what they look at; see `factOf`. */
  readonly #watchers = new Map<string, string[]>();
  #work = new WorkList(() => 0);
  /** Ends of delays. */
  readonly #delays = new DeadlineHeap<string>();
  readonly #scripts = new ScriptSchedule();
  /** Objects that nobody was told of, because nothing was seen of what they look at; when they are told of as down. */
  readonly #unreported = new Set<string>();
  #reportAt: MonotonicMs | undefined;
  #actions: TrackAction[] = [];

  handle(input: TrackInput, now: MonotonicMs): readonly TrackAction[] {
    // What has held for its delay is reported even when the input that comes late would undo it.
    this.#due(now);
    this.#settle(now);
    this.#take(input, now);
    this.#settle(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    return earliest(this.#delays.first()?.at, this.#scripts.next(), this.#reportAt);
  }

  /** Every object as it stands, in the order of the configuration. */
  views(): readonly TrackView[] {
    return [...this.#objects.values()].map((object) =>
      trackView(object, this.#graph.dependentsOf(object.config.name)),
    );
  }

  /** What an object looks at; undefined when there is none of that name. */
  testOf(name: string): TrackTest | undefined {
    return this.#objects.get(name)?.config.test;
  }

  #take(input: TrackInput, now: MonotonicMs): void {
    switch (input.kind) {
      case "configure":
        this.#configure(input.tracks, now);
        break;
      case "interface-changed":
        this.#interfaceChanged(input);
        break;
      case "route-changed":
        this.#facts.prefixes.set(input.prefix, input);
        this.#touch(`route ${input.prefix}`, input.cause);
        break;
      case "sla-result":
        this.#facts.operations.set(input.operation, input.code);
        this.#touch(`sla ${input.operation}`, input.cause);
        break;
      case "script-result":
        this.#scriptEnded(input, now);
        break;
      case "set-stub":
        this.#setStub(input);
        break;
      case "timeout":
        break;
      default:
        assertNever(input);
    }
  }

  #configure(tracks: Readonly<Record<string, ResolvedTrack>>, now: MonotonicMs): void {
    const before = this.#objects;
    this.#objects = new Map();
    this.#graph = new Graph(tracks);
    this.#work = new WorkList((name) => this.#graph.rankOf(name));
    for (const config of Object.values(tracks)) {
      const known = before.get(config.name);
      const isSame = known && JSON.stringify(known.config) === JSON.stringify(config);
      if (isSame) before.delete(config.name);
      this.#objects.set(config.name, isSame ? known : new TrackObject(config, now));
      this.#work.add(config.name, daemonSubject);
    }
    for (const gone of before.values()) this.#drop(gone);
    for (const { config, isBegun } of this.#objects.values())
      if (!isBegun && config.test.kind === "script")
        this.#scripts.add(config.name, config.test, now);
    this.#watch();
  }

  /** Nobody tells of a prefix that no object looks at: what was known of it would grow old. */
  #watch(): void {
    this.#watchers.clear();
    for (const { config } of this.#objects.values()) {
      const fact = factOf(config.test);
      const names = this.#watchers.get(fact ?? "") ?? [];
      names.push(config.name);
      if (fact !== undefined) this.#watchers.set(fact, names);
    }
    for (const prefix of this.#facts.prefixes.keys())
      if (!this.#watchers.has(`route ${prefix}`)) this.#facts.prefixes.delete(prefix);
  }

  #drop({ config: { name }, delayEnd }: TrackObject): void {
    this.#delays.cancel(delayEnd);
    this.#actions.push(...this.#scripts.remove(name));
    this.#facts.forget(name);
    this.#isTold(name);
  }

  #interfaceChanged({ name, isUp, addresses, cause }: Of<"interface-changed">): void {
    this.#facts.interfaces.set(name, { isUp, addresses });
    this.#touch(`interface ${name}`, cause);
  }

  #scriptEnded({ run, outcome }: Of<"script-result">, now: MonotonicMs): void {
    const object = this.#scripts.end(run, now);
    if (object === undefined) return;
    this.#facts.scripts.set(object, outcome);
    this.#work.add(object);
  }

  #setStub({ object, state, by }: Of<"set-stub">): void {
    if (this.testOf(object)?.kind !== "stub") return;
    this.#facts.stubs.set(object, { state, by });
    this.#actions.push({ kind: "event", event: stubEvent(object, state, by) });
    this.#work.add(object, trackSubject(object));
  }

  #due(now: MonotonicMs): void {
    for (let end = this.#delays.first(); end && end.at <= now; end = this.#delays.first()) {
      this.#delays.cancel(end);
      this.#work.add(end.owner);
    }
    this.#actions.push(...this.#scripts.startDue(now));
    if (this.#reportAt === undefined || this.#reportAt > now) return;
    this.#reportAt = undefined;
    for (const name of [...this.#unreported]) this.#report(this.#object(name));
  }

  #settle(now: MonotonicMs): void {
    this.#work.run(({ name, causes }) => this.#look(this.#object(name), causes, now));
  }

  #touch(fact: string, cause: EventSubject | undefined): void {
    for (const name of this.#watchers.get(fact) ?? []) this.#work.add(name, cause);
  }

  #look(object: TrackObject, causes: readonly EventSubject[], now: MonotonicMs): void {
    const { name } = object.config;
    if (!object.isBegun) {
      object.begin(this.#judge(object));
      if (object.isKnown) this.#report(object);
      else this.#holdBack(name, now);
      return;
    }
    const wasKnown = object.isKnown;
    const change = object.take(this.#judge(object), causes, now);
    if (object.pending) this.#delays.arm(object.delayEnd, object.pending.at);
    else this.#delays.cancel(object.delayEnd);
    if (change) this.#changed(object, change);
    // Whether those made of it are known depends on it even when its state stays.
    else if (object.isKnown !== wasKnown) {
      if (this.#unreported.has(name)) this.#report(object);
      this.#touchDependents(name);
    }
  }

  /** A first result is on its way: those who follow the object had better not begin with a state that is none. */
  #holdBack(name: string, now: MonotonicMs): void {
    this.#unreported.add(name);
    this.#reportAt ??= after(now, FIRST_RESULT);
  }

  #changed(object: TrackObject, change: TrackChange): void {
    this.#actions.push({ kind: "event", event: stateEvent(object.config, change) });
    this.#report(object);
    this.#touchDependents(object.config.name, trackSubject(object.config.name));
  }

  #touchDependents(name: string, cause?: EventSubject): void {
    for (const dependent of this.#graph.dependentsOf(name)) this.#work.add(dependent, cause);
  }

  #isTold(name: string): void {
    this.#unreported.delete(name);
    if (this.#unreported.size === 0) this.#reportAt = undefined;
  }

  #report({ config: { name }, state }: TrackObject): void {
    this.#isTold(name);
    this.#actions.push({ kind: "track-changed", object: name, state, cause: trackSubject(name) });
  }

  #judge(object: TrackObject) {
    const members = (name: string) => this.#object(name);
    return this.#facts.judge(object.config, members, object.verdict.isUp);
  }

  #object(name: string): TrackObject {
    const object = this.#objects.get(name);
    invariant(object, `no track object ${name}: references were checked`);
    return object;
  }
}

/** What an object's verdict hangs on beside other objects; undefined for those that have nothing else. */
function factOf(test: TrackTest): string | undefined {
  switch (test.kind) {
    case "interface":
      return `interface ${test.interface}`;
    case "route":
      return `route ${test.prefix}`;
    case "sla":
      return `sla ${test.operation}`;
    default:
      return undefined;
  }
}

/** How long an object of which nothing was seen is not told of; then it counts as down. IOS: initial state down. */
const FIRST_RESULT: Duration = seconds(3);
