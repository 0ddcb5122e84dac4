/**
 * How the virtual hub answers CREATE_CHILD_SA: new children, Child rekeys and IKE rekeys, with every rule of RFC 7296
 * §2.8 and §2.25 about what it may be doing itself at that moment.
 */
import type { HubChild } from "./child-sa.ts";
import type { HubCore } from "./core.ts";
import { type Answer, HubIkeSa } from "./ike-sa.ts";
import { deriveChild, deriveIke, newExchange } from "./keys.ts";
import { chooseEsp, chooseIke } from "./suite.ts";
import { hostSelector, narrow, selectorsOf, toPrefixes } from "./traffic-selectors.ts";
import {
  EXCHANGE,
  find,
  findNotify,
  ke,
  NOTIFY,
  nonce,
  notify,
  PAYLOAD,
  PROTOCOL,
  readKe,
  readSa,
  readTs,
  sa as saPayload,
  ts,
  type WirePayload,
  type WireSelector,
} from "./wire.ts";

/** Answers a CREATE_CHILD_SA request of the branch. */
export function answerCreateChild(
  core: HubCore,
  sa: HubIkeSa,
  payloads: readonly WirePayload[],
): Answer {
  const ordered = core.impairments.take("refuse", (i) => i.exchange === EXCHANGE.CREATE_CHILD_SA);
  if (ordered) return { payloads: [notify(ordered.notify, ordered.data)] };
  const offered = find(payloads, PAYLOAD.SA);
  if (!offered || !find(payloads, PAYLOAD.Nonce)) {
    return { payloads: [notify(NOTIFY.INVALID_SYNTAX)] };
  }
  const isAboutIke = readSa(offered.body)[0]?.protocol === PROTOCOL.IKE;
  return isAboutIke ? answerIkeRekey(core, sa, payloads) : answerChild(core, sa, payloads);
}

function answerChild(core: HubCore, sa: HubIkeSa, payloads: readonly WirePayload[]): Answer {
  const busy = sa.outstanding?.own.name;
  if (busy === "rekey-ike" || busy === "delete-ike" || sa.state !== "established") {
    return { payloads: [notify(NOTIFY.TEMPORARY_FAILURE)] };
  }
  const rekeyed = findNotify(payloads, NOTIFY.REKEY_SA);
  const old = rekeyed && findChild(core, sa, readSpi(rekeyed.spi));
  if (rekeyed && !old) {
    const about = { protocol: PROTOCOL.ESP, spi: rekeyed.spi };
    return { payloads: [notify(NOTIFY.CHILD_SA_NOT_FOUND, undefined, about)] };
  }
  if (old && old.state !== "up") return { payloads: [notify(NOTIFY.TEMPORARY_FAILURE)] };
  const nonceInitiator = find(payloads, PAYLOAD.Nonce)?.body ?? new Uint8Array();
  const nonceResponder = core.random.bytes(32);
  const assigned = { ipv4: true, ipv6: true };
  const terms = { nonceInitiator, nonceResponder, assigned, isFirst: false };
  const outcome = acceptChild(core, sa, payloads, old ? { ...terms, old } : terms);
  if (outcome.child && old) {
    const isOwnRekeyRunning = busy === "rekey-child" && sa.outstanding?.own.child === old;
    if (isOwnRekeyRunning) {
      old.collision = { child: outcome.child, nonces: [nonceInitiator, nonceResponder] };
    } else old.state = "replaced";
  }
  return { payloads: outcome.payloads };
}

/** What `acceptChild` has to know beside the request itself. */
export interface ChildTerms {
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
  /** Families for which the branch holds an assigned address. */
  readonly assigned: { readonly ipv4: boolean; readonly ipv6: boolean };
  /** In IKE_AUTH: no nonce, no key exchange in the answer. */
  readonly isFirst: boolean;
  readonly old?: HubChild;
}

