/** The virtual hub's side of IKE_AUTH, with the first Child SA and the configuration payload. RFC 7296 §1.2, §2.15 */
import type { Identity } from "#ike/connection.ts";
import { concatBytes } from "#lib/bytes.ts";
import { ipBytes, ipFromBytes, parseIpAddress } from "#lib/ip.ts";
import { certificateNames, isProven, prove, signedOctets } from "./authentication.ts";
import { CFG, reply, wishes } from "./configuration.ts";
import type { HubCore } from "./core.ts";
import { acceptChild } from "./create-child.ts";
import type { Answer, HubIkeSa } from "./ike-sa.ts";
import {
  cp,
  EXCHANGE,
  find,
  findNotify,
  NOTIFY,
  notify,
  PAYLOAD,
  readCp,
  type WirePayload,
} from "./wire.ts";

/** Answers IKE_AUTH of a half-open SA. */
export function answerAuth(core: HubCore, sa: HubIkeSa, payloads: readonly WirePayload[]): Answer {
  const ordered = core.impairments.take("refuse", (i) => i.exchange === EXCHANGE.IKE_AUTH);
  if (ordered) return fail(core, sa, ordered.notify, ordered.data);
  const critical = payloads.find((p) => p.isCritical && p.type > PAYLOAD.SKF);
  if (critical) {
    return fail(core, sa, NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD, Uint8Array.of(critical.type));
  }
  const identity = find(payloads, PAYLOAD.IDi)?.body;
  if (!identity || !isBranchProven(core, sa, payloads, identity)) {
    return fail(core, sa, NOTIFY.AUTHENTICATION_FAILED);
  }
  sa.peerIdentity = identityText(identity);
  if (findNotify(payloads, NOTIFY.INITIAL_CONTACT)) dropOthers(core, sa);
  sa.state = "established";
  const answer = [...proof(core, sa), ...firstChild(core, sa, payloads)];
  return { payloads: answer, afterwards: () => core.watch(sa) };
}

function isBranchProven(
  core: HubCore,
  sa: HubIkeSa,
  payloads: readonly WirePayload[],
  identity: Uint8Array,
): boolean {
  const auth = find(payloads, PAYLOAD.AUTH)?.body;
  if (!auth || !sa.handshake) return false;
  const { expectedPeer, trust } = core.settings;
  const name = identityText(identity);
  if (expectedPeer !== undefined && name !== expectedPeer) return false;
  const { request, nonceResponder } = sa.handshake;
  const { prf } = sa.suite;
  const octets = signedOctets(prf, request, nonceResponder, sa.keys.pi, identity);
  const certificates = payloads
    .filter((payload) => payload.type === PAYLOAD.CERT && payload.body[0] === 4)
    .map((payload) => payload.body.subarray(1));
  if (trust.method === "certificate") {
    const leaf = certificates[0];
    const kind = identity[0] === 2 ? "DNS" : identity[0] === 3 ? "email" : "IP";
    if (!leaf || (identity[0] !== 9 && !certificateNames(leaf, kind, name))) return false;
  }
  const proof = { method: auth[0] ?? 0, data: auth.subarray(4) };
  return isProven(trust, prf, octets, proof, certificates);
}

/** IDr, CERT and AUTH. */
function proof(core: HubCore, sa: HubIkeSa): WirePayload[] {
  const { settings, impairments } = core;
  const wrongName = impairments.take("wrong-identity");
  const identity = identityBody(
    wrongName ? { kind: "fqdn", value: wrongName.fqdn } : settings.identity,
  );
  const { response, nonceInitiator, hashes } = sa.handshake ?? emptyHandshake;
  const { prf } = sa.suite;
  const octets = signedOctets(prf, response, nonceInitiator, sa.keys.pr, identity);
  const credential = impairments.take("wrong-psk")
    ? { method: "psk" as const, secret: new TextEncoder().encode("not the secret") }
    : settings.credential;
  const { method, data } = prove(
    credential,
    prf,
    octets,
    settings.sendsSignatureHashes ? hashes : [],
  );
  if (impairments.take("wrong-auth")) data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
  const certificates = credential.method === "certificate" ? credential.chain : [];
  return [
    { type: PAYLOAD.IDr, body: identity },
    ...certificates.map((der) => ({
      type: PAYLOAD.CERT,
      body: concatBytes(Uint8Array.of(4), der),
    })),
    { type: PAYLOAD.AUTH, body: concatBytes(Uint8Array.of(method, 0, 0, 0), data) },
  ];
}

