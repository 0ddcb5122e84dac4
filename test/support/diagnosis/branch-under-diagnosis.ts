/**
 * A branch in a simulated world that can be asked what is wrong with it: the real engines and event log, joined as the daemon joins them, with a configuration file read by the product's own reader. What the machine around it
 * would show (interfaces, ways, clock) is as good as can be unless a test says otherwise.
 */
import { onTestFinished } from "vitest";
import { loadConfig } from "#config/load.ts";
import type { ResolvedClient, ResolvedConfig } from "#config/resolved.ts";
import { certificateFacts, clientFacts } from "#daemon/client-facts.ts";
import type { FlexvpnAction } from "#flexvpn/actions.ts";
import { compose } from "#flexvpn/compose.ts";
import { FlexvpnEngine } from "#flexvpn/engine.ts";
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import type { IkeAction } from "#ike/actions.ts";
import type { Path } from "#ike/connection.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { IkeInput } from "#ike/inputs.ts";
import { concatBytes } from "#lib/bytes.ts";
import { earliest } from "#lib/deadlines.ts";
import type { Duration, MonotonicMs, WallClock } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { failed, ok } from "#lib/result.ts";
import type { SocketFault } from "#linux/socket/socket-fault.ts";
import { dialerStates } from "#state/build-dialer-state.ts";
import { buildDocument } from "#state/build-document.ts";
import { diagnose } from "#state/diagnose/diagnose.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { CaseEvidence, MachineFacts } from "#state/diagnose/evidence.ts";
import type { ClockState } from "#state/document-clock.ts";
import type { ConfigurationState } from "#state/document-configuration.ts";
import { EventLog, formatTime } from "#state/event-log.ts";
import { WORLD_BEGAN } from "../branch.ts";
import { PSK } from "../connection.ts";
import { DataPlaneRecorder } from "../dataplane-recorder.ts";
import type { Planned } from "../fake-clock.ts";
import type { Datagram, Host } from "../link.ts";
import { BRANCH_ADDRESS, type World } from "../world.ts";
import { Watchers } from "./watchers.ts";

/** What a test changes of the evidence that the world can't have. */
export type Surroundings = Partial<Omit<CaseEvidence, "machine">> & {
  readonly machine?: Partial<MachineFacts>;
};

/** Sections of the configuration file; those left out are as in `plainFile`. */
export type FileChanges = Readonly<Record<string, unknown>> & {
  readonly profile?: Readonly<Record<string, unknown>>;
  /** `ikev2.proposals`. */
  readonly proposals?: Readonly<Record<string, unknown>>;
  readonly client?: Readonly<Record<string, unknown>>;
  /** Texts of the files that the configuration names. */
  readonly files?: Readonly<Record<string, string>>;
};

export class BranchUnderDiagnosis implements Host {
  readonly addresses: readonly IpAddress[];
  readonly config: ResolvedConfig;
  readonly client: ResolvedClient;
  readonly flexvpn: FlexvpnEngine;
  readonly ike: IkeEngine;
  readonly events: EventLog;
  readonly dataplane: DataPlaneRecorder;
  readonly watchers: Watchers;
  surroundings: Surroundings = {};
  configuration: ConfigurationState = { kept: true };
  /** Why the kernel refuses every SA. */
  installFault: { readonly code: string; readonly message: string } | undefined;
  /** Why no socket can be had for a session with this address. */
  socketFault: ((remote: IpAddress) => SocketFault | undefined) | undefined;
  readonly #world: World;
  readonly #jobs: (() => void)[] = [];
  #wake: Planned | undefined;
  #isDraining = false;
  /** Wrong by so much. */
  readonly #clockError: number;
  readonly #clockDoubt: string | undefined;

  constructor(
    world: World,
    changes: FileChanges = {},
    options: {
      clockError?: Duration;
      address?: IpAddress;
      /** The time guard does not trust the clock, for this reason. */
      clockDoubt?: string;
    } = {},
  ) {
    this.#world = world;
    this.addresses = [options.address ?? BRANCH_ADDRESS];
    this.#clockError = options.clockError ?? 0;
    this.#clockDoubt = options.clockDoubt;
    this.config = readFile(changes);
    this.client = this.config.clients["hq"] as ResolvedClient;
    this.flexvpn = new FlexvpnEngine(world.random.fork().bytes);
    this.ike = new IkeEngine({ random: world.random.fork().bytes });
    this.watchers = new Watchers(
      {
        now: () => world.clock.now,
        do: (job) => this.#do(job),
        giveFlexvpn: (input) => this.giveFlexvpn(input),
        record: (event) => this.events.record(event),
      },
      () => world.random.fork().bytes,
    );
    this.dataplane = new DataPlaneRecorder(world.clock);
    this.events = new EventLog(
      () => ({ time: this.wall, uptime: world.clock.now / 1_000 }),
      2_000,
      () => {},
    );
    this.events.open();
    world.link.attach(this);
    onTestFinished(() => this.stop());
  }

