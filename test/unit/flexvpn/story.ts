import type { ResolvedClient, ResolvedPeer, ResolvedTunnel } from "#config/resolved.ts";
import type { FlexvpnAction, TunnelIntent } from "#flexvpn/actions.ts";
import type { ClientView } from "#flexvpn/client-view.ts";
import { FlexvpnEngine } from "#flexvpn/engine.ts";
import type { FlexvpnInput, Underlay } from "#flexvpn/inputs.ts";
import type { DownReason, SessionOutcome } from "#ike/actions.ts";
import type { IkeConnection } from "#ike/connection.ts";
import { hours, type MonotonicMs, milliseconds, seconds } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import type { EventDraft, EventSubject } from "#state/event.ts";

export const ip = (text: string): IpAddress => text as IpAddress;
export const prefix = (text: string): Prefix => text as Prefix;

/** The same bytes for the same seed (mulberry32). */
export function seededRandom(seed: number): RandomSource {
  let state = seed;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return (mixed ^ (mixed >>> 14)) & 0xff;
    });
}

export function connection(psk = "secret"): IkeConnection {
  const secret = new SecretBytes(new TextEncoder().encode(psk));
  return {
    name: "hq",
    local: {
      identity: { kind: "fqdn", value: "branch12.example.net" },
      authentication: { method: "psk", secret },
    },
    remote: { identities: [{ kind: "any" }], authentication: { method: "psk", secret } },
    proposals: [],
    child: {
      proposals: [],
      local: [],
      remote: [],
      mode: "tunnel",
      lifetime: { time: hours(1) },
      replayWindow: 64,
      offload: "none",
    },
    request: { ipv4: true, ipv6: false },
    dpd: { mode: "periodic", interval: seconds(10), retry: seconds(2) },
    retransmit: { initial: milliseconds(500), factor: 1.8, limit: 5, jitter: 0.1 },
    lifetime: hours(24),
    natKeepalive: seconds(20),
    announceFlexVpn: true,
    initialContact: true,
  };
}

export function peerAt(seq: number, address: string): ResolvedPeer {
  return { seq, host: { kind: "address", address: ip(address) } };
}

export function peerNamed(
  seq: number,
  name: string,
  family: "ipv4" | "ipv6" | "dynamic" = "dynamic",
): ResolvedPeer {
  return { seq, host: { kind: "fqdn", name, family } };
}

export const hub1 = "203.0.113.1";
export const hub2 = "203.0.113.2";

export function client(changes: Partial<ResolvedClient> = {}): ResolvedClient {
  return {
    name: "hq",
    tunnel: "Tunnel0",
    connect: "auto",
    peerReactivate: true,
    downloadedBackups: "after-static",
    standby: "off",
    holdDown: seconds(30),
    peers: [peerAt(10, hub1), peerAt(20, hub2)],
    sources: [],
    inside: ["br-lan"],
    nat: "negotiated",
    routes: { accept: true, distance: 2 },
    killSwitch: true,
    backoff: { initial: seconds(5), max: seconds(60) },
    connection: connection(),
    ...changes,
  };
}

export function tunnel(changes: Partial<ResolvedTunnel> = {}): ResolvedTunnel {
  return {
    name: "Tunnel0",
    number: 1,
    address: { kind: "negotiated" },
    mtu: "auto",
    tcpMss: "auto",
    ...changes,
  };
}

export function outcome(changes: Partial<SessionOutcome> = {}): SessionOutcome {
  return {
    peerIdentity: "hub.example.net",
    assigned: { ipv4: ip("10.250.1.7") },
    dns: [ip("10.1.0.53")],
    domains: [],
    subnets: [prefix("10.1.0.0/16")],
    localSelectors: [prefix("10.250.1.7/32")],
    remoteSelectors: [prefix("0.0.0.0/0")],
    natDetected: { local: false, remote: false },
    path: {
      local: { address: ip("198.51.100.7"), port: 500 },
      remote: { address: ip(hub1), port: 500 },
    },
    ...changes,
  };
}

export const noAnswer: DownReason = {
  code: "ike.timeout",
  message: "no answer",
  remedy: "check the hub",
  isTransient: true,
};
export const hubGone: DownReason = {
  code: "ike.liveness-lost",
  message: "no longer answers",
  isTransient: true,
};

/** What the event of a track object is about. */
export const trackEvent = (object: string): EventSubject => `track:${object}` as EventSubject;

type ActionOf<Kind extends FlexvpnAction["kind"]> = Extract<FlexvpnAction, { kind: Kind }>;

/** The client machine with a clock that only the test moves. */
export class Story {
  readonly engine: FlexvpnEngine;
  now = 0 as MonotonicMs;
  /** States of track objects as given last. */
  readonly tracks = new Map<string, "up" | "down">();
  /** What operators asked of client hq last, until `clear`. */
  demand: "connect" | "disconnect" | undefined;
  /** It was shut down and not started again. */
  isShutDown = false;
  #configs: Readonly<Record<string, ResolvedClient>> = {};
  /** All actions so far. */
  readonly log: FlexvpnAction[] = [];
  /** Sessions opened and not closed by the client nor down. */
  readonly open = new Set<number>();

  /** Sees every input with what came of it. */
  observe: (input: FlexvpnInput, actions: readonly FlexvpnAction[], now: MonotonicMs) => void =
    () => {};

