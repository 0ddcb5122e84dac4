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
import { type IpAddress, type Prefix, prefixOf, splitPrefix } from "#lib/ip.ts";
import type { EventSubject } from "#state/event.ts";
import type { FlexvpnAction, TunnelIntent } from "./actions.ts";
import { Attempts } from "./attempts.ts";
import { Beside } from "./beside.ts";
import { chancesOf } from "./chances.ts";
import { SOURCE_MISSING } from "./client-events.ts";
import { ClientMemory, type Learnt } from "./client-memory.ts";
import { ClientMoves } from "./client-moves.ts";
import { type ClientView, clientView } from "./client-view.ts";
import type { ClientContext } from "./context.ts";
import { describeDialer } from "./dialing.ts";
import type { ResolutionId } from "./inputs.ts";
import { configChange } from "./reconfigure.ts";
import type { SideNews } from "./side-session.ts";
import { hasAddress, type InterfaceFacts, isUsable } from "./source-selection.ts";
import { type Trigger, transitionFor } from "./states.ts";
import { describeTrack, isMet } from "./track-states.ts";
import type { Way } from "./ways.ts";

/** The machine of one client; `engine.ts` feeds it. */
export class FlexvpnClient {
  readonly #memory: ClientMemory;
  readonly #attempts: Attempts;
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
    this.#attempts = new Attempts(this.#memory, context);
    this.#beside = new Beside(this.#memory, context, (ready, heldFor) =>
      this.take({ on: "better-ready", ready, heldFor }, this.#memory.now),
    );
    this.#moves = new ClientMoves(this.#memory, this.#attempts, context, this.#beside);
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
    if (memory.open?.session === session) this.take(news, now);
    else if (!this.#beside.session(session, news) && news.on === "session-down")
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
    this.#followTrack(news, now);
    this.#leaveWhatIsRefused(news, now);
    this.#takeChance(news, now);
    this.#beside.review();
    this.#demandDialer();
  }

  /** The configuration of this client is another one now. */
  reconfigure(client: ResolvedClient, tunnel: ResolvedTunnel, now: MonotonicMs): void {
    const memory = this.#memory;
    const before = { client: memory.config, tunnel: memory.tunnel };
    const change = configChange(before, { client, tunnel }, memory.open);
    memory.config = client;
    memory.tunnel = tunnel;
    if (change.changed.length > 0) this.take({ on: "reconfigured", ...change }, now);
  }

  /** Takes what the moves made since the last call, with a new plan when the client wants something else than before. */
  drain(): readonly FlexvpnAction[] {
    const intent = this.#intent();
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

  #followTrack({ cause }: News, now: MonotonicMs): void {
    const memory = this.#memory;
    const { state, config, isWanted } = memory;
    if (typeof config.connect === "string" || !memory.isStarted) return;
    const standsDown =
      state.status === "idle" ||
      (state.status === "tracking" && state.why.code === memory.whyStandsDown().code);
    if (isWanted && standsDown) this.take({ on: "wanted", cause }, now);
    else if (!isWanted && !standsDown) this.take({ on: "unwanted", cause }, now);
  }

  #leaveWhatIsRefused({ cause }: News, now: MonotonicMs): void {
    const memory = this.#memory;
    const { tracks } = this.#context;
    const way = this.#way();
    if (!way) return;
    const source = memory.sources.find((each) => each.interface === way.source);
    const peer = memory.peers.find((each) => each.key === way.peer.key);
    if (source?.track && isMet(source.track, tracks) === false) {
      const message = `${source.interface} is held back: ${describeTrack(source.track, tracks)}`;
      this.take({ on: "source-lost", why: { code: "source.track", message }, cause }, now);
    } else if (peer?.track && isMet(peer.track, tracks) === false) {
      const message = describeTrack(peer.track, tracks);
      this.take({ on: "peer-lost", why: { code: "peer.track", message }, cause }, now);
    }
  }

  #takeChance({ cause, source }: News, now: MonotonicMs): void {
    const memory = this.#memory;
    const { status } = memory.state;
    const before = memory.chances;
    memory.chances = chancesOf(memory, this.#context);
    if (!memory.isWanted) return;
    const isBlocked = status === "tracking" || status === "dialing";
    const isFound = isBlocked
      ? memory.ways.open.length > 0 && !this.#attempts.isWorthWaiting(memory.ways)
      : [...memory.chances].some((chance) => !before.has(chance));
    if (isFound) this.take({ on: "found", source, cause }, now);
  }

  #demandDialer(): void {
    const memory = this.#memory;
    const { name, dialer } = memory.config;
    const wanted = memory.isWanted && memory.needsDialer ? dialer : undefined;
    const before = memory.demanded;
    if (wanted === before) return;
    memory.demanded = wanted;
    const dial = (which: string, isWanted: boolean) =>
      memory.actions.push({ kind: "dial", client: name, dialer: which, wanted: isWanted });
    if (before !== undefined) dial(before, false);
    if (wanted !== undefined) dial(wanted, true);
  }

  /** What is in use or being tried. */
  #way(): Way | undefined {
    const { state, open } = this.#memory;
    return state.status === "resolving" ? state.attempt : open;
  }

  #intent(): TunnelIntent {
    const { config, tunnel, state, source, learnt } = this.#memory;
    const standby = this.#beside.standby.session;
    return {
      client: config.name,
      tunnel,
      inside: config.inside,
      nat: config.nat,
      routes: config.routes,
      killSwitch: config.killSwitch,
      ...(state.status === "up" ? { carrier: carrierOf(state) } : {}),
      ...(standby === undefined ? {} : { standby }),
      ...(source === undefined ? {} : { source }),
      hubs: this.#hubs(),
      learnt,
      insideNetworks: config.inside.flatMap((name) => this.#networksOf(name)),
    };
  }

  #hubs(): readonly IpAddress[] {
    const { peers, resolved, open } = this.#memory;
    const addresses = peers.flatMap((peer) =>
      peer.target.kind === "address" ? [peer.target.address] : (resolved.get(peer.key) ?? []),
    );
    const used = [...(open === undefined ? [] : [open.address]), ...this.#beside.addresses];
    return [...new Set([...addresses, ...used])].sort();
  }

  #networksOf(name: string): readonly Prefix[] {
    const addresses = this.#context.interfaces.get(name)?.addresses ?? [];
    return addresses.map((each) => prefixOf(splitPrefix(each).address, splitPrefix(each).length));
  }
}

function carrierOf(
  state: Extract<ClientMemory["state"], { status: "up" }>,
): NonNullable<TunnelIntent["carrier"]> {
  const { open, outcome, underlay } = state;
  return { session: open.session, outcome, ...(underlay === undefined ? {} : { underlay }) };
}

/** What an input was about, for those whom it concerns. */
export interface News {
  /** Subject of the event that told of it. */
  readonly cause?: EventSubject;
  /** Interface that it was about. */
  readonly source?: string;
}
