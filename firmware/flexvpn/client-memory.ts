/**
 * What one client remembers, and the few things that must go together: entering a state with its timers, letting go of a
 * session with its event. It decides nothing; `attempts.ts` and `client-moves.ts` do.
 */
import type {
  ResolvedClient,
  ResolvedPeer,
  ResolvedSource,
  ResolvedTunnel,
} from "#config/resolved.ts";
import type { SessionId } from "#ike/inputs.ts";
import { Deadlines } from "#lib/deadlines.ts";
import { after, type Duration, type MonotonicMs } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { withoutContained } from "#lib/prefix-set.ts";
import { clientSubject, daemonSubject, type EventDraft, type EventSubject } from "#state/event.ts";
import type { FlexvpnAction } from "./actions.ts";
import { ClientEvents } from "./client-events.ts";
import type { ClientContext } from "./context.ts";
import { sourcesOf } from "./dialing.ts";
import type { ResolutionId } from "./inputs.ts";
import { downloadedPeers, type PeerEntry, redirectedPeer, staticPeers } from "./peer-list.ts";
import { type Round, roundFromTop } from "./rounds.ts";
import type { ClientState, ClientTimer, OpenSession, Why } from "./states.ts";
import { describeTrack, isMet } from "./track-states.ts";
import { type Ways, waysOf } from "./ways.ts";

/** What a client knows of its hubs from an earlier life. */
export interface Learnt {
  readonly networks: readonly Prefix[];
  readonly gateways: readonly string[];
}

/** The memory of one client. The owner sets `now` before each move and takes `actions` after it. */
export class ClientMemory {
  now: MonotonicMs;
  config: ResolvedClient;
  tunnel: ResolvedTunnel;
  state: ClientState = { status: "idle", why: { message: "not started yet" } };
  /** When the state was entered. */
  since: MonotonicMs;
  actions: FlexvpnAction[] = [];
  readonly deadlines = new Deadlines<ClientTimer>();
  readonly tell: ClientEvents;

  /** The working list: where a hub redirected to, the configured peers, the downloaded ones. */
  peers: readonly PeerEntry[] = [];
  /** Gateways that a hub pushed. */
  downloaded: readonly string[] = [];
  /** Where a hub sent the client, while it is there or on its way. */
  redirect: PeerEntry | undefined;
  /** When redirects were followed, the last few. */
  redirects: readonly MonotonicMs[] = [];
  round: Round = roundFromTop;
  /** Rounds failed in a row. */
  level = 0;
  /** Attempts since the client was last up. */
  attempts = 0;
  /** Sessions in a row that were lost before they counted as stable. */
  quickLosses = 0;
  /** What went wrong last with each peer, by its key; a session that comes up clears it. */
  readonly failures = new Map<string, Why>();
  lastFailure: Why = { message: "no peer may be used now" };
  /** Last known addresses of the peers that are names, by key. */
  readonly resolved = new Map<string, readonly IpAddress[]>();
  /** Networks behind the hub as last learnt. */
  learnt: readonly Prefix[];
  /** The next hub's networks replace those learnt: an operator cleared the client. */
  learnsAnew = false;

  isStarted = false;
  startedAt: MonotonicMs;
  /** No other source will do, or every way was tried in vain: cleared when a session from another source is up. */
  needsDialer = false;
  /** What operators asked for since the configuration had the last word. */
  demand: "configured" | "connect" | "disconnect" = "configured";
  /** The kernel can't carry this client at all. */
  fatal: Why | undefined;
  readonly toldFaults = new Set<string>();
  toldSources = "";
  /** The dialer that this client has asked for. */
  demanded: string | undefined;
  /** What there was to try when the client last looked. */
  chances: ReadonlySet<string> = new Set();
  /** What the next event follows from. */
  because: EventSubject | undefined = daemonSubject;
  readonly #context: ClientContext;

  constructor(
    config: ResolvedClient,
    tunnel: ResolvedTunnel,
    learnt: Learnt,
    context: ClientContext,
    now: MonotonicMs,
  ) {
    this.config = config;
    this.tunnel = tunnel;
    this.learnt = learnt.networks;
    this.downloaded = learnt.gateways;
    this.now = now;
    this.since = now;
    this.startedAt = now;
    this.tell = new ClientEvents(config.name);
    this.#context = context;
    this.listPeers();
  }

