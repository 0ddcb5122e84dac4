/**
 * One client of the configuration: runs the table of `states.ts`, keeps its timers, and shows what it wants in the
 * kernel and what it is doing. It decides nothing itself and knows no other client.
 * Source: IOS crypto ikev2 client flexvpn NAME.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { type IpAddress, type Prefix, prefixOf, splitPrefix } from "#lib/ip.ts";
import type { EventSubject } from "#state/event.ts";
import type { FlexvpnAction, TunnelIntent } from "./actions.ts";
import { Attempts, type ClientContext } from "./attempts.ts";
import { SOURCE_MISSING } from "./client-events.ts";
import { ClientMemory } from "./client-memory.ts";
import { ClientMoves } from "./client-moves.ts";
import { type ClientView, clientView } from "./client-view.ts";
import type { ResolutionId } from "./inputs.ts";
import { configChange } from "./reconfigure.ts";
import { hasAddress, type InterfaceFacts, isUsable } from "./source-selection.ts";
import { type Trigger, transitionFor } from "./states.ts";

/** The machine of one client; `engine.ts` feeds it. */
export class FlexvpnClient {
  readonly #memory: ClientMemory;
  readonly #moves: ClientMoves;
  readonly #context: ClientContext;
  #planned = "";

  constructor(
    config: ResolvedClient,
    tunnel: ResolvedTunnel,
    learnt: readonly Prefix[],
    context: ClientContext,
    now: MonotonicMs,
  ) {
    this.#memory = new ClientMemory(config, tunnel, learnt, now);
    this.#moves = new ClientMoves(this.#memory, new Attempts(this.#memory, context));
    this.#context = context;
  }

  /** The session in use or being opened. */
  get session(): SessionId | undefined {
    return this.#memory.open?.session;
  }

  /** The question to the resolver that is open. */
  get resolution(): ResolutionId | undefined {
    const { state } = this.#memory;
    return state.status === "resolving" ? state.resolution : undefined;
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
    return this.#memory.deadlines.next();
  }

  /** Fires the timers whose time has come. */
  timeout(now: MonotonicMs): void {
    for (const timer of this.#memory.deadlines.due(now)) {
      if (timer === "retry") this.take({ on: "retry" }, now);
      else this.take({ on: "unresolved", why: { message: "no DNS server answered" } }, now);
    }
  }

  /** A session that the client had let go of is gone. */
  closed(session: SessionId, now: MonotonicMs): void {
    const { state } = this.#memory;
    if (state.status === "backoff" && state.closing === session) this.take({ on: "closed" }, now);
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
    if (message !== undefined) {
      this.take({ on: "source-lost", why: { code: SOURCE_MISSING, message }, cause }, now);
    } else if (this.#couldBeSource(name) && isNews(before, after)) {
      this.take({ on: "source-found", cause }, now);
    }
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
    return clientView(this.#memory);
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

  #couldBeSource(name: string): boolean {
    const { config } = this.#memory;
    if (config.sources.length > 0) return config.sources.some((each) => each.interface === name);
    return !this.#context.tunnels.has(name) && !config.inside.includes(name);
  }

  #intent(): TunnelIntent {
    const { config, tunnel, state, source, learnt } = this.#memory;
    return {
      client: config.name,
      tunnel,
      inside: config.inside,
      nat: config.nat,
      routes: config.routes,
      killSwitch: config.killSwitch,
      ...(state.status === "up" ? { carrier: carrierOf(state) } : {}),
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
    return [...new Set(open === undefined ? addresses : [...addresses, open.address])].sort();
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

/** It can be used now, and before it could not or had other addresses. */
function isNews(before: InterfaceFacts | undefined, after: InterfaceFacts | undefined): boolean {
  if (!after?.isUp || after.addresses.length === 0) return false;
  return !before?.isUp || before.addresses.join() !== after.addresses.join();
}
