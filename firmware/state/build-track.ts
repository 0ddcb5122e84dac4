/** Track objects of the engine in the terms of the state document. */
import { objectsOf } from "#config/boolean-syntax.ts";
import type { TrackState, TrackTest } from "#config/resolved-track.ts";
import { elapsed, type MonotonicMs, type WallClock } from "#lib/duration.ts";
import type { SlaView } from "#sla/sla-view.ts";
import type { TrackView } from "#track/track-view.ts";
import type { TrackObjectState } from "./document-track.ts";
import { formatTime } from "./event-log.ts";

/** What the part is made of, all of one instant. */
export interface TrackSources {
  readonly now: MonotonicMs;
  readonly wallAt: (instant: MonotonicMs) => WallClock;
  readonly tracks: readonly TrackView[];
  readonly sla: readonly SlaView[];
  /** Clients that follow an object, by its name. */
  readonly followers?: ReadonlyMap<string, readonly string[]>;
}

/** The part `track` of this instant. */
export function buildTracks(sources: TrackSources): Readonly<Record<string, TrackObjectState>> {
  const states = new Map(sources.tracks.map(({ name, state }) => [name, state]));
  const operations = new Map(sources.sla.map((view) => [view.name, view]));
  return Object.fromEntries(
    sources.tracks.map((view) => {
      const state = trackState(view, states, sources);
      return [view.name, { ...state, ...resultOf(view.config.test, operations) }];
    }),
  );
}

function trackState(
  view: TrackView,
  states: ReadonlyMap<string, TrackState>,
  { now, wallAt, followers }: TrackSources,
): TrackObjectState {
  const { words, pending, config } = view;
  const { delay, test } = config;
  return {
    state: view.state,
    since: formatTime(wallAt(view.since)),
    age: Math.floor(elapsed(view.since, now) / 1_000),
    changes: view.changes,
    reason: view.reason,
    type: words.type,
    ...(words.instance && { instance: words.instance }),
    ...(words.parameter && { parameter: words.parameter }),
    ...(test.kind === "boolean" && { expression: test.text }),
    ...("up" in test && { threshold: { up: test.up, down: test.down } }),
    ...membersOf(test, states),
    ...(delay.up + delay.down > 0 && {
      delay: { up: delay.up / 1_000, down: delay.down / 1_000 },
    }),
    ...(pending && {
      pending: {
        state: pending.state,
        at: formatTime(wallAt(pending.at)),
        in: Math.ceil(elapsed(now, pending.at) / 1_000),
        reason: pending.reason,
      },
    }),
    ...(view.lastCause === undefined ? {} : { "last-cause": view.lastCause }),
    "tracked-by": [
      ...(followers?.get(view.name) ?? []).map((client) => `client ${client}`),
      ...view.dependents.map((name) => `track ${name}`),
    ],
  };
}

function resultOf(
  test: TrackTest,
  operations: ReadonlyMap<string, SlaView>,
): Pick<TrackObjectState, "return-code" | "latest-rtt"> {
  const operation = test.kind === "sla" ? operations.get(test.operation) : undefined;
  const latest = operation?.rtt?.latest;
  return {
    ...(operation && { "return-code": operation.code }),
    ...(latest === undefined ? {} : { "latest-rtt": Math.round(latest * 1_000) / 1_000 }),
  };
}

function membersOf(
  test: TrackTest,
  states: ReadonlyMap<string, TrackState>,
): Pick<TrackObjectState, "members"> {
  const member = (object: string) => ({ object, state: states.get(object) ?? "down" });
  switch (test.kind) {
    case "boolean": {
      const names = objectsOf(test.expression).map(({ object }) => object);
      return { members: [...new Set(names)].map(member) };
    }
    case "weight":
      return {
        members: test.members.map((each) => ({ ...member(each.object), weight: each.weight })),
      };
    case "percentage":
      return { members: test.objects.map(member) };
    default:
      return {};
  }
}
