/**
 * One IKE SA of the virtual hub: keys, message IDs, retransmission, fragments. What requests mean is decided in
 * `requests.ts` and `own-exchanges.ts`; this file only sees to it that each is handled once and answered the same way
 * each time it comes. RFC 7296 §2.1 to §2.4, RFC 7383
 */
import { concatBytes, equalBytes } from "#lib/bytes.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { Endpoint } from "#lib/ip.ts";
import type { Planned } from "../fake-clock.ts";
import type { Datagram } from "../link.ts";
import type { HubChild } from "./child-sa.ts";
import type { HubCore } from "./core.ts";
import type { IkeKeys } from "./keys.ts";
import { Reassembly } from "./reassembly.ts";
import { open, seal, sealFragments, sealPart } from "./sealing.ts";
import type { IkeSuite } from "./suite.ts";
import { FLAG, readPayloads, type WireHeader, type WirePayload, writePayloads } from "./wire.ts";

export type IkeState =
  /** IKE_SA_INIT answered, nothing proven. */
  | "half-open"
  | "established"
  /** A newer SA has taken its children; whoever made that one deletes this. */
  | "rekeyed"
  /** Made by the branch in a collision that it lost; it will delete it. */
  | "redundant"
  /** The hub has asked to delete it. */
  | "deleting"
  | "gone";

/** What the hub answers a request with, and what it does after the answer is on its way. */
export interface Answer {
  readonly payloads: readonly WirePayload[];
  readonly afterwards?: () => void;
}

export type OwnExchangeName =
  | "create-child"
  | "rekey-child"
  | "delete-child"
  | "rekey-ike"
  | "delete-ike"
  | "informational";

/** A request of the hub's own, built when its turn comes. */
export interface OwnExchange {
  readonly name: OwnExchangeName;
  readonly exchange: number;
  readonly child?: HubChild;
  /** @returns undefined when it is no longer needed. */
  build(): readonly WirePayload[] | undefined;
  /** Takes the answer. */
  done(payloads: readonly WirePayload[]): void;
}

interface Outstanding {
  readonly own: OwnExchange;
  readonly messageId: number;
  readonly datagrams: readonly Uint8Array[];
  tries: number;
  timer: Planned;
}

export interface IkeSaInit {
  readonly spiInitiator: bigint;
  readonly spiResponder: bigint;
  readonly isInitiator: boolean;
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  readonly state: IkeState;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly canFragment: boolean;
  readonly isUdpEncapsulated: boolean;
  /** Message ID of the branch's first request that the SA will take: 1 after IKE_SA_INIT, 0 after a rekey. */
  readonly firstRequest: number;
  readonly peerIdentity?: string;
}

export class HubIkeSa {
  readonly spiInitiator: bigint;
  readonly spiResponder: bigint;
  /** True when the hub made this IKE SA by a rekey of its own. */
  readonly isInitiator: boolean;
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  readonly canFragment: boolean;
  readonly children = new Set<HubChild>();
  readonly createdAt: MonotonicMs;
  state: IkeState;
  local: Endpoint;
  remote: Endpoint;
  isUdpEncapsulated: boolean;
  peerIdentity: string | undefined;
  /** Set while the hub rekeys this SA and the branch's own rekey of it came in between. */
  collision: { readonly sa: HubIkeSa; readonly nonces: readonly Uint8Array[] } | undefined;
  /** The SA that took the children, once there is one. */
  successor: HubIkeSa | undefined;
  outstanding: Outstanding | undefined;
  readonly queue: OwnExchange[] = [];
  /** Set by IKE_SA_INIT for the AUTH that follows. */
  handshake: Handshake | undefined;
  lastHeard: MonotonicMs;

  readonly #core: HubCore;
  readonly #reassembly = new Reassembly();
  #nextOwnRequest = 0;
  #nextPeerRequest: number;
  #lastRequest: Uint8Array | undefined;
  #lastAnswer: readonly Uint8Array[] = [];
  #ivs = 0n;
  readonly #seenRequests = new Map<string, number>();
  readonly #sentBefore: Uint8Array[] = [];