  get wall(): WallClock {
    return (WORLD_BEGAN + this.#clockError + this.#world.clock.now) as WallClock;
  }

  /** Boots with these interfaces up. */
  start(interfaces: readonly string[] = ["wan0"]): this {
    const { clients, tunnels } = this.config;
    const isEarliest = this.#clockDoubt !== undefined;
    this.giveIke({ kind: "wall-clock", time: this.wall, isEarliest });
    this.watchers.configure(this.config);
    this.giveFlexvpn({ kind: "configure", clients, tunnels });
    for (const name of interfaces) this.interfaceUp(name);
    this.giveFlexvpn({ kind: "start" });
    return this;
  }

  interfaceUp(name: string): void {
    this.interfaceChanged(name, true, [`${this.addresses[0]}/24`]);
  }

  interfaceChanged(name: string, isUp: boolean, addresses: readonly string[]): void {
    const news = { kind: "interface-changed", name, isUp, addresses: addresses as never } as const;
    this.watchers.giveTrack(news);
    this.giveFlexvpn(news);
  }

  /** Ends everything, so that the world can be left. */
  stop(): void {
    this.watchers.stop();
    this.giveFlexvpn({ kind: "shut-down", reason: "the test is over" });
  }

  get isUp(): boolean {
    return this.flexvpn.views()[0]?.status === "up";
  }

  /** Everything that is known of the client now. */
  get evidence(): CaseEvidence {
    const { machine, ...others } = this.surroundings;
    const { tunnels } = this.config;
    const tunnel = tunnels[this.client.tunnel];
    if (!tunnel) throw new Error("the client has no tunnel");
    return {
      client: "hq",
      now: this.wall,
      document: this.#document(),
      events: this.events.last(2_000),
      configuration: clientFacts(this.client, tunnel),
      machine: { ...quietMachine, ...machine },
      ways: [],
      certificates: certificateFacts(this.client),
      traffic: [],
      ...others,
    };
  }

  diagnose(): Diagnosis {
    return diagnose(this.evidence);
  }

  receive({ from, to, bytes, protocol }: Datagram): void {
    if (protocol === "esp") return;
    const isMarked = bytes.length >= 4 && bytes.subarray(0, 4).every((byte) => byte === 0);
    if (to.port === 4500 && !isMarked) return;
    const plain = to.port === 4500 ? bytes.slice(4) : bytes;
    this.giveIke({ kind: "datagram", local: to, remote: from, bytes: plain });
  }

  giveIke(input: IkeInput): void {
    this.#do(() => {
      for (const action of this.ike.handle(input, this.#world.clock.now)) this.#performIke(action);
    });
  }

  giveFlexvpn(input: FlexvpnInput): void {
    this.#do(() => {
      for (const action of this.flexvpn.handle(input, this.#world.clock.now))
        this.#performFlexvpn(action);
    });
  }

  #do(job: () => void): void {
    this.#jobs.push(job);
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let next = this.#jobs.shift(); next; next = this.#jobs.shift()) next();
    this.#isDraining = false;
    this.#armWake();
  }

