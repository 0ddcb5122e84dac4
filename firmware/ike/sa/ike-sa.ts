/**
 * One IKE SA: SPIs, keys, windows and where it is in its life, as data that exchanges work on. Decides nothing itself.
 * RFC 7296 §2.1 to §2.4, §2.14.
 */

import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import { Deadlines } from "#lib/deadlines.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { ChainRequest } from "#pki/chain.ts";
import type { SessionOutcome } from "../actions.ts";
import type { IkeConnection, Path } from "../connection.ts";
import type { Reason } from "../down-reason.ts";
import type { SessionId } from "../inputs.ts";
import type { IkeSpi } from "../message/message.ts";
import { Reassembly } from "../message/skf.ts";
import type { ChildSa } from "./child-sa.ts";
import type { IkeSaState, PeerAbilities } from "./ike-sa-state.ts";
import type { InitAttempt } from "./init-attempt.ts";
import { type IkeKeys, wipeIkeKeys } from "./keymat.ts";
import { RequestWindow, ResponseWindow } from "./message-window.ts";
import type { Operation, OutstandingRequest } from "./operation.ts";
import type { IkeSuite } from "./proposal.ts";
import type { IkeTimer, SessionTimer } from "./timers.ts";

export interface IkeSaParameters {
  readonly session: Session;
  /** True when we started the exchange that made this SA. RFC 7296 §2.2 */
  readonly isInitiator: boolean;
  readonly spiInitiator: IkeSpi;
  readonly spiResponder: IkeSpi;
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  readonly path: Path;
  readonly peer: PeerAbilities;
  readonly state: IkeSaState;
  /** 1 after an IKE_SA_INIT of ours, else 0. */
  readonly firstMessageId: number;
  readonly now: MonotonicMs;
  readonly random: RandomSource;
}

/** See the file's head. */
export class IkeSa {
  readonly session: Session;
  readonly isInitiator: boolean;
  readonly spiInitiator: IkeSpi;
  readonly spiResponder: IkeSpi;
  readonly suite: IkeSuite;
  readonly keys: IkeKeys;
  readonly peer: PeerAbilities;
  readonly createdAt: MonotonicMs;
  readonly sealing: SkCipher;
  readonly opening: SkCipher;
  readonly requests: RequestWindow<OutstandingRequest>;
  readonly responses = new ResponseWindow();
  readonly queue: Operation[] = [];
  readonly timers = new Deadlines<IkeTimer>();
  /** Fragments of the peer's current request, and of its response to ours. */
  readonly reassembly = { request: new Reassembly(), response: new Reassembly() };
  path: Path;
  state: IkeSaState;
  /** Fragmented messages were sent or received. */
  usedFragments = false;

  constructor(parameters: IkeSaParameters) {
    const { suite, keys, random } = parameters;
    this.session = parameters.session;
    this.isInitiator = parameters.isInitiator;
    this.spiInitiator = parameters.spiInitiator;
    this.spiResponder = parameters.spiResponder;
    this.suite = suite;
    this.keys = keys;
    this.peer = parameters.peer;
    this.path = parameters.path;
    this.state = parameters.state;
    this.createdAt = parameters.now;
    this.requests = new RequestWindow(parameters.firstMessageId);
    const initiator = cipherOf(suite, keys.skEi, keys.skAi, random);
    const responder = cipherOf(suite, keys.skEr, keys.skAr, random);
    this.sealing = this.isInitiator ? initiator : responder;
    this.opening = this.isInitiator ? responder : initiator;
  }

  /** The SPI that messages to us carry as ours. */
  get ownSpi(): IkeSpi {
    return this.isInitiator ? this.spiInitiator : this.spiResponder;
  }

  get peerSpi(): IkeSpi {
    return this.isInitiator ? this.spiResponder : this.spiInitiator;
  }

  /** Asks for a request as soon as the window has room. */
  enqueue(operation: Operation): void {
    this.queue.push(operation);
  }

  /** True when a request of this kind waits or is on its way. */
  isBusyWith(kind: Operation["kind"]): boolean {
    return (
      this.queue.some((operation) => operation.kind === kind) ||
      this.requests.outstanding().some(({ operation }) => operation.kind === kind)
    );
  }

