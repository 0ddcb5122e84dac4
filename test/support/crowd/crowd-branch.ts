/**
 * One branch among thousands: the real client machine and the real IKE engine, joined as the daemon joins them. It has no
 * kernel: SAs are forgotten and their keys wiped when the engine says so. Nothing is recorded but what `CrowdWatch` is told.
 */
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { FlexvpnAction } from "#flexvpn/actions.ts";
import { FlexvpnEngine } from "#flexvpn/engine.ts";
import type { FlexvpnInput } from "#flexvpn/inputs.ts";
import type { DownReason, IkeAction } from "#ike/actions.ts";
import type { Path } from "#ike/connection.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { IkeInput, SessionId } from "#ike/inputs.ts";
import { concatBytes } from "#lib/bytes.ts";
import { earliest } from "#lib/deadlines.ts";
import { seconds } from "#lib/duration.ts";
import { type InterfaceAddress, type IpAddress, interfaceAddress } from "#lib/ip.ts";
import type { SecretBytes } from "#lib/secret.ts";
import type { FakeClock, Planned } from "../fake-clock.ts";
import type { Datagram, Host, Link } from "../link.ts";
import type { SeededRandom } from "../seeded-random.ts";

/** What a crowd learns of its branches. */
export interface CrowdWatch {
  sessionUp(): void;
  /** @param wasUp false for an attempt that came to nothing. */
  sessionDown(reason: DownReason, wasUp: boolean): void;
  /** Whether a hub's ESP reaches the branches now: what busy LANs behind the branches would receive. */
  isSending(hub: IpAddress): boolean;
}

/** The WAN interface of every branch. */
const WAN = "wan0";
/** How often the daemon looks at the SAs' counters. `daemon/traffic-watch.ts` */
const TRAFFIC_PACE = seconds(2);

export class CrowdBranch implements Host {
  readonly addresses: readonly IpAddress[];
  readonly client: ResolvedClient;
  readonly #tunnel: ResolvedTunnel;
  readonly #clock: FakeClock;
  readonly #link: Link;
  readonly #watch: CrowdWatch;
  readonly #ike: IkeEngine;
  readonly #flexvpn: FlexvpnEngine;
  readonly #jobs: (() => void)[] = [];
  readonly #keys = new Map<string, readonly SecretBytes[]>();
  #isDraining = false;
  #session: SessionId | undefined;
  /** The hub of the session that is up. */
  #hub: IpAddress | undefined;
  #wake: Planned | undefined;

  constructor(parts: {
    readonly address: IpAddress;
    readonly client: ResolvedClient;
    readonly tunnel: ResolvedTunnel;
    readonly clock: FakeClock;
    readonly link: Link;
    readonly random: SeededRandom;
    readonly watch: CrowdWatch;
  }) {
    this.addresses = [parts.address];
    this.client = parts.client;
    this.#tunnel = parts.tunnel;
    this.#clock = parts.clock;
    this.#link = parts.link;
    this.#watch = parts.watch;
    this.#ike = new IkeEngine({ random: parts.random.bytes });
    this.#flexvpn = new FlexvpnEngine(parts.random.fork().bytes);
    parts.link.attach(this);
  }

