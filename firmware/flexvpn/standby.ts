/**
 * Hot standby: the session that takes over when the one in use fails. It is authenticated beforehand with the next peer,
 * over the source that this peer would be used from, and its SAs are in the kernel without carrying anything.
 * Source: ours; IOS has no such thing within one client.
 */
import type { SessionId } from "#ike/inputs.ts";
import { backoffDelay } from "./backoff.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import { networksOf } from "./protected-networks.ts";
import { afterFailure, nextWay, type Round, roundFromTop } from "./rounds.ts";
import { type SideListener, SideSession } from "./side-session.ts";
import type { ReadySession, Why } from "./states.ts";
import { type Way, wayKey } from "./ways.ts";

/** The standby of one client. */
export class Standby implements SideListener {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  #side: SideSession | undefined;
  #round: Round = roundFromTop;
  #level = 0;

  constructor(memory: ClientMemory, context: ClientContext) {
    this.#memory = memory;
    this.#context = context;
  }

  get side(): SideSession | undefined {
    return this.#side;
  }

  /** Session whose SAs are kept in the kernel. */
  get session(): SessionId | undefined {
    return this.#side?.ready?.open.session;
  }

  /** Brings what there is in line with what should be; harmless at any time. */
  review(): void {
    const memory = this.#memory;
    if (memory.config.standby === "off" || memory.state.status !== "up") {
      this.#forget({ message: "no standby is wanted now" });
      return;
    }
    if (this.#side && !this.#isUsable(this.#side))
      this.#forget({ message: "the standby can't be used any more" });
    while (!this.#side && memory.deadlines.at("standby") === undefined) {
      if (!this.#begin()) return;
    }
  }

  /** Hands the ready session over, if there is one that can be used; the caller answers for it from here. */
  release(): ReadySession | undefined {
    const side = this.#side;
    const ready = side?.ready;
    if (!side || !ready || !this.#isUsable(side)) return undefined;
    this.#side = undefined;
    this.#startAnew();
    return ready;
  }

  /** What its hub leads to is guarded from now on: a switch then changes nothing in the firewall, which takes long. */
  ready({ open, outcome }: ReadySession): void {
    this.#startAnew();
    this.#memory.learn(networksOf(outcome));
    this.#memory.event(this.#memory.tell.standbyReady(open));
  }

  failed(way: Way, why: Why, wasReady: boolean): void {
    this.#side = undefined;
    this.#round = afterFailure(this.#round, way);
    this.#memory.failures.set(way.peer.key, why);
    if (wasReady) this.#memory.event(this.#memory.tell.standbyLost(way, why));
  }

  /** @returns false when there is nothing to do until something changes outside. */
  #begin(): boolean {
    const memory = this.#memory;
    const targets = this.#targets();
    if (targets.length === 0) return false;
    const way = nextWay(targets, this.#round);
    if (way) {
      this.#side = new SideSession(way, memory, this.#context, this);
      this.#side.begin();
    } else {
      this.#round = roundFromTop;
      this.#level++;
      const { backoff } = memory.config;
      memory.arm("standby", backoffDelay(backoff, this.#level, this.#context.random));
    }
    return true;
  }

  /** Another peer first, by its best source; the same peer from another source is better than nothing. */
  #targets(): readonly Way[] {
    const { open, ways } = this.#memory;
    if (!open) return [];
    const others = ways.open.filter((way) => wayKey(way) !== wayKey(open));
    const isSamePeer = ({ peer }: Way) => peer.key === open.peer.key;
    return [...others.filter((way) => !isSamePeer(way)), ...others.filter(isSamePeer)];
  }

  #isUsable(side: SideSession): boolean {
    const { name } = this.#memory.config;
    const { open } = side;
    if (open && this.#context.takenBy(name, open.address) !== undefined) return false;
    const key = wayKey(side.way);
    const { open: inUse, ways } = this.#memory;
    if (inUse && wayKey(inUse) === key) return false;
    return ways.open.some((way) => wayKey(way) === key);
  }

  #forget(why: Why): void {
    this.#side?.close(why);
    this.#side = undefined;
    this.#memory.deadlines.cancel("standby");
    this.#startAnew();
  }

  #startAnew(): void {
    this.#round = roundFromTop;
    this.#level = 0;
  }
}