/** Negotiates and makes a Child SA that the branch asked for. */
export function acceptChild(
  core: HubCore,
  sa: HubIkeSa,
  payloads: readonly WirePayload[],
  terms: ChildTerms,
): { payloads: readonly WirePayload[]; child?: HubChild } {
  const offered = readSa(find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array());
  const chosen = chooseEsp(offered, core.settings.acceptable, !terms.isFirst);
  if (!chosen) return { payloads: [notify(NOTIFY.NO_PROPOSAL_CHOSEN)] };
  const selectors = narrowed(core, payloads, terms);
  if (!selectors) return { payloads: [notify(NOTIFY.TS_UNACCEPTABLE)] };
  const keyExchange = find(payloads, PAYLOAD.KE);
  const { group } = chosen.suite;
  if (group !== 0 && (!keyExchange || readKe(keyExchange.body).method !== group)) {
    const wanted = Uint8Array.of(group >> 8, group & 0xff);
    return { payloads: [notify(NOTIFY.INVALID_KE_PAYLOAD, wanted)] };
  }
  const own = group === 0 ? undefined : newExchange(group);
  const peerValue = keyExchange ? readKe(keyExchange.body).data : new Uint8Array();
  const secret = own ? own.agree(peerValue) : new Uint8Array();
  if (!secret) return { payloads: [notify(NOTIFY.INVALID_SYNTAX)] };
  const keys = deriveChild(
    { prf: sa.suite.prf, d: sa.keys.d },
    chosen.suite,
    secret,
    terms.nonceInitiator,
    terms.nonceResponder,
  );
  const wantsTransport = findNotify(payloads, NOTIFY.USE_TRANSPORT_MODE) !== undefined;
  const spiIn = core.newEspSpi();
  const child = addChild(core, sa, {
    spiIn,
    spiOut: readSpi(chosen.proposal.spi),
    suite: chosen.suite,
    inbound: keys.initiator,
    outbound: keys.responder,
    local: selectors.responder,
    remote: selectors.initiator,
    isTransport: wantsTransport,
  });
  return {
    child,
    payloads: [
      saPayload([{ ...chosen.proposal, spi: spiBytes(spiIn) }]),
      ...(terms.isFirst ? [] : [nonce(terms.nonceResponder)]),
      ...(own ? [ke(own.method, own.publicValue)] : []),
      ts("TSi", selectors.initiator),
      ts("TSr", core.impairments.take("widened-selectors") ? everything : selectors.responder),
      ...(wantsTransport ? [notify(NOTIFY.USE_TRANSPORT_MODE)] : []),
    ],
  };
}

const everything = selectorsOf(["0.0.0.0/0", "::/0"] as never);

function narrowed(
  core: HubCore,
  payloads: readonly WirePayload[],
  { assigned, old }: ChildTerms,
): { initiator: WireSelector[]; responder: WireSelector[] } | undefined {
  const { handout, networks, branchNetworks } = core.settings;
  const hosts = [
    ...(assigned.ipv4 && handout.ipv4 ? [hostSelector(handout.ipv4)] : []),
    ...(assigned.ipv6 && handout.ipv6 ? [hostSelector(handout.ipv6.address)] : []),
  ];
  const branchSide = hosts.length > 0 ? hosts : selectorsOf(branchNetworks);
  const offeredI = readTs(find(payloads, PAYLOAD.TSi)?.body ?? Uint8Array.of(0, 0, 0, 0));
  const offeredR = readTs(find(payloads, PAYLOAD.TSr)?.body ?? Uint8Array.of(0, 0, 0, 0));
  const initiator = narrow(offeredI, old?.remote ?? branchSide);
  const responder = narrow(offeredR, old?.local ?? selectorsOf(networks));
  return initiator.length > 0 && responder.length > 0 ? { initiator, responder } : undefined;
}

/** Makes a child exist on the hub's side. */
export function addChild(
  core: HubCore,
  sa: HubIkeSa,
  parts: Omit<
    HubChild,
    "owner" | "state" | "sent" | "received" | "localPrefixes" | "remotePrefixes" | "collision"
  >,
): HubChild {
  const child: HubChild = {
    ...parts,
    localPrefixes: toPrefixes(parts.local),
    remotePrefixes: toPrefixes(parts.remote),
    owner: sa,
    state: "up",
    sent: 0,
    received: 0,
  };
  sa.children.add(child);
  core.watchChild(child);
  return child;
}

