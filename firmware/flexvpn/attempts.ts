/**
 * From "should be up" to a session being opened: source, peer, name, address, and what comes after each failure until
 * the round is over and the client backs off. It is told when to begin and does not know why.
 * Source: IOS crypto ikev2 client flexvpn; the pace after failures is ours.
 */
import type { SessionId } from "#ike/inputs.ts";
import { type Duration, seconds } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { IpAddress } from "#lib/ip.ts";
import { backoffDelay } from "./backoff.ts";
import { CHECK_SOURCES, SOURCE_MISSING } from "./client-events.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ResolutionId } from "./inputs.ts";
import { type PeerEntry, usableAddresses } from "./peer-list.ts";
import { afterFailure, nextPeer, nextRound } from "./peer-selection.ts";
import {
  describeUnusable,
  type Interfaces,
  type SourceChoice,
  selectSource,
  sourceFamilies,
} from "./source-selection.ts";
import type { Attempt, OpenSession, Why } from "./states.ts";

/** What the clients of one engine share. */
export interface ClientContext {
  readonly interfaces: Interfaces;
  /** Names of the tunnel interfaces of all clients: they are nobody's way out. */
  readonly tunnels: ReadonlySet<string>;
  readonly random: RandomSource;
  nextSession(): SessionId;
  nextResolution(): ResolutionId;
}

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
    if (!memory.isWanted) this.rest(this.#whyResting());
    else if (memory.fatal) this.stopFor(memory.fatal);
    else this.#select();
  }

  /** Tries the addresses of a peer in turn, starting with the first that can be used. */
  dialFirst(attempt: Attempt, addresses: readonly IpAddress[]): void {
    const families = sourceFamilies(this.#context.interfaces, attempt.source);
    const [address, ...rest] = usableAddresses(attempt.peer, addresses, families);
    if (address !== undefined) this.#dial(attempt, address, rest);
    else this.peerUnresolved(attempt.peer, noUsableAddress(attempt, addresses));
  }

  /** This address did not lead to a session: the next one of the peer, or the next peer. */
  addressFailed(open: OpenSession): void {
    const [address, ...rest] = open.rest;
    if (address === undefined) this.#peerFailed(open.peer);
    else this.#dial(open, address, rest);
  }

  /** The peer has no address to try. */
  peerUnresolved(peer: PeerEntry, why: Why): void {
    const memory = this.#memory;
    memory.event(memory.tell.unresolved(peer, why, memory.because));
    memory.because = memory.subject;
    memory.noteFailure(peer, why);
    memory.attempts++;
    this.#peerFailed(peer);
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

  #select(): void {
    const memory = this.#memory;
    const choice = selectSource(memory.config.sources, this.#context.interfaces);
    this.#tellSources(choice);
    if (choice.kind === "none") {
      const message = `interface missing: ${describeUnusable(choice.passed)}`;
      const remedy = `${CHECK_SOURCES}; connects when one is up and has an address`;
      memory.enter({ status: "tracking", why: { code: SOURCE_MISSING, message, remedy } });
      return;
    }
    const peer = nextPeer(memory.peers, memory.round, () => true);
    if (!peer) this.#roundOver();
    else this.#try(choice.kind === "any" ? { peer } : { peer, source: choice.interface });
  }

  #try(attempt: Attempt): void {
    const { target } = attempt.peer;
    if (target.kind === "address") {
      this.dialFirst(attempt, [target.address]);
      return;
    }
    const memory = this.#memory;
    const id = this.#context.nextResolution();
    memory.enter({ status: "resolving", attempt, resolution: id });
    memory.arm("resolution", RESOLUTION_LIMIT);
    memory.actions.push({
      kind: "resolve",
      id,
      client: memory.config.name,
      name: target.name,
      family: target.family,
      ...(attempt.source === undefined ? {} : { source: attempt.source }),
    });
  }

  #dial({ peer, source }: Attempt, address: IpAddress, rest: readonly IpAddress[]): void {
    const memory = this.#memory;
    const session = this.#context.nextSession();
    const from = source === undefined ? {} : { source };
    const open: OpenSession = { peer, session, address, rest, ...from };
    memory.attempts++;
    memory.enter({ status: "connecting", open });
    memory.event(memory.tell.connecting(open, memory.attempts, memory.because));
    const remote = { address, port: IKE_PORT };
    const { name: client, connection } = memory.config;
    memory.actions.push({ kind: "open-session", session, client, connection, remote, ...from });
  }

  #peerFailed(peer: PeerEntry): void {
    this.#memory.round = afterFailure(this.#memory.round, peer);
    this.begin();
  }

  #roundOver(): void {
    const memory = this.#memory;
    memory.round = nextRound(memory.round);
    memory.level++;
    if (memory.config.connect === "auto") {
      this.backOff();
      return;
    }
    memory.demand = "configured";
    memory.event(memory.tell.gaveUp(memory.lastFailure, memory.because));
    memory.enter({ status: "failed", why: memory.lastFailure });
  }

  #tellSources(choice: SourceChoice): void {
    const memory = this.#memory;
    const passed = choice.kind === "any" ? [] : choice.passed;
    const text = describeUnusable(passed);
    if (text === memory.toldSources) return;
    memory.toldSources = text;
    const uses = choice.kind === "interface" ? choice.interface : undefined;
    if (passed.length > 0) memory.event(memory.tell.sourceUnusable(passed, uses, memory.because));
    else if (uses !== undefined) memory.event(memory.tell.sourceUsable(uses, memory.because));
    memory.because = memory.subject;
  }

  #whyResting(): string {
    const memory = this.#memory;
    if (!memory.isStarted) return "not started yet";
    if (memory.demand === "disconnect") return "disconnected; `connect` starts it again";
    return "connect is manual; `connect` starts it";
  }
}

function noUsableAddress({ peer, source }: Attempt, addresses: readonly IpAddress[]): Why {
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

/** RFC 7296 §2 */
const IKE_PORT = 500;
/** A resolver that says nothing for so long will not: three servers with two tries of 2 s each have had their turn. */
const RESOLUTION_LIMIT: Duration = seconds(12);
/** How long the end of the old session may hold up the new one. */
const CLOSE_LIMIT: Duration = seconds(2);