  /** @param random bytes that the seed alone decides, unless another source is given. */
  constructor(seed = 1, random = seededRandom(seed)) {
    this.engine = new FlexvpnEngine(random);
  }

  /** A story in which this client has been configured and started. */
  static of(config: ResolvedClient, seed?: number): Story {
    const story = new Story(seed);
    story.configure(config);
    story.give({ kind: "start" });
    return story;
  }

  /** A story of several clients, each with a tunnel of its own, not started yet. */
  static ofMany(...configs: readonly ResolvedClient[]): Story {
    const story = new Story();
    const tunnels = configs.map(({ tunnel: name }, index) => tunnel({ name, number: index + 1 }));
    story.give({
      kind: "configure",
      clients: Object.fromEntries(configs.map((config) => [config.name, config])),
      tunnels: Object.fromEntries(tunnels.map((each) => [each.name, each])),
    });
    return story;
  }

  configure(config: ResolvedClient, itsTunnel = tunnel()): readonly FlexvpnAction[] {
    const clients = { [config.name]: config };
    return this.give({ kind: "configure", clients, tunnels: { [itsTunnel.name]: itsTunnel } });
  }

  config(name: string): ResolvedClient {
    const config = this.#configs[name];
    if (!config) throw new Error(`no client ${name}`);
    return config;
  }

  give(input: FlexvpnInput): readonly FlexvpnAction[] {
    if (input.kind === "track-changed") this.tracks.set(input.object, input.state);
    if (input.kind === "configure") this.#configs = input.clients;
    if (input.kind === "connect" || input.kind === "disconnect") this.demand = input.kind;
    if (input.kind === "clear") this.demand = undefined;
    if (input.kind === "start" || input.kind === "shut-down")
      this.isShutDown = input.kind === "shut-down";
    const actions = this.engine.handle(input, this.now);
    this.observe(input, actions, this.now);
    this.log.push(...actions);
    if (input.kind === "session-down") this.open.delete(input.session);
    for (const action of actions) {
      if (action.kind === "open-session") this.open.add(action.session);
      if (action.kind === "close-session") this.open.delete(action.session);
    }
    return actions;
  }

  /** Lets time pass, firing timers when they are due. */
  pass(duration: number): void {
    const end = this.now + duration;
    for (let at = this.engine.nextTimeout(); at !== undefined && at <= end; ) {
      this.now = Math.max(this.now, at) as MonotonicMs;
      this.give({ kind: "timeout" });
      at = this.engine.nextTimeout();
    }
    this.now = end as MonotonicMs;
  }

  /** The newest session that was asked for. */
  get session(): ActionOf<"open-session"> {
    return this.newest("open-session");
  }

  newest<Kind extends FlexvpnAction["kind"]>(kind: Kind): ActionOf<Kind> {
    const found = this.log.findLast((action): action is ActionOf<Kind> => action.kind === kind);
    if (!found) throw new Error(`no ${kind} so far`);
    return found;
  }

  all<Kind extends FlexvpnAction["kind"]>(kind: Kind): readonly ActionOf<Kind>[] {
    return this.log.filter((action): action is ActionOf<Kind> => action.kind === kind);
  }

  /** Hubs in the order they were dialled. */
  get dialled(): readonly string[] {
    return this.all("open-session").map((action) => action.remote.address);
  }

  get events(): readonly EventDraft[] {
    return this.all("event").map((action) => action.event);
  }

  get mnemonics(): readonly string[] {
    return this.events.map((event) => event.mnemonic);
  }

  get intent(): TunnelIntent {
    return this.newest("plan").intent;
  }

  get view(): ClientView {
    const [view] = this.engine.views();
    if (!view) throw new Error("no client");
    return view;
  }

  get status(): ClientView["status"] {
    return this.view.status;
  }

  fail(reason = noAnswer): readonly FlexvpnAction[] {
    return this.give({ kind: "session-down", session: this.session.session, reason });
  }

  up(changes: Partial<SessionOutcome> = {}, underlay?: Underlay): readonly FlexvpnAction[] {
    const { session, remote } = this.session;
    const path = { ...outcome().path, remote };
    this.give({ kind: "session-authenticating", session });
    return this.give({
      kind: "session-up",
      session,
      outcome: outcome({ path, ...changes }),
      ...(underlay === undefined ? {} : { underlay }),
    });
  }

  resolve(...addresses: readonly string[]): readonly FlexvpnAction[] {
    const { id } = this.newest("resolve");
    return this.give({ kind: "resolved", id, addresses: addresses.map(ip) });
  }

  link(name: string, isUp: boolean, ...addresses: readonly string[]): readonly FlexvpnAction[] {
    const list = addresses.map((address) => address as InterfaceAddress);
    return this.give({ kind: "interface-changed", name, isUp, addresses: list });
  }

  track(object: string, state: "up" | "down"): readonly FlexvpnAction[] {
    return this.give({ kind: "track-changed", object, state, cause: trackEvent(object) });
  }

  viewOf(client: string): ClientView {
    const view = this.engine.views().find(({ name }) => name === client);
    if (!view) throw new Error(`no client ${client}`);
    return view;
  }

  operator(kind: "connect" | "disconnect" | "clear"): readonly FlexvpnAction[] {
    return this.give({ kind, client: "hq", by: "command line" });
  }
}
