/**
 * A world in a test: hubs, a branch and the network between them on one clock. Seeded, so that a failure can be run
 * again; when the test is over the world is closed and must be empty.
 */
import { onTestFailed, onTestFinished } from "vitest";
import type { IkeConnection } from "#ike/connection.ts";
import {
  type Duration,
  formatDuration,
  type MonotonicMs,
  milliseconds,
  minutes,
} from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { Branch } from "./branch.ts";
import { BRANCH_NAME, connection, HUB_NAME, PSK, utf8 } from "./connection.ts";
import { FakeClock } from "./fake-clock.ts";
import { Link, type LinkQuality } from "./link.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { HubSettings } from "./virtual-hub/core.ts";
import { acceptAll } from "./virtual-hub/suite.ts";
import { VirtualHub } from "./virtual-hub/virtual-hub.ts";

export const BRANCH_ADDRESS = "192.0.2.10" as IpAddress;
export const ASSIGNED = "10.250.1.7" as IpAddress;

/** A hub that serves the connection of `connection.ts`. */
export const defaultHub: HubSettings = {
  identity: { kind: "fqdn", value: HUB_NAME },
  credential: { method: "psk", secret: utf8(PSK) },
  trust: { method: "psk", secret: utf8(PSK) },
  expectedPeer: BRANCH_NAME,
  acceptable: acceptAll,
  handout: {
    ipv4: ASSIGNED,
    dns: ["10.0.0.53" as IpAddress],
    domains: [],
    subnets: ["10.0.0.0/8" as Prefix],
  },
  networks: ["10.0.0.0/8" as Prefix],
  branchNetworks: ["0.0.0.0/0" as Prefix, "::/0" as Prefix],
  cookies: false,
  fragmentMtu: 1280,
  sendsSignatureHashes: true,
  retransmit: { initial: milliseconds(500), factor: 1.8, limit: 7 },
  childRekeyGroup: 0,
  temporaryFailureWait: milliseconds(5_000),
};

export class World {
  readonly seed: number;
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  readonly link: Link;
  #stepsAtOnce = 0;
  readonly hubs: VirtualHub[] = [];
  readonly branches: Branch[] = [];
  /** True from `close` on: whoever keeps a branch connected stops. */
  isClosed = false;

  constructor(options: { readonly seed: number; readonly link?: LinkQuality }) {
    this.seed = options.seed;
    this.random = new SeededRandom(options.seed);
    this.link = new Link(this.clock, this.random.fork());
    if (options.link) this.link.quality = options.link;
    onTestFailed(() => {
      if (this.isClosed) return;
      const time = formatDuration(milliseconds(this.clock.now));
      console.error(`world: seed ${this.seed}, failed after ${time} of its time`);
    });
    onTestFinished(({ task }) => {
      if (task.result?.state !== "fail") this.close();
    });
  }

  /** A hub; the first one gets 203.0.113.1, the next ones the addresses after it. */
  hub(
    name = "hub1",
    settings: Partial<HubSettings> & { readonly address?: IpAddress } = {},
  ): VirtualHub {
    const { address = `203.0.113.${this.hubs.length + 1}` as IpAddress, ...others } = settings;
    const { clock, link } = this;
    const random = this.random.fork();
    const merged = { ...defaultHub, ...others };
    const hub = new VirtualHub({ name, address, clock, random, link, settings: merged });
    this.hubs.push(hub);
    return hub;
  }

  /** A branch that is not connected yet. */
  branch(address: IpAddress = BRANCH_ADDRESS): Branch {
    const { clock, link } = this;
    const branch = new Branch({ address, clock, link, random: this.random.fork() });
    this.branches.push(branch);
    return branch;
  }

  /** A hub and a branch with a session between them that is up and quiet. */
  connected(
    options: {
      readonly hub?: Partial<HubSettings>;
      readonly connection?: Partial<IkeConnection>;
    } = {},
  ): { hub: VirtualHub; branch: Branch } {
    const hub = this.hub("hub1", options.hub);
    const branch = this.branch();
    branch.connect(connection(options.connection), hub.address);
    this.runUntil(() => branch.isUp, { within: milliseconds(10_000) });
    this.runFor(milliseconds(100));
    return { hub, branch };
  }

  /** Lets things happen until `holds`. @throws {Error} when that takes longer than `within`, a minute by default. */
  runUntil(holds: () => boolean, { within = minutes(1) }: { within?: Duration } = {}): void {
    const end = this.clock.now + within;
    while (!holds()) {
      const next = this.clock.next;
      if (next === undefined || next > end) {
        throw new Error(`seed ${this.seed}: not within ${formatDuration(within)}: ${holds}`);
      }
      this.#step();
    }
  }

  /** Lets things happen for this long. */
  runFor(duration: Duration): void {
    const end = (this.clock.now + duration) as MonotonicMs;
    while ((this.clock.next ?? Number.POSITIVE_INFINITY) <= end) this.#step();
    this.clock.advanceTo(end);
  }

  /** Ends every held-back datagram and impairment and lets both ends come to rest. */
  settle(duration: Duration = minutes(3)): void {
    this.link.release();
    this.runFor(duration);
  }

  /** @throws {Error} when things go on and on without time passing: a timer that is due again as soon as it fired. */
  #step(): void {
    const before = this.clock.now;
    this.clock.step();
    this.#stepsAtOnce = this.clock.now === before ? this.#stepsAtOnce + 1 : 0;
    if (this.#stepsAtOnce > 10_000) throw new Error(`seed ${this.seed}: time stands still`);
  }

  /** Ends all sessions over a perfect network and checks that nothing is left of them anywhere. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.link.quality = {};
    this.link.release();
    for (const hub of this.hubs) hub.behave();
    for (const branch of this.branches) branch.terminate();
    this.runFor(minutes(5));
    for (const branch of this.branches) assertNothingLeft(branch);
    for (const hub of this.hubs) {
      if (hub.counters.changedRetransmissions > 0) {
        throw new Error(`${hub.name} got a retransmission that differs from its first sending`);
      }
    }
  }
}

function assertNothingLeft(branch: Branch): void {
  const left = [
    ...(branch.session === undefined ? [] : ["a session"]),
    ...(branch.engine.nextTimeout() === undefined ? [] : ["an armed timer"]),
    ...branch.dataplane.sas.map((sa) => `SA ${sa.direction} 0x${sa.spi.toString(16)}`),
    ...(branch.dataplane.keys.every((key) => key.isWiped) ? [] : ["a key that is not wiped"]),
    ...branch.dataplane.faults,
  ];
  if (left.length > 0) throw new Error(`left behind by the branch: ${left.join(", ")}`);
}
