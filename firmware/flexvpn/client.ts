/**
 * One client of the configuration: runs the table of `states.ts`, keeps its timers, and shows what it wants in the
 * kernel and what it is doing. It decides nothing itself and knows no other client.
 * Source: IOS crypto ikev2 client flexvpn NAME.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { SessionId } from "#ike/inputs.ts";
import { earliest } from "#lib/deadlines.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { EventSubject } from "#state/event.ts";
import type { FlexvpnAction } from "./actions.ts";
import { Attempts } from "./attempts.ts";
import { Beside } from "./beside.ts";
import { Circumstances, type News } from "./circumstances.ts";
import { SOURCE_MISSING } from "./client-events.ts";
import { intentOf } from "./client-intent.ts";
import { ClientMemory, type Learnt } from "./client-memory.ts";
import { ClientMoves } from "./client-moves.ts";
import { type ClientView, clientView } from "./client-view.ts";
import type { ClientContext } from "./context.ts";
import { describeDialer, sourcesOf } from "./dialing.ts";
import type { ResolutionId } from "./inputs.ts";
import { configChange } from "./reconfigure.ts";
import type { SideNews } from "./side-session.ts";
import { hasAddress, type InterfaceFacts, isUsable } from "./source-selection.ts";
import { type Trigger, transitionFor } from "./states.ts";

/** The machine of one client; `engine.ts` feeds it. */
export class FlexvpnClient {
  readonly #memory: ClientMemory;
  readonly #circumstances: Circumstances;
  readonly #beside: Beside;
  readonly #moves: ClientMoves;
  readonly #context: ClientContext;
  #planned = "";