const emptyHandshake = {
  response: new Uint8Array(),
  nonceInitiator: new Uint8Array(),
  hashes: [] as readonly number[],
};

/** CP, SA and TS, or the error that stands for them; the IKE SA stays either way. */
function firstChild(
  core: HubCore,
  sa: HubIkeSa,
  payloads: readonly WirePayload[],
): readonly WirePayload[] {
  const refused = core.impairments.take("refuse-child");
  if (refused) return [notify(refused.notify)];
  const request = find(payloads, PAYLOAD.CP);
  const asked = request ? wishes(readCp(request.body).attributes) : { ipv4: false, ipv6: false };
  const { handout } = core.settings;
  const isServed = (asked.ipv4 && handout.ipv4) || (asked.ipv6 && handout.ipv6);
  if ((asked.ipv4 || asked.ipv6) && !isServed) return [notify(NOTIFY.INTERNAL_ADDRESS_FAILURE)];
  if (!find(payloads, PAYLOAD.SA)) return [];
  const { handshake } = sa;
  const outcome = acceptChild(core, sa, payloads, {
    nonceInitiator: handshake?.nonceInitiator ?? new Uint8Array(),
    nonceResponder: handshake?.nonceResponder ?? new Uint8Array(),
    assigned: asked,
    isFirst: true,
  });
  if (!outcome.child) return outcome.payloads;
  const attributes = reply(asked, handout);
  if (core.impairments.take("odd-attributes")) {
    attributes.push(
      { type: 0x7123, value: Uint8Array.of(1, 2, 3) },
      { type: 3, value: Uint8Array.of(10, 0) },
      { type: 28_676, value: Uint8Array.of(0, 0, 0, 0, 0) },
    );
  }
  return request ? [cp(CFG.REPLY, attributes), ...outcome.payloads] : outcome.payloads;
}

/** An error that ends the SA with the answer, as RFC 7296 §2.21.2 has it. */
function fail(core: HubCore, sa: HubIkeSa, type: number, data?: Uint8Array): Answer {
  sa.state = "deleting";
  core.clock.after(30_000, () => core.forget(sa));
  return { payloads: [notify(type, data)] };
}

function dropOthers(core: HubCore, sa: HubIkeSa): void {
  for (const other of core.sas) {
    if (other !== sa && other.peerIdentity === sa.peerIdentity) core.forget(other);
  }
}

/** The body of an ID payload. RFC 7296 §3.5 */
export function identityBody(identity: Identity): Uint8Array {
  const [type, data] = identityParts(identity);
  return concatBytes(Uint8Array.of(type, 0, 0, 0), data);
}

function identityParts(identity: Identity): [number, Uint8Array] {
  if (identity.kind === "dn") return [9, identity.der];
  if (identity.kind === "key-id") return [11, identity.bytes];
  if (identity.kind === "ipv4" || identity.kind === "ipv6") {
    const address = parseIpAddress(identity.value);
    return [identity.kind === "ipv4" ? 1 : 5, address ? ipBytes(address) : new Uint8Array()];
  }
  return [identity.kind === "fqdn" ? 2 : 3, new TextEncoder().encode(identity.value)];
}

function identityText(body: Uint8Array): string {
  const data = body.subarray(4);
  if (body[0] === 1 || body[0] === 5) return ipFromBytes(data);
  return new TextDecoder().decode(data);
}
