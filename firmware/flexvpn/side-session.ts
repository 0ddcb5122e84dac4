/**
 * A session beside the one that carries the client's traffic: brought up to full authentication by the same steps, name,
 * address, IKE, and then kept ready, taken over or ended by who wanted it. It knows nothing of why.
 */
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { SessionId } from "#ike/inputs.ts";
import { after, type Duration, type MonotonicMs, minutes } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { ResolutionId, Underlay } from "./inputs.ts";
import { usableAddresses } from "./peer-list.ts";
import { sourceFamilies } from "./source-selection.ts";
import type { OpenSession, ReadySession, Why } from "./states.ts";
import type { Way } from "./ways.ts";

/** What becomes of a side session. Called at most once with `ready`, and at most once, last, with `failed`. */
export interface SideListener {
  ready(session: ReadySession): void;
  failed(way: Way, why: Why, wasReady: boolean): void;
}

/** What happens to a side session. */
export type SideNews =
  | { readonly on: "resolved"; readonly addresses: readonly IpAddress[] }
  | { readonly on: "unresolved"; readonly why: Why }
  | { readonly on: "authenticating" }
  | { readonly on: "session-up"; readonly outcome: SessionOutcome; readonly underlay?: Underlay }
  | { readonly on: "session-down"; readonly reason: DownReason }
  | { readonly on: "redirected"; readonly gateway: string };

type Phase =
  | { readonly name: "resolving"; readonly resolution: ResolutionId }
  | { readonly name: "opening"; readonly open: OpenSession }
  | { readonly name: "ready"; readonly session: ReadySession }
  | { readonly name: "over" };

/** One try; a new one is a new object. */
export class SideSession {
  readonly way: Way;
  /** When it is given up if it is not ready by then. */
  readonly limit: MonotonicMs;
  readonly #memory: ClientMemory;
  readonly #context: ClientContext;
  readonly #listener: SideListener;
  #phase: Phase = { name: "over" };

  constructor(way: Way, memory: ClientMemory, context: ClientContext, listener: SideListener) {
    this.way = way;
    this.limit = after(memory.now, LIMIT);
    this.#memory = memory;
    this.#context = context;
    this.#listener = listener;
  }

  /** The session opened, ready or not. */
  get session(): SessionId | undefined {
    return this.open?.session;
  }

  get open(): OpenSession | undefined {
    const phase = this.#phase;
    if (phase.name === "opening") return phase.open;
    return phase.name === "ready" ? phase.session.open : undefined;
  }

  get resolution(): ResolutionId | undefined {
    return this.#phase.name === "resolving" ? this.#phase.resolution : undefined;
  }

  /** The authenticated session; undefined while it is not. */
  get ready(): ReadySession | undefined {
    return this.#phase.name === "ready" ? this.#phase.session : undefined;
  }

  begin(): void {
    const { target } = this.way.peer;
    if (target.kind === "address") {
      this.#dialFirst([target.address]);
      return;
    }
    const resolution = this.#context.nextResolution();
    this.#phase = { name: "resolving", resolution };
    this.#memory.resolve(resolution, target, this.way.source);
  }

  take(news: SideNews): void {
    switch (news.on) {
      case "resolved":
        this.#memory.resolved.set(this.way.peer.key, news.addresses);
        this.#dialFirst(news.addresses);
        break;
      case "unresolved":
        this.#fail(news.why);
        break;
      case "authenticating":
        break;
      case "session-up":
        this.#up(news);
        break;
      case "session-down":
        this.#down(news.reason);
        break;
      case "redirected":
        this.close({ message: `redirected to ${news.gateway}` });
        this.#listener.failed(this.way, { message: `redirects to ${news.gateway}` }, false);
        break;
    }
  }

  /** Ends it without a word to the listener. */
  close(why: Why): void {
    const { session } = this;
    this.#phase = { name: "over" };
    if (session === undefined) return;
    this.#memory.actions.push({
      kind: "close-session",
      session,
      reason: why.message,
      expectAnswer: true,
    });
  }

  /** Gives it up when its time is over. */
  expire(now: MonotonicMs): void {
    if (this.ready || now < this.limit) return;
    const why: Why = { code: "peer.too-slow", message: `${this.way.peer.host} took too long` };
    this.close(why);
    this.#listener.failed(this.way, why, false);
  }

  #dialFirst(addresses: readonly IpAddress[]): void {
    const { name } = this.#memory.config;
    const families = sourceFamilies(this.#context.interfaces, this.way.source);
    const usable = usableAddresses(this.way.peer, addresses, families);
    const free = usable.filter(
      (each) => !this.#isInUse(each) && this.#context.takenBy(name, each) === undefined,
    );
    const [address, ...rest] = free;
    if (address !== undefined) this.#dial(address, rest);
    else if (usable.length > 0) this.#fail({ code: "peer.in-use", message: "is in use already" });
    else this.#fail({ code: "dns.no-usable-address", message: "has no usable address" });
  }

  /** A second session by the very same way would be the same session twice. */
  #isInUse(address: IpAddress): boolean {
    const { open } = this.#memory;
    return open?.address === address && open.source === this.way.source;
  }

  #dial(address: IpAddress, rest: readonly IpAddress[]): void {
    const session = this.#context.nextSession();
    const open: OpenSession = { ...this.way, session, address, rest };
    this.#phase = { name: "opening", open };
    this.#memory.openSession(open, { isBeside: true });
  }

  #up({ outcome, underlay }: Extract<SideNews, { on: "session-up" }>): void {
    const { open } = this;
    if (!open) return;
    const session = { open, outcome, ...(underlay === undefined ? {} : { underlay }) };
    this.#phase = { name: "ready", session };
    this.#listener.ready(session);
  }

  #down(reason: DownReason): void {
    const [next, ...rest] = this.ready ? [] : (this.open?.rest ?? []);
    if (next !== undefined) this.#dial(next, rest);
    else this.#fail(reason);
  }

  #fail(why: Why): void {
    const wasReady = this.ready !== undefined;
    this.#phase = { name: "over" };
    this.#listener.failed(this.way, why, wasReady);
  }
}

/** IKE gives up long before; a resolver that never answers does not. */
const LIMIT: Duration = minutes(2);