  /** By sequence, with the dialer's interface among them. */
  get sources(): readonly ResolvedSource[] {
    return sourcesOf(this.config, this.#context.dialers);
  }

  /** The ways as things stand. */
  get ways(): Ways {
    return waysOf(this.config, this.sources, this.peers, this.#context);
  }

  /** The session in use or being opened. */
  get open(): OpenSession | undefined {
    return "open" in this.state ? this.state.open : undefined;
  }

  /** Interface in use or being tried; undefined too when the routing table decides. */
  get source(): string | undefined {
    return this.state.status === "resolving" ? this.state.attempt.source : this.open?.source;
  }

  /** Somebody, the configuration or an operator, wants this client up now. */
  get isWanted(): boolean {
    if (!this.isStarted || this.demand === "disconnect") return false;
    const { connect } = this.config;
    if (this.demand === "connect" || connect === "auto") return true;
    return connect !== "manual" && isMet(connect, this.#context.tracks) === true;
  }

  /** Why a client that connects by a track object does not. */
  whyStandsDown(): Why {
    const { connect } = this.config;
    const { tracks } = this.#context;
    const what =
      typeof connect === "string" ? "nobody wants it up" : describeTrack(connect, tracks);
    const wish = typeof connect === "string" ? "" : `; connects when it is ${connect.state}`;
    return { code: "track.stands-down", message: `${what}${wish}` };
  }

  /** Makes the working list anew: the configuration, a download or a redirect changed it. */
  listPeers(): void {
    const configured = staticPeers(this.config.peers);
    const isWelcome = this.config.downloadedBackups === "after-static";
    const pushed = isWelcome ? downloadedPeers(this.downloaded, configured) : [];
    this.peers = [...(this.redirect ? [this.redirect] : []), ...configured, ...pushed];
  }

  /** Goes by this gateway from now on, which `from` named; or by the list alone again. */
  redirectTo(gateway: string | undefined, from?: PeerEntry): void {
    this.redirect = gateway === undefined || !from ? undefined : redirectedPeer(gateway, from);
    this.listPeers();
  }

  /** What this client is about, for events that follow from its own. */
  get subject(): EventSubject {
    return clientSubject(this.config.name);
  }

  /** Enters a state with no timer armed. */
  enter(state: ClientState, since = this.now): void {
    this.state = state;
    this.since = since;
    this.deadlines.cancel("retry");
    this.deadlines.cancel("resolution");
    const { status } = state;
    this.actions.push({ kind: "status-changed", client: this.config.name, status });
  }

  arm(timer: ClientTimer, delay: Duration): void {
    this.deadlines.arm(timer, after(this.now, delay));
  }

  event(event: EventDraft): void {
    this.actions.push({ kind: "event", event });
  }

  /** Asks for the client's dialer, or lets go of it, as things stand. */
  demandDialer(): void {
    const { name, dialer } = this.config;
    const wanted = this.isWanted && this.needsDialer ? dialer : undefined;
    const before = this.demanded;
    if (wanted === before) return;
    this.demanded = wanted;
    const dial = (which: string, isWanted: boolean) =>
      this.actions.push({ kind: "dial", client: name, dialer: which, wanted: isWanted });
    if (before !== undefined) dial(before, false);
    if (wanted !== undefined) dial(wanted, true);
  }

  /**
   * Networks behind any of the hubs stay guarded while another hub is in use: what only the first one leads to must not
   * leave in clear because the second does not. After `clear` the next hub's stand alone.
   */
  learn(networks: readonly Prefix[]): void {
    if (networks.length === 0) return;
    const known = this.learnsAnew ? [] : this.learnt;
    this.learnsAnew = false;
    const all = known.every((each) => networks.includes(each))
      ? networks
      : [...withoutContained([...networks, ...known])].sort();
    if (all.join() === this.learnt.join()) return;
    this.learnt = all;
    this.remember();
  }

  /** Has what was learnt of the hubs kept over a restart. */
  remember(): void {
    const { learnt: networks, downloaded: gateways } = this;
    this.actions.push({ kind: "remember", client: this.config.name, networks, gateways });
  }

  /** Asks for the addresses of a name, through the source that will be used. */
  resolve(
    id: ResolutionId,
    { name, family }: Extract<ResolvedPeer["host"], { kind: "fqdn" }>,
    source: string | undefined,
  ): void {
    const { name: client } = this.config;
    const from = source === undefined ? {} : { source };
    this.actions.push({ kind: "resolve", id, client, name, family, ...from });
  }

  /** Starts IKE. A session beside another must not have the hub end the other one. RFC 7296 §2.4 INITIAL_CONTACT */
  openSession({ session, address, source }: OpenSession, { isBeside = false } = {}): void {
    const { name: client } = this.config;
    const connection = isBeside
      ? { ...this.config.connection, initialContact: false }
      : this.config.connection;
    const from = source === undefined ? {} : { source };
    const remote = { address, port: IKE_PORT };
    this.actions.push({ kind: "open-session", session, client, connection, remote, ...from });
  }

  /** Forgets what failed before: the next attempt is a first one. */
  forgetFailures(): void {
    this.round = roundFromTop;
    this.level = 0;
    this.quickLosses = 0;
    this.fatal = undefined;
    this.toldFaults.clear();
    this.because = this.subject;
  }

  noteFailure(peer: PeerEntry, failure: Why): void {
    const { code, message, remedy } = failure;
    const why: Why = {
      message,
      ...(code === undefined ? {} : { code }),
      ...(remedy === undefined ? {} : { remedy }),
    };
    this.failures.set(peer.key, why);
    this.lastFailure = why;
  }

  /** Tells that the client is no longer up; says nothing when it was not. */
  tellDown(why: Why, cause: EventSubject | undefined): void {
    if (this.state.status !== "up") return;
    this.event(this.tell.down(this.state.open, this.state.outcome, why, cause));
    this.because = this.subject;
  }

  /**
   * Ends the session in use or being opened. The caller enters another state next.
   * @returns the session, or undefined when there was none.
   */
  close(why: Why, cause: EventSubject | undefined, expectAnswer: boolean): SessionId | undefined {
    if (!this.open) return undefined;
    const { session } = this.open;
    this.tellDown(why, cause);
    this.actions.push({ kind: "close-session", session, reason: why.message, expectAnswer });
    return session;
  }
}

/** RFC 7296 §2 */
const IKE_PORT = 500;
