/**
 * A region: many branches of one hub pair on one clock. Every branch is the real client machine and the real IKE engine,
 * the hubs are virtual ones that answer with real cryptography, and the network delays. Modelled are the kernel (there is
 * none), what LANs send (`busy` says that they do) and hubs that are never short of processor time.
 */
import { loadConfig } from "#config/load.ts";
import type { ResolvedClient, ResolvedTunnel } from "#config/resolved.ts";
import type { DownReason } from "#ike/actions.ts";
import { type Duration, type MonotonicMs, milliseconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { failed } from "#lib/result.ts";
import { PSK, utf8 } from "../connection.ts";
import { FakeClock } from "../fake-clock.ts";
import { type Datagram, Link, type LinkQuality } from "../link.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { HubSettings } from "../virtual-hub/core.ts";
import { acceptAll } from "../virtual-hub/suite.ts";
import { VirtualHub } from "../virtual-hub/virtual-hub.ts";
import { EXCHANGE } from "../virtual-hub/wire.ts";
import { CrowdBranch, type CrowdWatch } from "./crowd-branch.ts";

export interface CrowdOptions {
  readonly seed: number;
  readonly branches: number;
  /** The branches boot spread evenly over this long; all in the same instant when left out: power returns. */
  readonly bootsOver?: Duration;
  /** LANs send and receive all the time. */
  readonly isBusy?: boolean;
  /** Members of the IKE profile beside identities and keys, as in the file; what is left out has its default. */
  readonly profile?: Readonly<Record<string, unknown>>;
  readonly link?: LinkQuality;
}

export class Crowd implements CrowdWatch {
  readonly clock = new FakeClock();
  readonly link: Link;
  readonly hubs: readonly [VirtualHub, VirtualHub];
  readonly branches: readonly CrowdBranch[];
  /** Instants at which each hub began a handshake: the first IKE_SA_INIT of an attempt that it answered. */
  readonly handshakes = new Map<IpAddress, number[]>();
  /** Sessions and attempts that ended, by the reason's code. */
  readonly downs = new Map<string, number>();
  /** Datagrams that were sent to each hub, by the tenth of a second since the world began. */
  readonly load = new Map<IpAddress, Map<number, number>>();
  up = 0;
  readonly #dead = new Set<IpAddress>();
  #onProgress: (() => void) | undefined;
  readonly #lastAttempt = new Map<string, bigint>();

  constructor(options: CrowdOptions) {
    const random = new SeededRandom(options.seed);
    this.link = new Link(this.clock, random.fork());
    this.link.quality = options.link ?? everydayLink;
    this.link.tap((datagram) => this.#see(datagram));
    this.hubs = [this.#hub("hub1", 1, random), this.#hub("hub2", 2, random)];
    const { client, tunnel } = branchConfig(options.profile ?? {});
    this.branches = Array.from({ length: options.branches }, (_, index) => {
      const address =
        `10.${100 + (index >> 16)}.${(index >> 8) & 0xff}.${index & 0xff}` as IpAddress;
      const branch = new CrowdBranch({
        address,
        client: named(client, `branch${index}.example.net`),
        tunnel,
        clock: this.clock,
        link: this.link,
        random: random.fork(),
        watch: this,
      });
      const boots = options.bootsOver ? random.between(0, options.bootsOver) : 0;
      this.clock.after(boots, () => {
        branch.start();
        if (options.isBusy) branch.beBusy();
      });
      return branch;
    });
  }

  /** Power off. What is on its way to the hub is lost. */
  kill(hub: VirtualHub): void {
    hub.unplug();
    this.#dead.add(hub.address);
  }

  /** Power on again; everything is forgotten. */
  revive(hub: VirtualHub): void {
    hub.plugIn();
    this.#dead.delete(hub.address);
  }

  /** Lets time pass. @param onProgress as for `runUntil`. */
  runFor(duration: Duration, onProgress?: () => void): void {
    this.runUntil(() => false, duration, onProgress);
  }

  /**
   * Lets time pass until `holds` at a second's end, or `within` is over. @returns whether it holds.
   * @param onProgress is called after each second of the world's time, and when a session is up: thousands may come up in one.
   */
  runUntil(holds: () => boolean, within: Duration, onProgress?: () => void): boolean {
    this.#onProgress = onProgress;
    const end = this.clock.now + within;
    while (this.clock.now < end) {
      const until = Math.min(end, this.clock.now + 1_000) as MonotonicMs;
      while ((this.clock.next ?? Number.POSITIVE_INFINITY) <= until) this.clock.step();
      this.clock.advanceTo(until);
      onProgress?.();
      if (holds()) return true;
    }
    return false;
  }

  sessionUp(): void {
    this.up++;
    this.#onProgress?.();
  }

  sessionDown({ code }: DownReason, wasUp: boolean): void {
    if (wasUp) this.up--;
    this.downs.set(code, (this.downs.get(code) ?? 0) + 1);
  }

  isSending(hub: IpAddress): boolean {
    return !this.#dead.has(hub);
  }

  #hub(name: string, number: number, random: SeededRandom): VirtualHub {
    const { clock, link } = this;
    const address = `203.0.113.${number}` as IpAddress;
    const settings: HubSettings = {
      ...hubSettings,
      identity: { kind: "fqdn", value: `${name}.example.net` },
    };
    return new VirtualHub({ name, address, clock, random: random.fork(), link, settings });
  }

  #see({ from, to, bytes }: Datagram): void {
    if (to.address.startsWith(HUB_NETWORK)) this.#count(to.address);
    else if (bytes[IKE_EXCHANGE_AT] === EXCHANGE.IKE_SA_INIT)
      this.#seeAnswer(from.address, to.address, bytes);
  }

  #count(hub: IpAddress): void {
    const tenths = this.load.get(hub) ?? new Map<number, number>();
    this.load.set(hub, tenths);
    const tenth = Math.floor(this.clock.now / 100);
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }

  /** A hub answers an IKE_SA_INIT; the same answer again is no new handshake. */
  #seeAnswer(hub: IpAddress, branch: IpAddress, bytes: Uint8Array): void {
    const spi = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
    const key = `${hub} ${branch}`;
    if (this.#lastAttempt.get(key) === spi) return;
    this.#lastAttempt.set(key, spi);
    note(this.handshakes, hub, this.clock.now);
  }
}