  #armWake(): void {
    const next = this.#engines.reduce<MonotonicMs | undefined>(
      (first, { engine }) => earliest(first, engine.nextTimeout()),
      undefined,
    );
    this.#wake?.cancel();
    this.#wake =
      next === undefined ? undefined : this.#world.clock.at(next, () => this.#timeout(next));
  }

  #timeout(at: MonotonicMs): void {
    for (const { engine, wake } of this.#engines) {
      const due = engine.nextTimeout();
      if (due !== undefined && due <= at) wake();
    }
    this.#armWake();
  }

  get #engines() {
    const timeout = { kind: "timeout" } as const;
    return [
      { engine: this.ike, wake: () => this.giveIke(timeout) },
      { engine: this.flexvpn, wake: () => this.giveFlexvpn(timeout) },
      ...this.watchers.engines,
    ];
  }

  #performFlexvpn(action: FlexvpnAction): void {
    switch (action.kind) {
      case "open-session":
        this.#open(action);
        break;
      case "resolve":
        this.watchers.resolve(action);
        break;
      case "dial":
        this.watchers.giveDial({ ...action, kind: "demand" });
        break;
      case "close-session": {
        const { session, reason, expectAnswer } = action;
        this.giveIke({ kind: "terminate", session, reason, expectAnswer });
        break;
      }
      case "event":
        this.events.record(action.event);
        break;
      default:
        break;
    }
  }

  #open({ session, connection, remote }: Extract<FlexvpnAction, { kind: "open-session" }>): void {
    const fault = this.socketFault?.(remote.address);
    if (fault) {
      const { code, what, remedy, isTransient } = fault;
      const reason = { code, message: what, remedy, isTransient };
      this.giveFlexvpn({ kind: "session-down", session, reason });
      return;
    }
    const local = { address: this.addresses[0] ?? BRANCH_ADDRESS, port: remote.port };
    this.giveIke({ kind: "initiate", session, connection, path: { local, remote } });
  }

  #performIke(action: IkeAction): void {
    switch (action.kind) {
      case "send":
        this.#send(action.path, action.bytes);
        break;
      case "install-sa":
        if (this.installFault)
          this.giveIke({ kind: "sa-install-failed", spi: action.sa.spi, ...this.installFault });
        else this.dataplane.install(action.sa);
        break;
      case "remove-sa":
        this.dataplane.remove(action.spi, action.direction);
        break;
      case "session-authenticating":
      case "session-up":
      case "session-down":
        this.giveFlexvpn(action);
        break;
      case "event":
        this.events.record(action.event);
        break;
      default:
        break;
    }
  }

  #send({ local, remote }: Path, bytes: Uint8Array): void {
    const marked = local.port === 4500 ? concatBytes(new Uint8Array(4), bytes) : bytes;
    this.#world.link.send({ protocol: "udp", from: local, to: remote, bytes: marked });
  }

  #document(): CaseEvidence["document"] {
    const { now } = this.#world.clock;
    return buildDocument({
      configuration: this.configuration,
      version: "0.1.0",
      hostname: this.config.hostname,
      now,
      wallAt: (instant) => (this.wall - (now - instant)) as WallClock,
      startedAt: 0 as MonotonicMs,
      clients: this.flexvpn.views(),
      ike: this.ike.sessions(now),
      securityAssociations: [],
      saCounters: [],
      desired: compose([], [], () => 1_500),
      tracks: this.watchers.track.views(),
      sla: this.watchers.sla.views(),
      dialers: dialerStates(
        this.watchers.dial.views(now),
        new Map(),
        (instant) => (this.wall - (now - instant)) as WallClock,
      ),
      system: { memory: 50_000_000, faults: [], clock: this.#clock() },
    });
  }

  #clock(): ClockState {
    const reason = this.#clockDoubt;
    if (reason === undefined) return { trusted: true, synchronised: true };
    return { trusted: false, synchronised: false, reason, earliest: formatTime(this.wall) };
  }
}

/** A machine with nothing wrong. */
const quietMachine: MachineFacts = {
  clock: { earliest: Date.UTC(2026, 10, 1) as WallClock, isSynchronised: true },
  interfaces: [
    { name: "wan0", isUp: true, mtu: 1_500, addresses: [`${BRANCH_ADDRESS}/24`], rivals: [] },
    { name: "br-lan", isUp: true, mtu: 1_500, addresses: ["192.168.12.1/24"], rivals: [] },
  ],
  nameServers: ["192.0.2.53"],
  faults: [],
  settings: [],
  droppingForwardChains: [],
};

function readFile({
  profile,
  proposals,
  client,
  files = {},
  ...sections
}: FileChanges): ResolvedConfig {
  const file = {
    hostname: "branch12",
    ikev2: {
      ...(proposals && { proposals }),
      profiles: {
        hq: {
          local: { identity: "fqdn:branch12.example.net", authentication: "psk", psk: PSK },
          remote: { identity: "fqdn:*.example.net", authentication: "psk", psk: PSK },
          retransmit: { initial: "500ms", factor: 1.5, limit: 3, jitter: "0%" },
          ...profile,
        },
      },
    },
    clients: { hq: { peers: [{ address: "203.0.113.1" }], ...client } },
    ...sections,
  };
  const read = (path: string) => {
    const text = files[path.replace(/^.*\/etc\//, "")];
    return text === undefined
      ? failed("ENOENT" as const)
      : ok({ bytes: new TextEncoder().encode(text), mode: 0o600, owner: "self" as const });
  };
  const loaded = loadConfig({
    path: "/etc/config.yaml",
    text: JSON.stringify(file),
    readFile: read,
    env: {},
  });
  if (!loaded.ok)
    throw new Error(
      loaded.error.map((error) => `${error.path?.join(".")}: ${error.message}`).join("; "),
    );
  return loaded.value;
}