  /** Stops everything and wipes the keys. */
  close(): void {
    this.state = { name: "closed" };
    this.queue.length = 0;
    this.requests.clear();
    this.timers.cancelAll();
    wipeIkeKeys(this.keys);
  }
}

/** The chain that a peer proved itself with, and what it was held against. */
export type PeerCertificates = Pick<ChainRequest, "leaf" | "intermediates" | "anchors">;

/**
 * One wish to be connected to one peer, over all the IKE SAs that serve it: the first, those of rekeys, those on their way
 * out. Holds what outlives an IKE SA. RFC 7296 §2.8, §2.18
 */
export class Session {
  readonly id: SessionId;
  readonly connection: IkeConnection;
  readonly startedAt: MonotonicMs;
  readonly timers = new Deadlines<SessionTimer>();
  /** Every IKE SA with keys, newest last. */
  readonly ikeSas = new Set<IkeSa>();
  readonly children = new Set<ChildSa>();
  /** Where the peer is now. */
  path: Path;
  /** IKE_SA_INIT under way; undefined once an answer has authenticated itself. */
  attempt: InitAttempt | undefined;
  /** The IKE SA that new requests go by; undefined before authentication. */
  ike: IkeSa | undefined;
  /** What `session-up` said; undefined before. */
  outcome: SessionOutcome | undefined;
  /** How each side proved itself, for `show`. */
  readonly authentication = { local: "", remote: "" };
  /** Proven by the peer. */
  peerIdentity: string | undefined;
  /** What was accepted by a clock that can't be trusted, to be judged again by one that can; undefined otherwise. */
  provisional: PeerCertificates | undefined;
  /** Last authentic IKE message or ESP packet from the peer. */
  lastHeard: MonotonicMs;
  /** Last datagram to the peer, IKE or ESP. */
  lastSent: MonotonicMs;
  /** Silence of the peer that the armed liveness timer stands for. */
  livenessWait: Duration;
  /** Last liveness check that an unprotected message caused. */
  lastHint: MonotonicMs | undefined;
  /** First TEMPORARY_FAILURE of an unbroken row. */
  temporaryFailureSince: MonotonicMs | undefined;
  /** AUTH_LIFETIME of the hub. RFC 4478 */
  authLifetime: Duration | undefined;
  ikeRekeys = 0;
  childRekeys = 0;
  /** Why the session is being closed; reported when the Delete is answered or given up. */
  ending: Reason | undefined;
  isOver = false;

  constructor(id: SessionId, connection: IkeConnection, path: Path, now: MonotonicMs) {
    this.id = id;
    this.connection = connection;
    this.path = path;
    this.startedAt = now;
    this.lastHeard = now;
    this.lastSent = now;
    this.livenessWait = connection.dpd.interval;
  }

  /** Answers to IKE_SA_INIT that IKE_AUTH was sent to. */
  get candidates(): readonly IkeSa[] {
    return [...this.ikeSas].filter(({ state }) => state.name === "auth-sent");
  }

  /** The child that traffic leaves by; undefined when there is none. */
  get activeChild(): ChildSa | undefined {
    let active: ChildSa | undefined;
    for (const child of this.children) if (child.isLive) active = child;
    return active;
  }

  childByInboundSpi(spi: number): ChildSa | undefined {
    for (const child of this.children) if (child.spiIn === spi) return child;
    return undefined;
  }

  childByOutboundSpi(spi: number): ChildSa | undefined {
    for (const child of this.children) if (child.spiOut === spi) return child;
    return undefined;
  }
}

function cipherOf(
  suite: IkeSuite,
  encryptionKey: IkeKeys["skEi"],
  integrityKey: IkeKeys["skAi"],
  random: RandomSource,
): SkCipher {
  return createSkCipher({
    encryption: encryption(suite.encryption.id, suite.encryption.keyLength),
    encryptionKey,
    ...(suite.integrity !== undefined && { integrity: integrity(suite.integrity), integrityKey }),
    random,
  });
}