  /** Boots: reads its configuration, finds its WAN up, and connects. */
  start(): void {
    const { name } = this.client;
    const tunnels = { [this.#tunnel.name]: this.#tunnel };
    this.#giveFlexvpn({ kind: "configure", clients: { [name]: this.client }, tunnels });
    const addresses: InterfaceAddress[] = [interfaceAddress(this.#address, 24)];
    this.#giveFlexvpn({ kind: "interface-changed", name: WAN, isUp: true, addresses });
    this.#giveFlexvpn({ kind: "start" });
  }

  /** From now on the LAN sends all the time, and the daemon's look at the counters says so. */
  beBusy(): void {
    this.#clock.after(TRAFFIC_PACE, () => {
      const hub = this.#hub;
      if (hub !== undefined && this.#session !== undefined) {
        const inbound = this.#watch.isSending(hub);
        this.#giveIke({ kind: "traffic", session: this.#session, inbound, outbound: true });
      }
      this.beBusy();
    });
  }

  receive({ from, to, bytes }: Datagram): void {
    const plain = to.port === 4500 ? bytes.slice(4) : bytes;
    this.#giveIke({ kind: "datagram", local: to, remote: from, bytes: plain });
  }

  get #address(): IpAddress {
    return this.addresses[0] as IpAddress;
  }

  #giveIke(input: IkeInput): void {
    this.#do(() => {
      for (const action of this.#ike.handle(input, this.#clock.now)) this.#performIke(action);
    });
  }

  #giveFlexvpn(input: FlexvpnInput): void {
    this.#do(() => {
      for (const action of this.#flexvpn.handle(input, this.#clock.now))
        this.#performFlexvpn(action);
    });
  }

  /** What an action gives is handled after the actions at hand, as in `daemon/loop.ts`. */
  #do(job: () => void): void {
    this.#jobs.push(job);
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (let next = this.#jobs.shift(); next; next = this.#jobs.shift()) next();
    this.#isDraining = false;
    this.#armWake();
  }

  #armWake(): void {
    const next = earliest(this.#ike.nextTimeout(), this.#flexvpn.nextTimeout());
    if (next === this.#wake?.at) return;
    this.#wake?.cancel();
    this.#wake = next === undefined ? undefined : this.#clock.at(next, () => this.#timeout());
  }

  #timeout(): void {
    this.#wake = undefined;
    const { now } = this.#clock;
    const isDue = (at: number | undefined) => at !== undefined && at <= now;
    if (isDue(this.#ike.nextTimeout())) this.#giveIke({ kind: "timeout" });
    if (isDue(this.#flexvpn.nextTimeout())) this.#giveFlexvpn({ kind: "timeout" });
    this.#armWake();
  }

  /** Events, plans and what else a branch without kernel has no use for change nothing. */
  #performFlexvpn(action: FlexvpnAction): void {
    if (action.kind === "open-session") {
      const { session, connection, remote } = action;
      const local = { address: this.#address, port: remote.port };
      this.#giveIke({ kind: "initiate", session, connection, path: { local, remote } });
    } else if (action.kind === "close-session") {
      const { session, reason, expectAnswer } = action;
      this.#giveIke({ kind: "terminate", session, reason, expectAnswer });
    }
  }

  #performIke(action: IkeAction): void {
    switch (action.kind) {
      case "send":
        this.#send(action.path, action.bytes);
        break;
      case "install-sa": {
        const { spi, direction, encryption, integrity } = action.sa;
        const keys = integrity ? [encryption.key, integrity.key] : [encryption.key];
        this.#keys.set(`${direction} ${spi}`, keys);
        break;
      }
      case "remove-sa":
        this.#forgetKeys(`${action.direction} ${action.spi}`);
        break;
      case "session-authenticating":
        this.#giveFlexvpn(action);
        break;
      case "session-up":
        this.#session = action.session;
        this.#hub = action.outcome.path.remote.address;
        this.#giveFlexvpn(action);
        this.#watch.sessionUp();
        break;
      case "session-down": {
        const wasUp = this.#hub !== undefined;
        this.#session = undefined;
        this.#hub = undefined;
        this.#giveFlexvpn(action);
        this.#watch.sessionDown(action.reason, wasUp);
        break;
      }
      default:
        break;
    }
  }

  #forgetKeys(name: string): void {
    for (const key of this.#keys.get(name) ?? []) key.wipe();
    this.#keys.delete(name);
  }

  #send({ local, remote }: Path, bytes: Uint8Array): void {
    const marked = local.port === 4500 ? concatBytes(new Uint8Array(4), bytes) : bytes;
    this.#link.send({ protocol: "udp", from: local, to: remote, bytes: marked });
  }
}