  constructor(core: HubCore, init: IkeSaInit) {
    this.#core = core;
    this.spiInitiator = init.spiInitiator;
    this.spiResponder = init.spiResponder;
    this.isInitiator = init.isInitiator;
    this.suite = init.suite;
    this.keys = init.keys;
    this.state = init.state;
    this.local = init.local;
    this.remote = init.remote;
    this.canFragment = init.canFragment;
    this.isUdpEncapsulated = init.isUdpEncapsulated;
    this.peerIdentity = init.peerIdentity;
    this.#nextPeerRequest = init.firstRequest;
    this.createdAt = core.clock.now;
    this.lastHeard = core.clock.now;
  }

  /** The hub's own SPI, by which datagrams find this SA. */
  get ownSpi(): bigint {
    return this.isInitiator ? this.spiInitiator : this.spiResponder;
  }

  /** Message ID of the next request expected from the branch; for tests of the window. */
  get nextPeerRequest(): number {
    return this.#nextPeerRequest;
  }

  get nextOwnRequest(): number {
    return this.#nextOwnRequest;
  }

  /** Takes a datagram (without marker) that carries this SA's SPIs. */
  receive(header: WireHeader, datagram: Datagram, bytes: Uint8Array): void {
    if (this.state === "gone") return;
    const isFromInitiator = (header.flags & FLAG.initiator) !== 0;
    if (isFromInitiator === this.isInitiator) return;
    const isResponse = (header.flags & FLAG.response) !== 0;
    if (!isResponse && this.#isTooEarly(header)) return;
    const keys = this.isInitiator ? this.keys.responder : this.keys.initiator;
    const opened = open(this.suite, keys, bytes);
    if (!opened) {
      this.#core.counters.badIntegrity++;
      return;
    }
    this.lastHeard = this.#core.clock.now;
    const expected = isResponse ? this.outstanding?.messageId : this.#nextPeerRequest;
    const isRepeated = !isResponse && header.messageId + 1 === expected;
    if (header.messageId !== expected && !isRepeated) {
      this.#core.counters.outOfWindow++;
      return;
    }
    this.local = datagram.to;
    this.remote = datagram.from;
    if (isRepeated) {
      this.#answerAgain(header, bytes, opened.fragment?.number);
      return;
    }
    const whole = opened.fragment ? this.#reassembly.add(header, opened) : opened;
    if (!whole) return;
    const payloads = readPayloads(whole.first, whole.plaintext);
    this.#core.record("in", header, payloads, bytes);
    if (isResponse) this.#finish(payloads);
    else this.#answer(header, payloads, opened.fragment ? undefined : bytes);
  }

  /** Sends a request of the hub's own as soon as no other is outstanding. */
  start(own: OwnExchange): void {
    this.queue.push(own);
    this.next();
  }

  /** Sends the next queued request, if the window is free. */
  next(): void {
    while (!this.outstanding && this.queue.length > 0 && this.state !== "gone") {
      const own = this.queue.shift();
      const payloads = own?.build();
      if (own && payloads) this.#request(own, payloads);
    }
  }

  /** Forgets the SA: no timer of it stays armed. */
  discard(): void {
    this.state = "gone";
    this.abandonOutstanding();
    this.queue.length = 0;
    for (const child of this.children) child.state = "gone";
    this.children.clear();
  }

  /** Stops retransmitting the outstanding request and never takes its answer. */
  abandonOutstanding(): void {
    this.outstanding?.timer.cancel();
    this.outstanding = undefined;
  }

  /** Moves every child, and what is still to be asked about them, to `successor`. */
  handOver(successor: HubIkeSa): void {
    for (const child of this.children) {
      child.owner = successor;
      successor.children.add(child);
    }
    this.children.clear();
    successor.queue.push(...this.queue.filter((own) => own.name !== "rekey-ike"));
    this.queue.length = 0;
    this.successor = successor;
  }

  #isTooEarly(header: WireHeader): boolean {
    const key = `${header.exchange}/${header.messageId}`;
    const seen = this.#seenRequests.get(key) ?? 0;
    const late = this.#core.impairments.take(
      "answer-late",
      ({ exchange, retransmissions }) =>
        (exchange === undefined || exchange === header.exchange) && seen < retransmissions,
    );
    if (late) this.#seenRequests.set(key, seen + 1);
    return late !== undefined;
  }

  #answerAgain(header: WireHeader, bytes: Uint8Array, fragment: number | undefined): void {
    if ((fragment ?? 1) !== 1) return;
    if (this.#lastRequest && !equalBytes(this.#lastRequest, bytes)) {
      this.#core.counters.changedRetransmissions++;
    }
    this.#core.counters.answeredAgain++;
    this.#emit(this.#lastAnswer, header.exchange, true);
  }

  #answer(header: WireHeader, payloads: WirePayload[], bytes: Uint8Array | undefined): void {
    this.#nextPeerRequest = header.messageId + 1;
    this.#lastRequest = bytes;
    const answer = this.#core.answer(this, header.exchange, payloads);
    this.#lastAnswer = this.#build(header.exchange, header.messageId, true, answer.payloads);
    this.#emit(this.#lastAnswer, header.exchange, true);
    answer.afterwards?.();
  }

  #request(own: OwnExchange, payloads: readonly WirePayload[]): void {
    const messageId = this.#nextOwnRequest++;
    const datagrams = this.#build(own.exchange, messageId, false, payloads);
    this.outstanding = { own, messageId, datagrams, tries: 0, timer: this.#retryLater(0) };
    this.#emit(datagrams, own.exchange, false);
  }

  #retryLater(tries: number): Planned {
    const { initial, factor } = this.#core.settings.retransmit;
    return this.#core.clock.after(initial * factor ** tries, () => this.#retry());
  }

  #retry(): void {
    const { outstanding } = this;
    if (!outstanding) return;
    outstanding.tries++;
    if (outstanding.tries > this.#core.settings.retransmit.limit) {
      this.#core.lost(this);
      return;
    }
    this.#core.counters.retransmissions++;
    outstanding.timer = this.#retryLater(outstanding.tries);
    this.#emit(outstanding.datagrams, outstanding.own.exchange, false);
  }

  #finish(payloads: readonly WirePayload[]): void {
    const { outstanding } = this;
    if (!outstanding) return;
    this.abandonOutstanding();
    outstanding.own.done(payloads);
    this.next();
  }

  #build(
    exchange: number,
    messageId: number,
    isResponse: boolean,
    payloads: readonly WirePayload[],
  ): readonly Uint8Array[] {
    const spoiled = this.#core.spoil(payloads, exchange, isResponse);
    const shift = this.#core.wrongMessageId(exchange, isResponse);
    const header: WireHeader = {
      spiInitiator: this.spiInitiator,
      spiResponder: this.spiResponder,
      exchange,
      messageId: (messageId + shift) >>> 0,
      flags: (this.isInitiator ? FLAG.initiator : 0) | (isResponse ? FLAG.response : 0),
    };
    this.#core.record("out", header, spoiled);
    const keys = this.isInitiator ? this.keys.initiator : this.keys.responder;
    const iv = (length: number) => this.#iv(length);
    const odd = this.#core.oddFragment();
    if (odd) {
      const plain = writePayloads(spoiled);
      return [sealPart(this.suite, keys, header, spoiled[0]?.type ?? 0, plain, iv, odd)];
    }
    const whole = seal(this.suite, keys, header, spoiled, iv);
    const limit = this.#core.settings.fragmentMtu;
    if (limit === undefined || !this.canFragment || whole.length <= limit - 32) return [whole];
    return sealFragments(this.suite, keys, header, spoiled, iv, limit - 32);
  }

  #emit(datagrams: readonly Uint8Array[], exchange: number, isResponse: boolean): void {
    const { local, remote } = this;
    const old = this.#core.impairments.take("replay-old") ? [...this.#sentBefore] : [];
    if (this.#sentBefore.length < 100) this.#sentBefore.push(...datagrams);
    for (const bytes of [...datagrams, ...old]) {
      this.#core.transmit({ local, remote, bytes, exchange, isResponse });
    }
  }

  #iv(length: number): Uint8Array {
    if (length !== 8) return this.#core.random.bytes(length);
    const iv = new Uint8Array(8);
    new DataView(iv.buffer).setBigUint64(0, this.#ivs++);
    return iv;
  }
}

/** What IKE_SA_INIT leaves for IKE_AUTH. */
export interface Handshake {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
  /** Hash ids of the branch's SIGNATURE_HASH_ALGORITHMS; empty when it sent none. */
  readonly hashes: readonly number[];
}

/** The lowest of some nonces, octet by octet; a prefix is lower. RFC 7296 §2.8.1 */
export function lowestNonce(nonces: readonly Uint8Array[]): Uint8Array {
  const sorted = [...nonces].sort((a, b) => Buffer.compare(a, b));
  return sorted[0] ?? concatBytes();
}