/** RFC 7296 §1.3.2, §2.8.2, §2.25.2 */
function answerIkeRekey(core: HubCore, sa: HubIkeSa, payloads: readonly WirePayload[]): Answer {
  const busy = sa.outstanding?.own.name;
  const isAboutChild = busy === "create-child" || busy === "rekey-child" || busy === "delete-child";
  if (sa.state !== "established" || isAboutChild || busy === "delete-ike") {
    return { payloads: [notify(NOTIFY.TEMPORARY_FAILURE)] };
  }
  const offered = readSa(find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array());
  const chosen = chooseIke(offered, core.settings.acceptable);
  const peerKe = find(payloads, PAYLOAD.KE);
  if (!chosen || !peerKe) return { payloads: [notify(NOTIFY.NO_PROPOSAL_CHOSEN)] };
  const { group } = chosen.suite;
  if (readKe(peerKe.body).method !== group) {
    const wanted = Uint8Array.of(group >> 8, group & 0xff);
    return { payloads: [notify(NOTIFY.INVALID_KE_PAYLOAD, wanted)] };
  }
  const own = newExchange(group);
  const secret = own.agree(readKe(peerKe.body).data);
  if (!secret) return { payloads: [notify(NOTIFY.INVALID_SYNTAX)] };
  const nonceInitiator = find(payloads, PAYLOAD.Nonce)?.body ?? new Uint8Array();
  const nonceResponder = core.random.bytes(32);
  const spiInitiator = readIkeSpi(chosen.proposal.spi);
  const spiResponder = core.newIkeSpi();
  const fresh = successorOf(core, sa, {
    isInitiator: false,
    spiInitiator,
    spiResponder,
    suite: chosen.suite,
    secret,
    nonceInitiator,
    nonceResponder,
  });
  if (busy === "rekey-ike") {
    sa.collision = { sa: fresh, nonces: [nonceInitiator, nonceResponder] };
  } else inherit(core, sa, fresh);
  return {
    payloads: [
      saPayload([{ ...chosen.proposal, spi: ikeSpiBytes(spiResponder) }]),
      nonce(nonceResponder),
      ke(own.method, own.publicValue),
    ],
  };
}

/** An IKE SA made by rekeying `old`; both message ID counters start at 0. RFC 7296 §2.18 */
export function successorOf(
  core: HubCore,
  old: HubIkeSa,
  parts: {
    readonly isInitiator: boolean;
    readonly spiInitiator: bigint;
    readonly spiResponder: bigint;
    readonly suite: HubIkeSa["suite"];
    readonly secret: Uint8Array;
    readonly nonceInitiator: Uint8Array;
    readonly nonceResponder: Uint8Array;
  },
): HubIkeSa {
  const fresh = new HubIkeSa(core, {
    ...parts,
    keys: deriveIke({ ...parts, old: { prf: old.suite.prf, d: old.keys.d } }),
    state: "established",
    local: old.local,
    remote: old.remote,
    canFragment: old.canFragment,
    isUdpEncapsulated: old.isUdpEncapsulated,
    firstRequest: 0,
    ...(old.peerIdentity === undefined ? {} : { peerIdentity: old.peerIdentity }),
  });
  core.sas.add(fresh);
  return fresh;
}

/** The children of `old` belong to `fresh` from here. */
export function inherit(core: HubCore, old: HubIkeSa, fresh: HubIkeSa): void {
  old.handOver(fresh);
  old.state = "rekeyed";
  core.watch(fresh);
  fresh.next();
}

/**
 * The child of this SA or of the SAs before and after it: a branch that does not know of a collision of IKE rekeys asks
 * on the new SA about children that the hub still keeps with the old one.
 */
export function findChild(core: HubCore, sa: HubIkeSa, spi: number): HubChild | undefined {
  const old = [...core.sas].find((other) => other.collision?.sa === sa);
  const family = [sa, sa.successor, old];
  return family.flatMap((one) => (one ? (childBySpiOut(one, spi) ?? []) : []))[0];
}

/** The child to which the branch sends with this SPI in its own rekeys and deletes: the hub's outbound one. */
export function childBySpiOut(sa: HubIkeSa, spi: number): HubChild | undefined {
  return [...sa.children].find((child) => child.spiOut === spi);
}

export function readSpi(bytes: Uint8Array): number {
  return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
}

export function spiBytes(spi: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, spi);
  return bytes;
}

export function readIkeSpi(bytes: Uint8Array): bigint {
  return bytes.length === 8 ? new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0) : 0n;
}

export function ikeSpiBytes(spi: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, spi);
  return bytes;
}
