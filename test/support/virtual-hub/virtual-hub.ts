/**
 * A second, independent IKEv2 responder for tests: it shares no protocol code with the product, does what RFC 7296 says
 * in the plainest way, and misbehaves on order (`impair.ts`). It has an address on the simulated network, the world's
 * clock and its own seeded randomness; only the private keys of its key exchanges differ from run to run.
 */
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { concatBytes } from "#lib/bytes.ts";
import { milliseconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { FakeClock } from "../fake-clock.ts";
import type { Datagram, Host, Link } from "../link.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { disagreements, type HubChild, isGenuineEsp, virtualEsp } from "./child-sa.ts";
import type { HubCore, HubCounters, HubSettings, Outgoing, RecordedMessage } from "./core.ts";
import { answerCreateChild } from "./create-child.ts";
import { answerAuth } from "./ike-auth.ts";
import type { Answer, HubIkeSa } from "./ike-sa.ts";
import { answerInit } from "./ike-sa-init.ts";
import { type Impairment, Impairments, matches } from "./impair.ts";
import { answerInformational } from "./informational.ts";
import { createChild, deleteChild, deleteIke, informational, rekeyIke } from "./own-exchanges.ts";
import { SaSet } from "./sa-set.ts";
import { spoilPayloads } from "./spoil.ts";
import {
  describe,
  EXCHANGE,
  FLAG,
  NOTIFY,
  notify,
  readHeader,
  WireError,
  type WireHeader,
  type WirePayload,
  writeClear,
} from "./wire.ts";

export class VirtualHub implements HubCore, Host {
  readonly name: string;
  readonly address: IpAddress;
  readonly clock: FakeClock;
  readonly random: SeededRandom;
  readonly settings: HubSettings;
  readonly impairments = new Impairments();
  readonly sas = new SaSet();
  readonly counters: HubCounters = newCounters();
  /** Every message in and out, opened, oldest first; the last thousand. */
  readonly messages: RecordedMessage[] = [];
  /** Answers INVALID_IKE_SPI in clear to messages of SAs it does not know, as rebooted hubs do. RFC 7296 §2.21.4 */
  answersUnknownSpi = false;
  readonly #link: Link;
  #isPluggedIn = true;
  #nextEspSpi: number;

  constructor(parts: {
    readonly name: string;
    readonly address: IpAddress;
    readonly clock: FakeClock;
    readonly random: SeededRandom;
    readonly settings: HubSettings;
    readonly link: Link;
  }) {
    this.name = parts.name;
    this.address = parts.address;
    this.clock = parts.clock;
    this.random = parts.random;
    this.settings = parts.settings;
    this.#link = parts.link;
    this.#nextEspSpi = 0xc100_0000 + Math.floor(this.random.next() * 0xff_ffff);
    this.#link.attach(this);
  }

  get addresses(): readonly IpAddress[] {
    return [this.address];
  }

  /** Established IKE SAs that still own the session: not rekeyed, not redundant, not being deleted. */
  get established(): readonly HubIkeSa[] {
    return [...this.sas].filter((sa) => sa.state === "established");
  }

  /** The only established IKE SA. @throws {Error} when there is none or more than one. */
  get sa(): HubIkeSa {
    const [sa, ...others] = this.established;
    if (!sa || others.length > 0) {
      throw new Error(`${this.name} has ${this.established.length} established IKE SAs, not one`);
    }
    return sa;
  }

  /** Every child that is not gone, of every IKE SA. */
  get children(): readonly HubChild[] {
    return [...this.sas].flatMap((sa) => [...sa.children]);
  }

  /** The only child. @throws {Error} when there is none or more than one. */
  get child(): HubChild {
    const [child, ...others] = this.children;
    if (!child || others.length > 0) {
      throw new Error(`${this.name} has ${this.children.length} Child SAs, not one`);
    }
    return child;
  }

  impair(impairment: Impairment): void {
    this.impairments.add(impairment);
  }

  /** Ends every impairment. */
  behave(): void {
    this.impairments.clear();
  }

  /** Power off: hears and says nothing. */
  unplug(): void {
    this.#isPluggedIn = false;
  }

  /** Power on again, with everything forgotten unless `keepsState`. */
  plugIn(options: { readonly keepsState: boolean } = { keepsState: false }): void {
    this.#isPluggedIn = true;
    if (!options.keepsState) for (const sa of [...this.sas]) this.forget(sa);
  }

  rekeyChild(child: HubChild = this.child): void {
    child.owner.start(createChild(this, child, { isNew: false }));
  }

  /** Asks for one more child beside `like`, with the same selectors. */
  createChild(like: HubChild = this.child): void {
    like.owner.start(createChild(this, like, { isNew: true }));
  }

  deleteChild(child: HubChild = this.child): void {
    child.owner.start(deleteChild(child));
  }

  rekeyIke(sa: HubIkeSa = this.sa): void {
    sa.start(rekeyIke(this, sa));
  }

  deleteIke(sa: HubIkeSa = this.sa): void {
    sa.start(deleteIke(this, sa));
  }

  checkLiveness(sa: HubIkeSa = this.sa): void {
    sa.start(informational([]));
  }

  /** Sends an INFORMATIONAL with these payloads. */
  inform(
    payloads: readonly WirePayload[],
    onAnswer?: (payloads: readonly WirePayload[]) => void,
    sa: HubIkeSa = this.sa,
  ): void {
    sa.start(informational(payloads, onAnswer));
  }

  /** Sends one virtual ESP packet on this child, as if a host behind the hub had. */
  sendEsp(child: HubChild): void {
    this.counters.espSent++;
    const { local, remote, isUdpEncapsulated } = child.owner;
    this.#link.send({
      protocol: isUdpEncapsulated ? "udp" : "esp",
      from: isUdpEncapsulated ? local : { address: local.address, port: 0 },
      to: isUdpEncapsulated ? remote : { address: remote.address, port: 0 },
      bytes: virtualEsp(child.spiOut, ++child.sent, child.outbound),
    });
  }

  /** The child that traffic to the branch uses now: the newest that is not on its way out. */
  get sendingChild(): HubChild | undefined {
    const usable = this.children.filter(
      (child) => child.state === "up" || child.state === "replaced",
    );
    return usable.findLast((child) => child.state === "up") ?? usable.at(-1);
  }

  /** What differs between a child and the two SAs of the branch that should be its other end; empty when nothing. */
  disagreements(child: HubChild, sas: readonly SecurityAssociation[]): readonly string[] {
    const inbound = sas.find((sa) => sa.direction === "in" && sa.spi === child.spiOut);
    const outbound = sas.find((sa) => sa.direction === "out" && sa.spi === child.spiIn);
    return [
      ...(inbound ? disagreements(child, inbound) : ["no inbound SA at the branch"]),
      ...(outbound ? disagreements(child, outbound) : ["no outbound SA at the branch"]),
    ];
  }

  /** Whether both ends hold the same keys, selectors and options for this child. */
  agreesOn(child: HubChild, sas: readonly SecurityAssociation[]): boolean {
    return this.disagreements(child, sas).length === 0;
  }

  receive(datagram: Datagram): void {
    if (!this.#isPluggedIn || this.impairments.take("silent")) return;
    if (datagram.protocol === "esp") {
      this.#receiveEsp(datagram.bytes);
      return;
    }
    const bytes = this.#withoutMarker(datagram);
    const header = bytes && readHeader(bytes);
    if (!bytes || !header) return;
    try {
      this.#receiveIke(header, datagram, bytes);
    } catch (error) {
      if (!(error instanceof WireError || error instanceof RangeError)) throw error;
    }
  }

  answer(sa: HubIkeSa, exchange: number, payloads: readonly WirePayload[]): Answer {
    if (sa.state === "half-open") {
      return exchange === EXCHANGE.IKE_AUTH
        ? answerAuth(this, sa, payloads)
        : { payloads: [notify(NOTIFY.INVALID_SYNTAX)] };
    }
    if (exchange === EXCHANGE.CREATE_CHILD_SA) return answerCreateChild(this, sa, payloads);
    if (exchange === EXCHANGE.INFORMATIONAL) {
      if (this.impairments.take("ignore-deletes")) return { payloads: [] };
      return answerInformational(this, sa, payloads);
    }
    return { payloads: [notify(NOTIFY.INVALID_SYNTAX)] };
  }

  record(
    direction: "in" | "out",
    header: WireHeader,
    payloads: readonly WirePayload[],
    bytes?: Uint8Array,
  ): void {
    const summary = describe(payloads);
    const message = { at: this.clock.now, direction, header, payloads, summary };
    this.messages.push(bytes ? { ...message, bytes } : message);
    if (this.messages.length > 2_000) this.messages.splice(0, 1_000);
  }

  transmit({ local, remote, bytes, exchange, isResponse }: Outgoing): void {
    if (!this.#isPluggedIn) return;
    const about = ({ match }: { match: Parameters<typeof matches>[0] }) =>
      matches(match, exchange, isResponse);
    if (this.impairments.take("drop", about)) return;
    const sent = this.impairments.take("corrupt", about) ? flipped(bytes) : bytes;
    const marked = local.port === 4500 ? concatBytes(new Uint8Array(4), sent) : sent;
    const datagram: Datagram = { protocol: "udp", from: local, to: remote, bytes: marked };
    this.#link.send(datagram);
    if (this.impairments.take("duplicate", about)) this.#link.send(datagram);
  }

  spoil(
    payloads: readonly WirePayload[],
    exchange: number,
    isResponse: boolean,
  ): readonly WirePayload[] {
    return spoilPayloads(this.impairments, payloads, exchange, isResponse);
  }

  wrongMessageId(exchange: number, isResponse: boolean): number {
    const impairment = this.impairments.take("wrong-message-id", ({ match }) =>
      matches(match, exchange, isResponse),
    );
    return impairment?.offset ?? 0;
  }

  oddFragment(): { number: number; total: number } | undefined {
    const how = this.impairments.take("odd-fragments")?.how;
    if (how === "endless-total") return { number: 1, total: 65_535 };
    if (how === "number-zero") return { number: 0, total: 1 };
    return how && { number: 3, total: 2 };
  }

  lost(sa: HubIkeSa): void {
    this.forget(sa);
  }

  forget(sa: HubIkeSa): void {
    sa.discard();
    this.sas.delete(sa);
  }

  watch(sa: HubIkeSa): void {
    const { dpdInterval, ikeRekey } = this.settings;
    if (dpdInterval !== undefined) this.#watchLiveness(sa, dpdInterval);
    if (ikeRekey === undefined) return;
    this.clock.after(this.#early(ikeRekey), () => {
      if (sa.state === "established") sa.start(rekeyIke(this, sa));
    });
  }

  watchChild(child: HubChild): void {
    const { childRekey } = this.settings;
    if (childRekey === undefined) return;
    this.clock.after(this.#early(childRekey), () => {
      if (child.state === "up") child.owner.start(createChild(this, child, { isNew: false }));
    });
  }

  newIkeSpi(): bigint {
    return new DataView(this.random.bytes(8).buffer).getBigUint64(0) | 1n;
  }

  newEspSpi(): number {
    return this.#nextEspSpi++;
  }

  #watchLiveness(sa: HubIkeSa, interval: number): void {
    this.clock.after(milliseconds(interval), () => {
      if (sa.state !== "established") return;
      const isQuiet = this.clock.now - sa.lastHeard >= interval;
      if (isQuiet && !sa.outstanding) sa.start(informational([]));
      this.#watchLiveness(sa, interval);
    });
  }

  #early(interval: number): number {
    return interval * (1 - this.random.next() / 10);
  }

  #receiveIke(
    header: WireHeader & { readonly next: number },
    datagram: Datagram,
    bytes: Uint8Array,
  ): void {
    const isRequest = (header.flags & FLAG.response) === 0;
    if (header.exchange === EXCHANGE.IKE_SA_INIT) {
      if (isRequest && header.spiResponder === 0n) answerInit(this, header, datagram, bytes);
      return;
    }
    const { spiInitiator, spiResponder } = header;
    const sa = this.sas
      .withInitiator(spiInitiator)
      .find((candidate) => candidate.spiResponder === spiResponder);
    if (sa) {
      sa.receive(header, datagram, bytes);
      return;
    }
    this.counters.unknownSpi++;
    if (isRequest && this.answersUnknownSpi) this.#answerUnknownSpi(header, datagram);
  }

  #answerUnknownSpi(header: WireHeader, datagram: Datagram): void {
    const flags = ((header.flags & FLAG.initiator) ^ FLAG.initiator) | FLAG.response;
    const bytes = writeClear({ ...header, flags }, [notify(NOTIFY.INVALID_IKE_SPI)]);
    const exchange = header.exchange;
    this.transmit({ local: datagram.to, remote: datagram.from, bytes, exchange, isResponse: true });
  }

  #withoutMarker({ to, bytes }: Datagram): Uint8Array | undefined {
    if (to.port !== 4500) return bytes;
    if (bytes.length === 1 && bytes[0] === 0xff) {
      this.counters.natKeepalives++;
      return undefined;
    }
    const isMarked = bytes.length >= 4 && bytes.subarray(0, 4).every((byte) => byte === 0);
    if (isMarked) return bytes.subarray(4);
    this.#receiveEsp(bytes);
    return undefined;
  }

  #receiveEsp(packet: Uint8Array): void {
    const spi = new DataView(packet.buffer, packet.byteOffset).getUint32(0);
    const child = this.children.find((candidate) => candidate.spiIn === spi);
    if (!child || !isGenuineEsp(packet, child.inbound)) {
      this.counters.espRefused++;
      return;
    }
    child.received++;
    this.counters.espReceived++;
    child.owner.lastHeard = this.clock.now;
  }
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

function newCounters(): HubCounters {
  return {
    badIntegrity: 0,
    outOfWindow: 0,
    answeredAgain: 0,
    changedRetransmissions: 0,
    retransmissions: 0,
    natKeepalives: 0,
    unknownSpi: 0,
    espReceived: 0,
    espRefused: 0,
    espSent: 0,
    cookiesAsked: 0,
    halfOpened: 0,
  };
}
