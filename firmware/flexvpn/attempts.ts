/**
 * From "should be up" to a session being opened: source, peer, name, address, and what comes after each failure until
 * the round is over and the client backs off. It is told when to begin and does not know why.
 * Source: IOS crypto ikev2 client flexvpn; the pace after failures is ours.
 */
import type { SessionId } from "#ike/inputs.ts";
import { type Duration, elapsed, seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { backoffDelay } from "./backoff.ts";
import { CHECK_SOURCES, SOURCE_MISSING } from "./client-events.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import { describeDialer } from "./dialing.ts";
import { usableAddresses } from "./peer-list.ts";
import { afterFailure, nextRound, nextWay, roundFromTop } from "./rounds.ts";
import { describeUnusable, sourceFamilies } from "./source-selection.ts";
import type { OpenSession, Why } from "./states.ts";
import { isMet } from "./track-states.ts";
import { describeHeld, type Way, type Ways } from "./ways.ts";

/** The attempts of one client; every call leaves it in another state of its memory. */
export class Attempts {
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;

  constructor(memory: ClientMemory, context: ClientContext) {
    this.#memory = memory;
    this.#context = context;
  }

  /** Starts the next attempt of the round, or says why there is none. */
  begin(): void {
    const memory = this.#memory;
    if (!memory.isWanted) this.#rest();
    else if (memory.fatal) this.stopFor(memory.fatal);
    else this.#select();
  }

  /** Tries the addresses of a peer in turn, starting with the first that can be used. */
  dialFirst(way: Way, addresses: readonly IpAddress[]): void {
    const { name } = this.#memory.config;
    const families = sourceFamilies(this.#context.interfaces, way.source);
    const usable = usableAddresses(way.peer, addresses, families);
    const free = usable.filter((each) => this.#context.takenBy(name, each) === undefined);
    const [address, ...rest] = free;
    if (address !== undefined) this.#dial(way, address, rest);
    else if (usable.length > 0) this.#inUse(way, usable);
    else this.unresolved(way, noUsableAddress(way, addresses));
  }

  /** This address did not lead to a session: the next one of the peer, or the next way. */
  addressFailed(open: OpenSession): void {
    const [address, ...rest] = open.rest;
    if (address === undefined) this.#wayFailed(open);
    else this.dialFirst(open, [address, ...rest]);
  }

  /** The peer has no address to try. */
  unresolved(way: Way, why: Why): void {
    const memory = this.#memory;
    memory.event(memory.tell.unresolved(way.peer, why, memory.because));
    memory.because = memory.subject;
    memory.noteFailure(way.peer, why);
    memory.attempts++;
    this.#wayFailed(way);
  }

  /** Waits before the next attempt, as long as the level says. */
  backOff(): void {
    const memory = this.#memory;
    const why = memory.lastFailure;
    const delay = backoffDelay(memory.config.backoff, memory.level, this.#context.random);
    memory.event(memory.tell.backoff(delay, why, memory.because));
    memory.because = memory.subject;
    memory.enter({ status: "backoff", why });
    memory.arm("retry", delay);
  }

  /**
   * Begins anew when the hub has confirmed the end of `closing`, or soon: a hub that still holds the old session would
   * assign another address to the new one.
   */
  beginAfter(closing: SessionId | undefined, why: Why): void {
    const memory = this.#memory;
    if (closing === undefined || !memory.isWanted) {
      this.begin();
      return;
    }
    memory.enter({ status: "backoff", why, closing });
    memory.arm("retry", CLOSE_LIMIT);
  }

  /** Stays where only a change outside can help; tries again once in a while all the same. */
  stopFor(why: Why): void {
    const memory = this.#memory;
    memory.fatal = why;
    memory.enter({ status: "failed", why });
    if (memory.isWanted) memory.arm("retry", memory.config.backoff.max);
  }

  /** Stays down until somebody wants it up. */
  rest(message: string, code?: string): void {
    const why: Why = code === undefined ? { message } : { message, code };
    this.#memory.enter({ status: "idle", why });
  }

  /**
   * True while a better way may still come out of track objects that have no result yet: just after the start it is
   * worth a moment not to begin with a backup.
   */
  isWorthWaiting({ open, sources }: Ways): boolean {
    const memory = this.#memory;
    if (elapsed(memory.startedAt, memory.now) >= FIRST_RESULTS) return false;
    const { tracks } = this.#context;
    const first = open[0];
    const better = memory.sources.filter((source) =>
      sources.passed.some((each) => each.interface === source.interface),
    );
    const peers = first ? memory.peers.slice(0, memory.peers.indexOf(first.peer)) : memory.peers;
    return [...better, ...peers].some(({ track }) => isMet(track, tracks) === undefined);
  }

  #select(): void {
    const memory = this.#memory;
    const ways = memory.ways;
    if (this.isWorthWaiting(ways)) {
      memory.enter({ status: "tracking", why: { message: "waits for the first track results" } });
      memory.arm("retry", FIRST_RESULTS);
      return;
    }
    this.#tellSources(ways);
    if (memory.sources.length > 0 && ways.sources.usable.length === 0) this.#withoutSource(ways);
    else if (ways.open.length === 0) this.#withoutPeer(ways);
    else {
      const way = nextWay(ways.open, memory.round);
      if (way) this.#try(way);
      else this.#roundOver();
    }
  }

  #try(way: Way): void {
    const { target } = way.peer;
    if (target.kind === "address") {
      this.dialFirst(way, [target.address]);
      return;
    }
    const memory = this.#memory;
    const id = this.#context.nextResolution();
    memory.enter({ status: "resolving", attempt: way, resolution: id });
    memory.arm("resolution", RESOLUTION_LIMIT);
    memory.resolve(id, target, way.source);
  }

  #dial({ peer, source }: Way, address: IpAddress, rest: readonly IpAddress[]): void {
    const memory = this.#memory;
    const session = this.#context.nextSession();
    const from = source === undefined ? {} : { source };
    const open: OpenSession = { peer, session, address, rest, ...from };
    memory.attempts++;
    memory.enter({ status: "connecting", open });
    memory.event(memory.tell.connecting(open, memory.attempts, memory.because));
    memory.openSession(open);
  }

  #inUse(way: Way, addresses: readonly IpAddress[]): void {
    const memory = this.#memory;
    const client = this.#context.takenBy(memory.config.name, addresses[0] as IpAddress);
    const message = `client ${client} of its backup group uses ${way.peer.host}`;
    memory.noteFailure(way.peer, { code: PEER_IN_USE, message });
    this.#wayFailed(way);
  }

  #wayFailed(way: Way): void {
    const memory = this.#memory;
    if (way.peer.origin === "redirected") {
      memory.redirectTo(undefined);
      memory.round = roundFromTop;
    } else memory.round = afterFailure(memory.round, way);
    this.begin();
  }

  #roundOver(): void {
    const memory = this.#memory;
    memory.round = nextRound(memory.round);
    memory.level++;
    memory.needsDialer = true;
    if (memory.config.connect !== "manual") {
      this.backOff();
      return;
    }
    memory.demand = "configured";
    memory.event(memory.tell.gaveUp(memory.lastFailure, memory.because));
    memory.enter({ status: "failed", why: memory.lastFailure });
  }

  #withoutSource({ sources }: Ways): void {
    const memory = this.#memory;
    memory.needsDialer = true;
    const { dialer } = memory.config;
    if (dialer !== undefined) {
      memory.enter({ status: "dialing", why: describeDialer(dialer, this.#context.dialers) });
      return;
    }
    const message = `interface missing: ${describeUnusable(sources.passed)}`;
    const remedy = `${CHECK_SOURCES}; connects when one is up and has an address`;
    memory.enter({ status: "tracking", why: { code: SOURCE_MISSING, message, remedy } });
  }

  #withoutPeer({ held }: Ways): void {
    const memory = this.#memory;
    const code = held.some((each) => each.code === "peer.track") ? "peer.track" : PEER_IN_USE;
    const why: Why = { code, message: `no peer may be used: ${describeHeld(held)}` };
    memory.event(memory.tell.noPeer(why, memory.because));
    memory.because = memory.subject;
    memory.enter({ status: "tracking", why });
  }

  #tellSources({ sources: { usable, passed } }: Ways): void {
    const memory = this.#memory;
    const text = describeUnusable(passed);
    if (text === memory.toldSources) return;
    memory.toldSources = text;
    const [uses] = usable;
    if (passed.length > 0) memory.event(memory.tell.sourceUnusable(passed, uses, memory.because));
    else if (uses !== undefined) memory.event(memory.tell.sourceUsable(uses, memory.because));
    memory.because = memory.subject;
  }

  #rest(): void {
    const memory = this.#memory;
    const { connect } = memory.config;
    if (!memory.isStarted) this.rest("not started yet");
    else if (memory.demand === "disconnect") this.rest("disconnected; `connect` starts it again");
    else if (connect === "manual") this.rest("connect is manual; `connect` starts it");
    else memory.enter({ status: "tracking", why: memory.whyStandsDown() });
  }
}

function noUsableAddress({ peer, source }: Way, addresses: readonly IpAddress[]): Why {
  const code = "dns.no-usable-address";
  if (addresses.length === 0) {
    const remedy = "check the name under `peers` and its address records";
    return { code, message: `${peer.host} has no address`, remedy };
  }
  const from = source === undefined ? "" : ` from ${source}`;
  return {
    code,
    message: `none of the addresses of ${peer.host} (${addresses.join(", ")}) can be used${from}`,
    remedy: "check `family` of the peer, and which of IPv4 and IPv6 the source interface has",
  };
}

/** Reason code of a peer that another client of the backup group uses. */
const PEER_IN_USE = "peer.in-use";
/** A resolver that says nothing for so long will not: three servers with two tries of 2 s each have had their turn. */
const RESOLUTION_LIMIT: Duration = seconds(12);
/** How long the end of the old session may hold up the new one. */
const CLOSE_LIMIT: Duration = seconds(2);
/** How long after the start a client waits for the first results of the track objects of better peers and sources. */
const FIRST_RESULTS: Duration = seconds(3);
