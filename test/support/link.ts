/**
 * The network between branch and hubs: one path with seeded loss, delay, jitter, duplication and reordering, and a NAT
 * in front of the branch when asked for. By hand (`hold`) it keeps datagrams until a test delivers or loses each.
 */
import { type Duration, milliseconds } from "#lib/duration.ts";
import type { Endpoint, IpAddress } from "#lib/ip.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A datagram on the wire: UDP with the non-ESP marker where port 4500 has one, or bare ESP (ports 0). */
export interface Datagram {
  readonly protocol: "udp" | "esp";
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/** Whoever has addresses: `receive` is called with the datagram as it arrives. */
export interface Host {
  readonly addresses: readonly IpAddress[];
  receive(datagram: Datagram): void;
}

/** How bad the path is. Probabilities from 0 to 1, times in milliseconds. */
export interface LinkQuality {
  readonly loss?: number;
  readonly duplication?: number;
  readonly delay?: Duration;
  /** Added to the delay, drawn anew for each datagram; reorders what is sent closely. */
  readonly jitter?: Duration;
}

/** The path, both directions. */
export class Link {
  readonly #clock: FakeClock;
  readonly #random: SeededRandom;
  readonly #hosts = new Map<IpAddress, Host>();
  #quality: LinkQuality = {};
  #nat: Nat | undefined;
  #isHeld = false;
  #cut = new Set<IpAddress>();
  #held: { datagram: Datagram; host: Host }[] = [];
  readonly #losers: ((datagram: Datagram) => boolean)[] = [];
  readonly #taps: ((datagram: Datagram) => void)[] = [];
  /** Datagrams between their sender and a host, held ones included. */
  inFlight = 0;

  constructor(clock: FakeClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
  }

  attach(host: Host): void {
    for (const address of host.addresses) this.#hosts.set(address, host);
  }

  set quality(quality: LinkQuality) {
    this.#quality = quality;
  }

  get quality(): LinkQuality {
    return this.#quality;
  }

  /** Puts a NAT with this public address in front of `inside`. */
  natFor(inside: IpAddress, outside: IpAddress): Nat {
    this.#nat = new Nat(inside, outside);
    return this.#nat;
  }

  /** Nothing gets to or from this address until `uncut`. */
  cut(address: IpAddress): void {
    this.#cut.add(address);
  }

  uncut(address: IpAddress): void {
    this.#cut.delete(address);
  }

  /** Loses every datagram for which `loses` says so. @returns a function that ends it. */
  loseWhere(loses: (datagram: Datagram) => boolean): () => void {
    this.#losers.push(loses);
    return () => {
      const at = this.#losers.indexOf(loses);
      if (at >= 0) this.#losers.splice(at, 1);
    };
  }

  /** Sees every datagram as its sender gives it to the network. */
  tap(sees: (datagram: Datagram) => void): void {
    this.#taps.push(sees);
  }

  /** From now on every datagram waits for the test. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Delivers what is held, in order, and holds nothing any more. */
  release(): void {
    this.#isHeld = false;
    for (const { datagram, host } of this.#held.splice(0)) this.#arriveAfter(datagram, host, 0);
  }

  /** What is held towards a host, oldest first. */
  heldFor(host: Host): readonly Datagram[] {
    return this.#held.filter((entry) => entry.host === host).map(({ datagram }) => datagram);
  }

  /** Delivers the oldest held datagram towards `host`, or the one at `index`. */
  deliver(host: Host, index = 0): Datagram {
    const datagram = this.#takeHeld(host, index);
    host.receive(datagram);
    return datagram;
  }

  /** Loses the oldest held datagram towards `host`, or the one at `index`. */
  lose(host: Host, index = 0): Datagram {
    return this.#takeHeld(host, index);
  }

  /** Takes a datagram from its sender. */
  send(sent: Datagram): void {
    for (const sees of this.#taps) sees(sent);
    const datagram = this.#translate(sent);
    const host = datagram && this.#hosts.get(datagram.to.address);
    if (!datagram || !host) return;
    if (this.#cut.has(datagram.from.address) || this.#cut.has(datagram.to.address)) return;
    if (this.#losers.some((loses) => loses(datagram))) return;
    if (this.#isHeld) {
      this.inFlight++;
      this.#held.push({ datagram, host });
      return;
    }
    if (this.#random.chance(this.#quality.loss ?? 0)) return;
    this.#arriveLater(datagram, host);
    if (this.#random.chance(this.#quality.duplication ?? 0)) this.#arriveLater(datagram, host);
  }

  #arriveLater(datagram: Datagram, host: Host): void {
    const jitter = this.#quality.jitter ? this.#random.between(0, this.#quality.jitter) : 0;
    this.inFlight++;
    this.#arriveAfter(datagram, host, (this.#quality.delay ?? 1) + jitter);
  }

  #arriveAfter(datagram: Datagram, host: Host, delay: number): void {
    this.#clock.after(milliseconds(delay), () => {
      this.inFlight--;
      if (!this.#cut.has(datagram.to.address)) host.receive(datagram);
    });
  }

  #takeHeld(host: Host, index: number): Datagram {
    const entry = this.#held.filter((candidate) => candidate.host === host)[index];
    if (!entry)
      throw new Error(`no datagram ${index} is held towards ${host.addresses.join(", ")}`);
    this.#held.splice(this.#held.indexOf(entry), 1);
    this.inFlight--;
    return entry.datagram;
  }

  #translate(datagram: Datagram): Datagram | undefined {
    if (!this.#nat) return datagram;
    if (datagram.from.address === this.#nat.inside) return this.#nat.outwards(datagram);
    if (datagram.to.address === this.#nat.outside) return this.#nat.inwards(datagram);
    return datagram;
  }
}

/** Port-translating NAT of one inside host. Inbound datagrams pass only where a mapping exists. */
export class Nat {
  readonly inside: IpAddress;
  #outside: IpAddress;
  #nextPort = 20_000;
  readonly #mappings = new Map<number, number>();

  constructor(inside: IpAddress, outside: IpAddress) {
    this.inside = inside;
    this.#outside = outside;
  }

  get outside(): IpAddress {
    return this.#outside;
  }

  /** Forgets every mapping, as after a reboot; with `outside`, gets another public address too. */
  rebind(outside: IpAddress = this.#outside): void {
    this.#mappings.clear();
    this.#outside = outside;
    this.#nextPort += 1000;
  }

  outwards(datagram: Datagram): Datagram {
    if (datagram.protocol === "esp") {
      return { ...datagram, from: { address: this.#outside, port: 0 } };
    }
    let port = this.#mappings.get(datagram.from.port);
    if (port === undefined) {
      port = this.#nextPort++;
      this.#mappings.set(datagram.from.port, port);
    }
    return { ...datagram, from: { address: this.#outside, port } };
  }

  inwards(datagram: Datagram): Datagram | undefined {
    const inside = [...this.#mappings].find(([, port]) => port === datagram.to.port)?.[0];
    if (inside === undefined) return undefined;
    return { ...datagram, to: { address: this.inside, port: inside } };
  }
}