function note(lists: Map<IpAddress, number[]>, hub: IpAddress, at: number): void {
  const list = lists.get(hub) ?? [];
  lists.set(hub, list);
  list.push(at);
}

/** A file as an operator writes it, through the product's own reader: what it leaves out is the product's default. */
function branchConfig(profile: Readonly<Record<string, unknown>>): {
  client: ResolvedClient;
  tunnel: ResolvedTunnel;
} {
  const file = {
    hostname: "branch",
    ikev2: {
      profiles: {
        hq: {
          local: { identity: "fqdn:branch.example.net", authentication: "psk", psk: PSK },
          remote: { identity: "fqdn:*.example.net", authentication: "psk", psk: PSK },
          ...profile,
        },
      },
    },
    clients: { hq: { peers: [{ address: "203.0.113.1" }, { address: "203.0.113.2" }] } },
  };
  const readFile = () => failed("ENOENT");
  const loaded = loadConfig({ path: "crowd.yaml", text: JSON.stringify(file), readFile, env: {} });
  if (!loaded.ok) throw new Error(loaded.error.map(({ message }) => message).join("; "));
  const [client] = Object.values(loaded.value.clients);
  const [tunnel] = Object.values(loaded.value.tunnels);
  if (!client || !tunnel) throw new Error("the configuration of a crowd has no client");
  return { client, tunnel };
}

function named(client: ResolvedClient, value: string): ResolvedClient {
  const { connection } = client;
  const identity = { kind: "fqdn", value } as const;
  return { ...client, connection: { ...connection, local: { ...connection.local, identity } } };
}

const psk = { method: "psk", secret: utf8(PSK) } as const;

const hubSettings: Omit<HubSettings, "identity"> = {
  credential: psk,
  trust: psk,
  acceptable: acceptAll,
  handout: { ipv4: "10.250.1.7" as IpAddress, dns: [], domains: [], subnets: [] },
  networks: ["10.0.0.0/8" as never],
  branchNetworks: ["0.0.0.0/0" as never],
  cookies: false,
  fragmentMtu: 1280,
  sendsSignatureHashes: true,
  retransmit: { initial: milliseconds(500), factor: 1.8, limit: 7 },
  childRekeyGroup: 0,
  temporaryFailureWait: milliseconds(5_000),
};

/** Little enough jitter that it does not do the product's work. */
const everydayLink: LinkQuality = { delay: milliseconds(20), jitter: milliseconds(10) };
const HUB_NETWORK = "203.0.113.";
/** Offset of the exchange type in the header, port 500. RFC 7296 §3.1 */
const IKE_EXCHANGE_AT = 18;
