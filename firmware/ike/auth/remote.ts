/**
 * Decides whether the peer is who it says and who it may be: AUTH, certificate chain, identity. The one place where a
 * hub is believed. RFC 7296 §2.15, §4; RFC 7427; RFC 4945 §3.1.
 */

import type { WallClock } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { SecretBytes } from "#lib/secret.ts";
import { validateChain } from "#pki/chain.ts";
import { formatIdentity } from "#pki/dn.ts";
import { checkIdentityInCertificate, matchesAnyIdentity } from "#pki/identity-match.ts";
import type { Identity, RemoteAuthentication } from "../connection.ts";
import type { Reason } from "../down-reason.ts";
import { AuthMethod, authMethodName, CertEncoding, idTypeName } from "../message/iana.ts";
import type { AuthPayload, IdPayload } from "../message/message.ts";
import type { IkeSa, PeerCertificates, Session } from "../sa/ike-sa.ts";
import type { AuthSent } from "../sa/ike-sa-state.ts";
import type { Turn } from "../sa/turn.ts";
import { formatPattern, readIdentity } from "../task/identity.ts";
import type { PayloadSet } from "../task/payload-set.ts";
import { reasonFor } from "../task/session-end.ts";
import { chainReason } from "./chain-reason.ts";
import { verifyPskAuth } from "./psk.ts";
import { verifyAuth } from "./signature.ts";
import { signedOctets } from "./signed-octets.ts";

/** Who the peer proved to be. */
export interface ProvenPeer {
  /** Text of the identity. */
  readonly identity: string;
  /** For `show`. */
  readonly authentication: string;
  /** The chain that was judged by a clock that can't be trusted. */
  readonly provisional?: PeerCertificates;
}

/** @returns who the peer is; the reason why it can't be believed. */
export function verifyPeer(
  turn: Turn,
  sa: IkeSa,
  state: AuthSent,
  payloads: PayloadSet,
): Result<ProvenPeer, Reason> {
  const { session } = sa;
  const id = payloads.first("IDr");
  const auth = payloads.first("AUTH");
  if (!id || !auth) {
    const detail = "IDr or AUTH is missing";
    return failed(reasonFor(session, "ike.invalid-response", { exchange: "IKE_AUTH", detail }));
  }
  const { transcript } = state;
  const octets = signedOctets(
    sa.suite.prf,
    transcript.response,
    transcript.nonceInitiator,
    sa.keys.skPr,
    id.body,
  );
  const { authentication } = session.connection.remote;
  return authentication.method === "psk"
    ? verifySharedKey(sa, id, auth, octets, authentication.secret)
    : verifyCertificate(turn, sa, { id, auth, octets, payloads }, authentication);
}

function verifySharedKey(
  sa: IkeSa,
  id: IdPayload,
  auth: AuthPayload,
  octets: Uint8Array,
  secret: SecretBytes,
): Result<ProvenPeer, Reason> {
  const { session } = sa;
  const identity = readIdentity(id);
  if (auth.method !== AuthMethod.SHARED_KEY) return failed(wrongMethod(session, auth, "psk"));
  if (!verifyPskAuth(sa.suite.prf, secret, octets, auth.data))
    return failed(
      reasonFor(session, "ike.auth.peer-psk-mismatch", { identity: describe(id, identity) }),
    );
  const refused = refuseIdentity(session, id, identity);
  if (refused) return failed(refused);
  return ok({ identity: describe(id, identity), authentication: "shared key" });
}

function verifyCertificate(
  turn: Turn,
  sa: IkeSa,
  shown: {
    readonly id: IdPayload;
    readonly auth: AuthPayload;
    readonly octets: Uint8Array;
    readonly payloads: PayloadSet;
  },
  trust: Extract<RemoteAuthentication, { readonly method: "certificate" }>,
): Result<ProvenPeer, Reason> {
  const { session } = sa;
  const { id, auth, octets, payloads } = shown;
  const { method, data } = auth;
  if (method === AuthMethod.SHARED_KEY) return failed(wrongMethod(session, auth, "certificate"));
  const [leaf, ...others] = payloads
    .every("CERT")
    .filter(({ encoding }) => encoding === CertEncoding.X509_SIGNATURE)
    .map((certificate) => certificate.data);
  if (!leaf) return failed(reasonFor(session, "ike.auth.certificate-missing"));
  const shownChain = {
    leaf,
    intermediates: [...others, ...trust.intermediates],
    anchors: trust.anchors,
  };
  // Who was never told the time believes nobody: better no tunnel than an expired hub.
  const { time, isEarliest = false } = turn.wallClock ?? { time: 0 as WallClock };
  const chain = validateChain({ ...shownChain, time, isEarliest });
  if (!chain.ok) return failed(chainReason(session, chain.error));
  const { publicKey } = chain.value.leaf;
  const signature = verifyAuth({ octets, method, data, publicKey });
  if (!signature.ok) {
    const parameters = {
      identity: describe(id, readIdentity(id)),
      detail: signature.error.message,
      fault: signature.error.code,
    };
    return failed(reasonFor(session, "ike.auth.peer-signature-invalid", parameters));
  }
  const identity = readIdentity(id);
  const refused = refuseIdentity(session, id, identity);
  if (refused) return failed(refused);
  const fault = identity && checkIdentityInCertificate(identity, chain.value.leaf);
  if (fault) {
    const parameters = { identity: describe(id, identity), detail: fault.message };
    return failed(reasonFor(session, "ike.auth.identity-not-in-certificate", parameters));
  }
  return ok({
    identity: describe(id, identity),
    authentication: signature.value.description,
    ...(isEarliest && { provisional: copied(shownChain) }),
  });
}

/** A peer that is not whom the profile expects, however well it proves it. */
function refuseIdentity(
  session: Session,
  id: IdPayload,
  identity: Identity | undefined,
): Reason | undefined {
  const { identities } = session.connection.remote;
  if (identity && matchesAnyIdentity(identities, identity)) return undefined;
  return reasonFor(session, "ike.auth.identity-mismatch", {
    identity: describe(id, identity),
    accepted: identities.map(formatPattern).join(", "),
  });
}

/** Outlives the datagram that it came in. */
function copied({ leaf, intermediates, anchors }: PeerCertificates): PeerCertificates {
  return {
    leaf: Uint8Array.from(leaf),
    intermediates: intermediates.map((each) => Uint8Array.from(each)),
    anchors,
  };
}

function wrongMethod(session: Session, auth: AuthPayload, wanted: string): Reason {
  return reasonFor(session, "ike.auth.method-mismatch", {
    used: authMethodName(auth.method),
    wanted,
  });
}

function describe(id: IdPayload, identity: Identity | undefined): string {
  return identity ? formatIdentity(identity) : `an ${idTypeName(id.idType)}`;
}
