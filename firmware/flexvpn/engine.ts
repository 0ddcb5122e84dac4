/**
 * All clients of the configuration as one engine: hands inputs to the client they are for, numbers sessions, remembers
 * what interfaces look like. It decides nothing; `client-moves.ts` does.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { SessionId } from "#ike/inputs.ts";
import { assertNever } from "#lib/assert-never.ts";
import { earliest } from "#lib/deadlines.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { Engine, RandomSource } from "#lib/engine.ts";
import { invariant } from "#lib/invariant.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { FlexvpnAction } from "./actions.ts";
import type { News } from "./circumstances.ts";
import { FlexvpnClient } from "./client.ts";
import { ClientEvents } from "./client-events.ts";
import type { Learnt } from "./client-memory.ts";
import type { ClientView } from "./client-view.ts";
import type { ClientContext } from "./context.ts";
import type { DialerFacts, FlexvpnInput, ResolutionId } from "./inputs.ts";
import type { TimeOfDay } from "./rehearsal-schedule.ts";
import type { SideNews } from "./side-session.ts";
import type { InterfaceFacts } from "./source-selection.ts";
import type { Trigger } from "./states.ts";
import type { TrackState } from "./track-states.ts";

type Of<Kind extends FlexvpnInput["kind"]> = Extract<FlexvpnInput, { kind: Kind }>;

/** The FlexVPN clients. Not reentrant: what an action brings about is a later input. */
export class FlexvpnEngine implements Engine<FlexvpnInput, FlexvpnAction> {
  readonly #clients = new Map<string, FlexvpnClient>();
  readonly #interfaces = new Map<string, InterfaceFacts>();
  readonly #tracks = new Map<string, TrackState>();
  readonly #dialers = new Map<string, DialerFacts>();
  readonly #remembered = new Map<string, Learnt>();
  /** Sessions opened and not yet down, with their client. */
  readonly #sessions = new Map<SessionId, string>();
  readonly #tunnels = new Set<string>();
  readonly #context: ClientContext;
  #wall: TimeOfDay | undefined;
  #isStarted = false;
  #lastSession = 0;
  #lastResolution = 0;

