/**
 * The consequences of what is true now, whatever input made it so: a track object that calls or dismisses the client, a
 * source or peer that may no longer be used, a way that was not there before. It names triggers; the table of `states.ts`
 * decides what they mean.
 */
import type { EventSubject } from "#state/event.ts";
import type { Attempts } from "./attempts.ts";
import { chancesOf } from "./chances.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { Trigger } from "./states.ts";
import { describeTrack, isMet } from "./track-states.ts";
import type { Way } from "./ways.ts";

/** What an input was about, for those whom it concerns. */
export interface News {
  /** Subject of the event that told of it. */
  readonly cause?: EventSubject;
  /** Interface that it was about. */
  readonly source?: string;
}

/** Watches the circumstances of one client. */
export class Circumstances {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  readonly #attempts: Attempts;
  readonly #take: (trigger: Trigger) => void;

  constructor(
    memory: ClientMemory,
    context: ClientContext,
    attempts: Attempts,
    take: (trigger: Trigger) => void,
  ) {
    this.#memory = memory;
    this.#context = context;
    this.#attempts = attempts;
    this.#take = take;
  }

  /** Gives the triggers that follow; none when nothing changed. */
  settle(news: News): void {
    this.#followTrack(news);
    this.#leaveWhatIsRefused(news);
    this.#takeChance(news);
  }

  #followTrack({ cause }: News): void {
    const memory = this.#memory;
    const { state, config, isWanted } = memory;
    if (typeof config.connect === "string" || !memory.isStarted) return;
    const standsDown =
      state.status === "idle" ||
      (state.status === "tracking" && state.why.code === memory.whyStandsDown().code);
    if (isWanted && standsDown) this.#take({ on: "wanted", cause });
    else if (!isWanted && !standsDown) this.#take({ on: "unwanted", cause });
  }

  #leaveWhatIsRefused({ cause }: News): void {
    const memory = this.#memory;
    const { tracks } = this.#context;
    const way = this.#way();
    if (!way) return;
    const source = memory.sources.find((each) => each.interface === way.source);
    const peer = memory.peers.find((each) => each.key === way.peer.key);
    if (source?.track && isMet(source.track, tracks) === false) {
      const message = `${source.interface} is held back: ${describeTrack(source.track, tracks)}`;
      this.#take({ on: "source-lost", why: { code: "source.track", message }, cause });
    } else if (peer?.track && isMet(peer.track, tracks) === false) {
      const message = describeTrack(peer.track, tracks);
      this.#take({ on: "peer-lost", why: { code: "peer.track", message }, cause });
    }
  }

  #takeChance({ cause, source }: News): void {
    const memory = this.#memory;
    const { status } = memory.state;
    const before = memory.chances;
    memory.chances = chancesOf(memory, this.#context);
    if (!memory.isWanted) return;
    const isBlocked = status === "tracking" || status === "dialing";
    const isFound = isBlocked
      ? memory.ways.open.length > 0 && !this.#attempts.isWorthWaiting(memory.ways)
      : [...memory.chances].some((chance) => !before.has(chance));
    if (isFound) this.#take({ on: "found", source, cause });
  }

  /** What is in use or being tried. */
  #way(): Way | undefined {
    const { state, open } = this.#memory;
    return state.status === "resolving" ? state.attempt : open;
  }
}
