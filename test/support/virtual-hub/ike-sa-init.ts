/** The virtual hub's side of IKE_SA_INIT: cookies, groups, NAT detection. RFC 7296 §1.2, §2.6, §2.23 */
import { createHash, createHmac } from "node:crypto";
import { concatBytes, equalBytes } from "#lib/bytes.ts";
import { ipBytes } from "#lib/ip.ts";
import type { Datagram } from "../link.ts";
import { authorityHash } from "./authentication.ts";
import type { HubCore } from "./core.ts";
import { HubIkeSa } from "./ike-sa.ts";
import { deriveIke, newExchange } from "./keys.ts";
import { chooseIke } from "./suite.ts";
import {
  EXCHANGE,
  FLAG,
  find,
  findNotify,
  ke,
  NOTIFY,
  nonce,
  notifies,
  notify,
  PAYLOAD,
  readKe,
  readPayloads,
  readSa,
  sa as saPayload,
  type WireHeader,
  type WirePayload,
  writeClear,
} from "./wire.ts";

/** Answers a first request. Nothing is kept for a peer that still has to show its cookie. */
export function answerInit(
  core: HubCore,
  header: WireHeader & { readonly next: number },
  datagram: Datagram,
  bytes: Uint8Array,
): void {
  const known = core.sas
    .withInitiator(header.spiInitiator)
    .find((sa) => sa.handshake?.request !== undefined);
  if (known?.handshake && equalBytes(known.handshake.request, bytes)) {
    core.counters.answeredAgain++;
    send(core, datagram, known.handshake.response);
    return;
  }
  if (isTooEarly(core, header)) return;
  const payloads = readPayloads(header.next, bytes.subarray(28));
  core.record("in", header, payloads, bytes);
  const refusal = refuse(core, header, datagram, payloads);
  if (refusal) {
    const answer = { ...answerHeader(header, 0n) };
    core.record("out", answer, refusal);
    send(core, datagram, writeClear(answer, refusal));
    return;
  }
  accept(core, header, datagram, payloads, bytes);
}

const seenRequests = new WeakMap<HubCore, Map<bigint, number>>();

function isTooEarly(core: HubCore, header: WireHeader): boolean {
  const seen = seenRequests.get(core) ?? new Map<bigint, number>();
  seenRequests.set(core, seen);
  const count = seen.get(header.spiInitiator) ?? 0;
  const late = core.impairments.take(
    "answer-late",
    ({ exchange, retransmissions }) =>
      (exchange === undefined || exchange === EXCHANGE.IKE_SA_INIT) && count < retransmissions,
  );
  if (late) seen.set(header.spiInitiator, count + 1);
  return late !== undefined;
}

/** An answer that asks for a better request, or refuses it; undefined when the request is good. */
function refuse(
  core: HubCore,
  header: WireHeader,
  datagram: Datagram,
  payloads: readonly WirePayload[],
): WirePayload[] | undefined {
  const ordered = core.impairments.take("refuse", (i) => i.exchange === EXCHANGE.IKE_SA_INIT);
  if (ordered) return [notify(ordered.notify, ordered.data)];
  const offered = find(payloads, PAYLOAD.SA);
  const keyExchange = find(payloads, PAYLOAD.KE);
  const nonceInitiator = find(payloads, PAYLOAD.Nonce)?.body;
  if (!offered || !keyExchange || !nonceInitiator) return [notify(NOTIFY.INVALID_SYNTAX)];
  if (core.settings.cookies) {
    const cookie = cookieFor(nonceInitiator, datagram, header.spiInitiator);
    const shown = findNotify(payloads, NOTIFY.COOKIE);
    if (!shown || !equalBytes(shown.data, cookie)) {
      core.counters.cookiesAsked++;
      return [notify(NOTIFY.COOKIE, cookie)];
    }
  }
  const chosen = chooseIke(readSa(offered.body), core.settings.acceptable);
  if (!chosen) return [notify(NOTIFY.NO_PROPOSAL_CHOSEN)];
  if (chosen.suite.group !== readKe(keyExchange.body).method) {
    const wanted = Uint8Array.of(chosen.suite.group >> 8, chosen.suite.group & 0xff);
    return [notify(NOTIFY.INVALID_KE_PAYLOAD, wanted)];
  }
  return undefined;
}