  constructor(random: RandomSource) {
    this.#context = {
      interfaces: this.#interfaces,
      tracks: this.#tracks,
      dialers: this.#dialers,
      takenBy: (client, address) => this.#takenBy(client, address),
      tunnels: this.#tunnels,
      random,
      wall: () => this.#wall,
      nextSession: () => ++this.#lastSession as SessionId,
      nextResolution: () => ++this.#lastResolution as ResolutionId,
    };
  }

  /** True when no session exists, not even one that is being closed. */
  get isQuiet(): boolean {
    return this.#sessions.size === 0;
  }

  handle(input: FlexvpnInput, now: MonotonicMs): readonly FlexvpnAction[] {
    const removed = this.#take(input, now);
    const clients = [...this.#clients.values()];
    const news = newsOf(input);
    for (const client of clients) client.settle(news, now);
    const actions = [...removed, ...clients.flatMap((each) => each.drain())];
    for (const action of actions)
      if (action.kind === "open-session") this.#sessions.set(action.session, action.client);
    return actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    return earliest(...[...this.#clients.values()].map((client) => client.nextTimeout()));
  }

  /** What each client is doing, in the order of the configuration. */
  views(): readonly ClientView[] {
    return [...this.#clients.values()].map((client) => client.view());
  }

  /** Client of a session that is not down yet. */
  clientOf(session: SessionId): string | undefined {
    return this.#sessions.get(session);
  }

  /** @returns actions of clients that are gone by it. */
  #take(input: FlexvpnInput, now: MonotonicMs): readonly FlexvpnAction[] {
    switch (input.kind) {
      case "configure":
        return this.#configure(input, now);
      case "remembered":
        this.#remembered.set(input.client, {
          networks: input.networks,
          gateways: input.gateways ?? [],
        });
        return [];
      case "start":
        this.#isStarted = true;
        this.#all({ on: "start" }, now);
        return [];
      case "shut-down":
        this.#isStarted = false;
        this.#all({ on: "shut-down", reason: input.reason }, now);
        return [];
      case "connect":
      case "disconnect":
      case "clear":
      case "switch":
        this.#clients.get(input.client)?.take({ on: input.kind, by: input.by }, now);
        return [];
      case "resolved":
        this.#answer(input.id, { on: "resolved", addresses: input.addresses }, now);
        return [];
      case "resolution-failed":
        this.#answer(input.id, { on: "unresolved", why: input }, now);
        return [];
      case "session-authenticating":
        this.#owner(input.session)?.sessionNews(input.session, { on: "authenticating" }, now);
        return [];
      case "session-up":
        this.#owner(input.session)?.sessionNews(input.session, sessionUp(input), now);
        return [];
      case "session-down":
        this.#sessionDown(input, now);
        return [];
      case "rehearse":
        this.#clients.get(input.client)?.rehearse(input.by, now);
        return [];
      case "time-of-day":
        this.#wall = { at: now, minuteOfDay: input.minuteOfDay };
        return [];
      case "interface-changed":
        this.#interfaceChanged(input, now);
        return [];
      case "track-changed":
        this.#tracks.set(input.object, { state: input.state, cause: input.cause });
        return [];
      case "dialer-changed":
        this.#dialers.set(input.dialer, dialerFacts(input));
        for (const client of this.#clients.values())
          if (client.config.dialer === input.dialer) client.dialerChanged(now);
        return [];
      case "redirected":
        this.#owner(input.session)?.sessionNews(
          input.session,
          { on: "redirected", gateway: input.gateway },
          now,
        );
        return [];
      case "dataplane-fault":
        this.#clients.get(input.client)?.take({ on: "fault", fault: input.fault }, now);
        return [];
      case "timeout":
        for (const client of this.#clients.values()) client.timeout(now);
        return [];
      default:
        return assertNever(input);
    }
  }

  #configure(input: Of<"configure">, now: MonotonicMs): readonly FlexvpnAction[] {
    this.#tunnels.clear();
    for (const name of Object.keys(input.tunnels)) this.#tunnels.add(name);
    const before = new Map(this.#clients);
    this.#clients.clear();
    for (const config of Object.values(input.clients)) {
      const tunnel = input.tunnels[config.tunnel];
      invariant(tunnel, `client ${config.name} names no tunnel of the configuration`);
      const known = before.get(config.name);
      known?.reconfigure(config, tunnel, now);
      this.#clients.set(config.name, known ?? this.#add(config, tunnel, now));
      before.delete(config.name);
    }
    return [...before].flatMap(([name, client]) => this.#removal(name, client, now));
  }

  #add(config: ResolvedClient, tunnel: ResolvedTunnel, now: MonotonicMs): FlexvpnClient {
    const learnt = this.#remembered.get(config.name) ?? { networks: [], gateways: [] };
    const client = new FlexvpnClient(config, tunnel, learnt, this.#context, now);
    if (this.#isStarted) client.take({ on: "start" }, now);
    return client;
  }

  #removal(name: string, client: FlexvpnClient, now: MonotonicMs): readonly FlexvpnAction[] {
    client.take({ on: "shut-down", reason: "removed from the configuration" }, now);
    client.settle({}, now);
    const ending = client.drain().filter((action) => action.kind !== "plan");
    const event = new ClientEvents(name).changed("removed from the configuration", ["removed"]);
    return [{ kind: "event", event }, ...ending, { kind: "drop-plan", client: name }];
  }

  #sessionDown(input: Of<"session-down">, now: MonotonicMs): void {
    const { session, reason } = input;
    const owner = this.#owner(session);
    this.#sessions.delete(session);
    owner?.sessionNews(session, { on: "session-down", reason }, now);
  }

  #interfaceChanged(input: Of<"interface-changed">, now: MonotonicMs): void {
    const { name, isUp, addresses } = input;
    const before = this.#interfaces.get(name);
    this.#interfaces.set(name, { isUp, addresses });
    for (const client of this.#clients.values())
      client.interfaceChanged(name, before, input.cause, now);
  }

  /** The other client of the same backup group that uses this address. */
  #takenBy(client: string, address: IpAddress): string | undefined {
    const group = this.#clients.get(client)?.config.backupGroup;
    if (group === undefined) return undefined;
    const others = [...this.#clients.values()].filter(
      ({ config }) => config.name !== client && config.backupGroup === group,
    );
    return others.find((other) => other.uses(address))?.config.name;
  }

  #all(trigger: Trigger, now: MonotonicMs): void {
    for (const client of this.#clients.values()) client.take(trigger, now);
  }

  #answer(id: ResolutionId, news: SideNews, now: MonotonicMs): void {
    for (const client of this.#clients.values()) client.answer(id, news, now);
  }

  /** The client that opened this session. */
  #owner(session: SessionId): FlexvpnClient | undefined {
    return this.#clients.get(this.#sessions.get(session) ?? "");
  }
}

function newsOf(input: FlexvpnInput): News {
  switch (input.kind) {
    case "interface-changed":
      return { source: input.name, ...(input.cause === undefined ? {} : { cause: input.cause }) };
    case "track-changed":
      return { cause: input.cause };
    case "dialer-changed":
      return input.cause === undefined ? {} : { cause: input.cause };
    default:
      return {};
  }
}

function dialerFacts({ state, interface: device, why }: Of<"dialer-changed">): DialerFacts {
  return {
    state,
    ...(device === undefined ? {} : { interface: device }),
    ...(why === undefined ? {} : { why }),
  };
}

function sessionUp(input: Of<"session-up">): SideNews {
  const { outcome, underlay } = input;
  return { on: "session-up", outcome, ...(underlay === undefined ? {} : { underlay }) };
}
