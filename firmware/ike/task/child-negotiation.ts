/**
 * Both halves of negotiating a Child SA: what we offer, what we make of the answer, and what we answer when the peer
 * asks. IKE_AUTH and CREATE_CHILD_SA share it. RFC 7296 §1.2, §1.3.1, §2.9, §2.17.
 */
import type { KeyExchange } from "#crypto/key-exchange.ts";
import type { Duration } from "#lib/duration.ts";
import { after } from "#lib/duration.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { NotifyType } from "../message/iana.ts";
import type { Payload, WireTrafficSelector } from "../message/message.ts";
import { type ChildLifetime, ChildSa } from "../sa/child-sa.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import { randomFraction } from "../sa/jitter.ts";
import { deriveChildKeys, type NoncePair } from "../sa/keymat.ts";
import type { Again, ChildCollision, ChildDraft } from "../sa/operation.ts";
import { type EspSuite, offerEsp, offeredKeyExchanges } from "../sa/proposal.ts";
import { selectorOf } from "../sa/traffic-selector.ts";
import type { Turn } from "../sa/turn.ts";
import { notify, spiBytes } from "./notify.ts";

/** Bytes of our nonces; at least half the key size of every PRF we have. RFC 7296 §2.10 */
export const NONCE_BYTES = 32;

/** Our half of a child of IKE_AUTH, whose keys come from the IKE SA's nonces: it needs none of its own. */
export function draftFirstChild(turn: Turn, session: Session): ChildDraft {
  const { proposals, local, remote } = session.connection.child;
  const spi = turn.registry.newEspSpi();
  return {
    spi,
    nonce: new Uint8Array(0),
    keyExchange: undefined,
    offered: offerEsp(proposals, spiBytes(spi), false),
    local: local.map(({ prefix }) => selectorOf(prefix)),
    remote: remote.map(({ prefix }) => selectorOf(prefix)),
    replaces: undefined,
    retries: 0,
    collision: undefined,
  };
}

/**
 * Our half of a child of CREATE_CHILD_SA.
 * @param replaces the child being rekeyed: its selectors are asked for again. RFC 7296 §2.9.2
 * @param again key exchange that the peer asked for; without it our first, or none without PFS.
 */
export function draftChild(
  turn: Turn,
  session: Session,
  replaces: ChildSa | undefined,
  again: Again<ChildCollision> | undefined,
): ChildDraft {
  const { proposals } = session.connection.child;
  const first = draftFirstChild(turn, session);
  const chosen = again?.method ?? offeredKeyExchanges(proposals)[0];
  return {
    ...first,
    nonce: turn.random(NONCE_BYTES),
    keyExchange: chosen === undefined ? undefined : turn.keyExchanges.take(chosen),
    offered: offerEsp(proposals, spiBytes(first.spi), true),
    ...(replaces && {
      local: replaces.parameters.local,
      remote: replaces.parameters.remote,
    }),
    replaces,
    retries: again?.retries ?? 0,
    collision: again?.collision,
  };
}

/** SA, [Nonce, KE,] TSi, TSr and the notifies of a child request, in the RFC's order. */
export function buildChildRequest(session: Session, draft: ChildDraft): readonly Payload[] {
  return [
    { type: "SA", proposals: draft.offered },
    ...nonceAndKe(draft.nonce, draft.keyExchange),
    { type: "TSi", selectors: draft.local },
    { type: "TSr", selectors: draft.remote },
    ...(session.connection.child.mode === "transport"
      ? [notify(NotifyType.USE_TRANSPORT_MODE)]
      : []),
    notify(NotifyType.ESP_TFC_PADDING_NOT_SUPPORTED),
    notify(NotifyType.NON_FIRST_FRAGMENTS_ALSO),
  ];
}

/** Nonce and KE as they stand in CREATE_CHILD_SA; nothing for an empty nonce. */
export function nonceAndKe(
  nonce: Uint8Array,
  keyExchange: KeyExchange | undefined,
): readonly Payload[] {
  return [
    ...(nonce.length > 0 ? [{ type: "Nonce", nonce } as const] : []),
    ...(keyExchange
      ? [
          {
            type: "KE",
            method: keyExchange.method,
            publicValue: keyExchange.publicValue,
          } as const,
        ]
      : []),
  ];
}

/** What a finished negotiation came to. */
export interface NegotiatedChild {
  readonly spiIn: number;
  readonly spiOut: number;
  readonly suite: EspSuite;
  readonly mode: "tunnel" | "transport";
  readonly local: readonly WireTrafficSelector[];
  readonly remote: readonly WireTrafficSelector[];
  readonly nonces: NoncePair;
  readonly sharedSecret: SecretBytes | undefined;
  /** True when we started the exchange that makes this child. */
  readonly isInitiator: boolean;
}

/** Derives the keys and makes the child known to the session; nothing is installed yet. Wipes the shared secret. */
export function makeChild(turn: Turn, sa: IkeSa, negotiated: NegotiatedChild): ChildSa {
  const { session } = sa;
  const { child: config, name } = session.connection;
  const { nonces, sharedSecret, isInitiator, suite, ...agreed } = negotiated;
  const keys = deriveChildKeys(sa.suite.prf, sa.keys.skD, suite, nonces, sharedSecret);
  sharedSecret?.wipe();
  const lifetime = childLifetime(turn, session);
  const child = new ChildSa({
    ...agreed,
    client: name,
    suite,
    inbound: isInitiator ? keys.responderToInitiator : keys.initiatorToResponder,
    outbound: isInitiator ? keys.initiatorToResponder : keys.responderToInitiator,
    path: session.path,
    udpEncapsulation: sa.peer.natLocal || sa.peer.natRemote,
    replayWindow: config.replayWindow,
    offload: config.offload,
    lifetime,
    createdAt: turn.now,
  });
  child.timers.arm("rekey", after(turn.now, lifetime.soft));
  child.timers.arm("expire", after(turn.now, lifetime.hard));
  session.children.add(child);
  return child;
}

/** Soft limits at 80 to 90 % of the hard ones, by one draw for both. */
function childLifetime(turn: Turn, session: Session): ChildLifetime {
  const { time, bytes } = session.connection.child.lifetime;
  const share = 0.8 + 0.1 * randomFraction(turn.random);
  return {
    soft: Math.floor(time * share) as Duration,
    hard: time,
    ...(bytes !== undefined && { softBytes: Math.floor(bytes * share), hardBytes: bytes }),
  };
}
