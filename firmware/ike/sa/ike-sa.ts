/**
 * One IKE SA: SPIs, keys, windows and where it is in its life, as data that exchanges work on. Decides nothing itself.
 * RFC 7296 §2.1 to §2.4, §2.14.
 */
import { encryption } from "#crypto/encryption.ts";
import { integrity } from "#crypto/integrity.ts";
import { createSkCipher, type SkCipher } from "#crypto/sk-cipher.ts";
import { Deadlines } from "#lib/deadlines.ts";
import type { MonotonicMs } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import type { Path } from "../connection.ts";
import type { IdPayload, IkeSpi } from "../message/message.ts";
import { Reassembly } from "../message/skf.ts";
import { type IkeKeys, wipeIkeKeys } from "./keymat.ts";
import { RequestWindow, ResponseWindow } from "./message-window.ts";
import type { ChildDraft, IkeDraft, Operation, OutstandingRequest } from "./operation.ts";
import type { IkeSuite } from "./proposal.ts";
import type { Session } from "./session.ts";
import type { IkeTimer } from "./timers.ts";

/** What AUTH signs, kept from IKE_SA_INIT until the peer is authenticated. RFC 7296 §2.15 */
export interface InitTranscript {
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
}

export type IkeSaState =
  /** IKE_AUTH sent to one answer of IKE_SA_INIT; the peer is not authenticated. */
  | {
      readonly name: "auth-sent";
      readonly transcript: InitTranscript;
      /** IDi as sent. */
      readonly identity: IdPayload;
      readonly child: ChildDraft;
    }
  | { readonly name: "established" }
  /** Our rekey of it is under way. */
  | { readonly name: "rekeying"; readonly draft: IkeDraft }
  /** Another IKE SA has its children; a Delete will end it. */
  | { readonly name: "replaced" }
  /** Our Delete, or our last word, is under way. */
  | { readonly name: "deleting" }
  | { readonly name: "closed" };

/** The state in which a candidate waits for its IKE_AUTH answer. */
export type AuthSent = Extract<IkeSaState, { readonly name: "auth-sent" }>;

export type IkeSaStateName = IkeSaState["name"] | "init-sent";

/** What the peer said about itself. */
export interface PeerAbilities {
  readonly fragmentation: boolean;
  /** It announced a vendor ID of Cisco's: a FlexVPN hub. */
  readonly isCisco: boolean;
  /** RFC 7427 hash ids; empty when it announced none: older signature methods only. */
  readonly signatureHashes: readonly number[];
  /** We, the peer, are behind a NAT. */
  readonly natLocal: boolean;
  readonly natRemote: boolean;
}

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