function accept(
  core: HubCore,
  header: WireHeader,
  datagram: Datagram,
  payloads: readonly WirePayload[],
  bytes: Uint8Array,
): void {
  const chosen = chooseIke(
    readSa(find(payloads, PAYLOAD.SA)?.body ?? new Uint8Array()),
    core.settings.acceptable,
  );
  const nonceInitiator = find(payloads, PAYLOAD.Nonce)?.body ?? new Uint8Array();
  const peerKe = readKe(find(payloads, PAYLOAD.KE)?.body ?? new Uint8Array());
  if (!chosen) return;
  const own = newExchange(chosen.suite.group);
  const secret = own.agree(peerKe.data);
  if (!secret) return;
  const nonceResponder = core.random.bytes(32);
  const spiResponder = core.newIkeSpi();
  const canFragment =
    core.settings.fragmentMtu !== undefined &&
    findNotify(payloads, NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED) !== undefined;
  const answer = core.spoil(
    [
      saPayload([chosen.proposal]),
      ke(own.method, own.publicValue),
      nonce(nonceResponder),
      ...natNotifies(header.spiInitiator, spiResponder, datagram),
      ...announcements(core, canFragment),
    ],
    EXCHANGE.IKE_SA_INIT,
    true,
  );
  const responseHeader = answerHeader(header, spiResponder);
  const response = writeClear(responseHeader, answer);
  const sa = new HubIkeSa(core, {
    spiInitiator: header.spiInitiator,
    spiResponder,
    isInitiator: false,
    suite: chosen.suite,
    keys: deriveIke({
      suite: chosen.suite,
      secret,
      nonceInitiator,
      nonceResponder,
      spiInitiator: header.spiInitiator,
      spiResponder,
    }),
    state: "half-open",
    local: datagram.to,
    remote: datagram.from,
    canFragment,
    isUdpEncapsulated: isTranslated(header.spiInitiator, payloads, datagram),
    firstRequest: 1,
  });
  sa.handshake = {
    request: bytes,
    response,
    nonceInitiator,
    nonceResponder,
    hashes: readHashes(payloads),
  };
  core.counters.halfOpened++;
  core.sas.add(sa);
  core.record("out", responseHeader, answer);
  core.clock.after(30_000, () => {
    if (sa.state === "half-open") core.forget(sa);
  });
  send(core, datagram, response);
}

function announcements(core: HubCore, canFragment: boolean): WirePayload[] {
  const { trust, sendsSignatureHashes, vendorIds = [] } = core.settings;
  const list: WirePayload[] = vendorIds.map((text) => ({
    type: PAYLOAD.V,
    body: new TextEncoder().encode(text),
  }));
  if (canFragment) list.push(notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED));
  if (sendsSignatureHashes) {
    const hashes = Uint8Array.of(0, 2, 0, 3, 0, 4, 0, 5);
    list.push(notify(NOTIFY.SIGNATURE_HASH_ALGORITHMS, hashes));
  }
  if (trust.method === "certificate") {
    const authorities = concatBytes(...trust.anchors.map(authorityHash));
    list.push({ type: PAYLOAD.CERTREQ, body: concatBytes(Uint8Array.of(4), authorities) });
  }
  return list;
}

/** NAT_DETECTION notifies about a datagram, from the side that received it. RFC 7296 §2.23 */
export function natNotifies(spiI: bigint, spiR: bigint, { from, to }: Datagram): WirePayload[] {
  return [
    notify(NOTIFY.NAT_DETECTION_SOURCE_IP, natHash(spiI, spiR, to)),
    notify(NOTIFY.NAT_DETECTION_DESTINATION_IP, natHash(spiI, spiR, from)),
  ];
}

function isTranslated(
  spiInitiator: bigint,
  payloads: readonly WirePayload[],
  { from, to }: Datagram,
): boolean {
  const all = notifies(payloads);
  const has = (type: number, hash: Uint8Array) =>
    all.some((n) => n.type === type && equalBytes(n.data, hash));
  if (!all.some((n) => n.type === NOTIFY.NAT_DETECTION_SOURCE_IP)) return false;
  return (
    !has(NOTIFY.NAT_DETECTION_SOURCE_IP, natHash(spiInitiator, 0n, from)) ||
    !has(NOTIFY.NAT_DETECTION_DESTINATION_IP, natHash(spiInitiator, 0n, to))
  );
}

function natHash(spiI: bigint, spiR: bigint, { address, port }: Datagram["from"]): Uint8Array {
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setBigUint64(0, spiI);
  view.setBigUint64(8, spiR);
  const hash = createHash("sha1").update(head).update(ipBytes(address));
  return Uint8Array.from(hash.update(Uint8Array.of(port >> 8, port & 0xff)).digest());
}

function cookieFor(nonceInitiator: Uint8Array, { from }: Datagram, spi: bigint): Uint8Array {
  const hmac = createHmac("sha256", "the virtual hub's cookie secret");
  hmac.update(nonceInitiator).update(from.address).update(spi.toString(16));
  return Uint8Array.from(hmac.digest());
}

function readHashes(payloads: readonly WirePayload[]): number[] {
  const { data } = findNotify(payloads, NOTIFY.SIGNATURE_HASH_ALGORITHMS) ?? {};
  if (!data) return [];
  return Array.from(
    { length: data.length >> 1 },
    (_, index) => ((data[index * 2] ?? 0) << 8) | (data[index * 2 + 1] ?? 0),
  );
}

function answerHeader(request: WireHeader, spiResponder: bigint): WireHeader {
  return { ...request, spiResponder, flags: FLAG.response, exchange: EXCHANGE.IKE_SA_INIT };
}

function send(core: HubCore, { from, to }: Datagram, bytes: Uint8Array): void {
  const exchange = EXCHANGE.IKE_SA_INIT;
  core.transmit({ local: to, remote: from, bytes, exchange, isResponse: true });
}