  constructor(
    config: ResolvedClient,
    tunnel: ResolvedTunnel,
    learnt: Learnt,
    context: ClientContext,
    now: MonotonicMs,
  ) {
    this.#memory = new ClientMemory(config, tunnel, learnt, context, now);
    const attempts = new Attempts(this.#memory, context);
    this.#circumstances = new Circumstances(this.#memory, context, attempts, (trigger) =>
      this.take(trigger, this.#memory.now),
    );
    this.#beside = new Beside(this.#memory, context, (ready, heldFor) =>
      this.take({ on: "better-ready", ready, heldFor }, this.#memory.now),
    );
    this.#moves = new ClientMoves(this.#memory, attempts, context, this.#beside);
    this.#context = context;
  }

  get config(): ResolvedClient {
    return this.#memory.config;
  }

  /** True when the session in use or being opened is with this address. */
  uses(address: IpAddress): boolean {
    return this.#memory.open?.address === address;
  }

  /** Takes news of a session that this client opened, of whatever kind; late news of one it let go of are harmless. */
  sessionNews(session: SessionId, news: SideNews, now: MonotonicMs): void {
    const memory = this.#memory;
    memory.now = now;
    const sound = this.#withoutTunnel(news);
    if (memory.open?.session === session) this.take(sound, now);
    else if (!this.#beside.session(session, sound) && news.on === "session-down")
      this.#closed(session, now);
  }

  /** Takes the answer of the resolver, if the question was this client's. */
  answer(id: ResolutionId, news: SideNews, now: MonotonicMs): void {
    const { state } = this.#memory;
    this.#memory.now = now;
    if (state.status === "resolving" && state.resolution === id) this.take(news, now);
    else this.#beside.answer(id, news);
  }

  /** Tries every way, whether or not it is needed now. */
  rehearse(by: string, now: MonotonicMs): void {
    const memory = this.#memory;
    memory.now = now;
    const effect = this.#beside.rehearsal.isRunning ? "it is under way already" : "begins";
    memory.event(memory.tell.request("rehearsal", by, effect));
    this.#beside.rehearsal.start(memory.subject);
  }

  /** Runs the row of the table for this trigger; a trigger without a row changes nothing. */
  take(trigger: Trigger, now: MonotonicMs): void {
    const row = transitionFor(this.#memory.state.status, trigger.on);
    if (!row) return;
    this.#memory.now = now;
    const move: (trigger: never) => void = this.#moves[row.run].bind(this.#moves);
    move(trigger as never);
    const { status } = this.#memory.state;
    invariant(row.to.includes(status), `${row.run} on ${row.on} led to ${status}`);
  }

  /** When a timer comes. */
  nextTimeout(): MonotonicMs | undefined {
    return earliest(this.#memory.deadlines.next(), this.#beside.nextTimeout());
  }

  /** Fires the timers whose time has come. */
  timeout(now: MonotonicMs): void {
    this.#memory.now = now;
    this.#beside.expire(now);
    for (const timer of this.#memory.deadlines.due(now)) {
      if (timer === "retry") this.take({ on: "retry" }, now);
      else if (timer === "resolution")
        this.take({ on: "unresolved", why: { message: "no DNS server answered" } }, now);
      else if (timer === "rehearsal") this.#beside.rehearsal.start(undefined);
      // The standby and the way back look for themselves after every input.
    }
  }

  /** An interface changed from `before` to what the context says now. */
  interfaceChanged(
    name: string,
    before: InterfaceFacts | undefined,
    cause: EventSubject | undefined,
    now: MonotonicMs,
  ): void {
    const after = this.#context.interfaces.get(name);
    const message = this.#whySourceLost(name, before, after);
    if (message === undefined) return;
    this.take({ on: "source-lost", why: { code: SOURCE_MISSING, message }, cause }, now);
  }

  /** The dialer of this client changed. */
  dialerChanged(now: MonotonicMs): void {
    const { dialer } = this.#memory.config;
    if (dialer === undefined) return;
    this.take({ on: "dialer", why: describeDialer(dialer, this.#context.dialers) }, now);
  }

  /**
   * Draws the consequences of what is true now, whatever made it so; called after every input. `source` is the interface
   * that the input was about.
   */
  settle(news: News, now: MonotonicMs): void {
    this.#memory.now = now;
    this.#circumstances.settle(news);
    this.#beside.review();
    this.#memory.demandDialer();
  }

  /** The configuration of this client is another one now. */
  reconfigure(client: ResolvedClient, tunnel: ResolvedTunnel, now: MonotonicMs): void {
    const memory = this.#memory;
    const before = { client: memory.config, tunnel: memory.tunnel };
    const sources = sourcesOf(client, this.#context.dialers);
    const change = configChange(before, { client, tunnel }, memory.open, sources);
    memory.config = client;
    memory.tunnel = tunnel;
    if (change.changed.length > 0) this.take({ on: "reconfigured", ...change }, now);
  }

  /** Takes what the moves made since the last call, with a new plan when the client wants something else than before. */
  drain(): readonly FlexvpnAction[] {
    const intent = intentOf(this.#memory, this.#beside, this.#context);
    const planned = JSON.stringify(intent);
    if (planned !== this.#planned) this.#memory.actions.push({ kind: "plan", intent });
    this.#planned = planned;
    const { actions } = this.#memory;
    this.#memory.actions = [];
    return actions;
  }

  view(): ClientView {
    return clientView(this.#memory, this.#beside);
  }

  /** While a tunnel is up the way to another hub may seem to lead through it; it is reached as the one in use is. */
  #withoutTunnel(news: SideNews): SideNews {
    if (news.on !== "session-up" || !news.underlay) return news;
    if (!this.#context.tunnels.has(news.underlay.device)) return news;
    const { underlay: _, ...rest } = news;
    const { state } = this.#memory;
    const known = state.status === "up" ? state.underlay : undefined;
    return known === undefined ? rest : { ...rest, underlay: known };
  }

  /** A session that the client had let go of is gone. */
  #closed(session: SessionId, now: MonotonicMs): void {
    const { state } = this.#memory;
    if (state.status === "backoff" && state.closing === session) this.take({ on: "closed" }, now);
  }

  #whySourceLost(
    name: string,
    before: InterfaceFacts | undefined,
    after: InterfaceFacts | undefined,
  ): string | undefined {
    const { state, source } = this.#memory;
    if (source === name && !isUsable(this.#context.interfaces, name))
      return `interface missing: ${name} went down or lost its address`;
    if (state.status !== "up") return undefined;
    const { address } = state.outcome.path.local;
    const isLost = hasAddress(before, address) && !hasAddress(after, address);
    return isLost ? `${name} no longer has the address ${address}` : undefined;
  }
}
