/**
 * IKE_AUTH from our side: proves who we are, checks who the hub is, and hands the Child SA on. One candidate of
 * IKE_SA_INIT wins here; the others are forgotten. RFC 7296 §1.2, §2.15, §2.21.2.
 */
import { after, type Duration } from "#lib/duration.ts";
import { formatEndpoint } from "#lib/ip.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { formatIdentity } from "#pki/dn.ts";
import { localProof } from "../auth/local.ts";
import { verifyPeer } from "../auth/remote.ts";
import type { Reason } from "../down-reason.ts";
import { ExchangeType, NotifyType } from "../message/iana.ts";
import { formatIkeSpi, type Payload } from "../message/message.ts";
import type { IkeSa, Session } from "../sa/ike-sa.ts";
import type { Draft } from "../sa/operation.ts";
import { SETTLE_MAX } from "../sa/timers.ts";
import type { Turn } from "../sa/turn.ts";
import { buildCertificateRequest } from "../task/certificate-request.ts";
import { buildChildRequest } from "../task/child-negotiation.ts";
import { buildConfigRequest } from "../task/config-exchange.ts";
import { describeIkeSuite, describeNotify } from "../task/describe.ts";
import { armIkeLifetime } from "../task/ike-succession.ts";
import { buildInitialContact } from "../task/initial-contact.ts";
import { armLiveness } from "../task/liveness.ts";
import { armNatKeepalive } from "../task/nat-keepalive.ts";
import { notify } from "../task/notify.ts";
import type { PayloadSet } from "../task/payload-set.ts";
import { readPeerStatus } from "../task/peer-status.ts";
import { tellProvisional } from "../task/provisional.ts";
import { closeIkeSa, endSession, reasonFor } from "../task/session-end.ts";
import { acceptFirstChild } from "./first-child.ts";
import { sendRequest } from "./send.ts";

/** The request; a reason when our own key can't sign. */
export function buildAuthRequest(sa: IkeSa): Result<readonly Payload[], Reason> {
  const { state, session } = sa;
  if (state.name !== "auth-sent") return ok([]);
  const { connection } = session;
  const proof = localProof(sa, state);
  if (!proof.ok)
    return failed(reasonFor(session, "ike.auth.local-key", { detail: proof.error.message }));
  const { auth, certificates, description } = proof.value;
  session.authentication.local = description;
  return ok([
    state.identity,
    ...certificates,
    ...buildCertificateRequest(connection),
    ...buildInitialContact(connection),
    auth,
    ...buildConfigRequest(connection, sa.peer.isCisco),
    ...buildChildRequest(session, state.child),
  ]);
}

/** IDr and AUTH came: the only message that can make a session. */
export function acceptAuthResponse(turn: Turn, sa: IkeSa, payloads: PayloadSet): void {
  const { state, session } = sa;
  if (state.name !== "auth-sent") return;
  const verdict = verifyPeer(turn, sa, state, payloads);
  if (!verdict.ok) {
    failCandidate(turn, sa, verdict.error);
    return;
  }
  session.peerIdentity = verdict.value.identity;
  session.authentication.remote = verdict.value.authentication;
  session.provisional = verdict.value.provisional;
  winAttempt(sa);
  readPeerStatus(turn, sa, payloads);
  const outcome = acceptFirstChild(turn, sa, state.transcript, state.child, payloads);
  if (!outcome) return;
  session.outcome = outcome;
  bringUp(turn, sa);
  turn.do({ kind: "session-up", session: session.id, outcome });
}

/** An answer without IDr and AUTH: refused. Other candidates, or a late answer to IKE_SA_INIT, may still do. */
export function noteAuthRefusal(turn: Turn, sa: IkeSa, payloads: PayloadSet): void {
  dropCandidate(turn, sa, refusalOf(sa.session, payloads));
}

/** Takes a candidate out of the attempt; the last one leaves the attempt waiting a moment for a better answer. */
export function dropCandidate(turn: Turn, sa: IkeSa, reason: Reason): void {
  const { session } = sa;
  const { attempt } = session;
  closeIkeSa(session, sa);
  if (!attempt) return;
  attempt.refusal = reason;
  if (session.candidates.length > 0 || attempt.retransmission) return;
  const wait = Math.min(session.connection.retransmit.initial, SETTLE_MAX) as Duration;
  session.timers.arm("settle", after(turn.now, wait));
}

/** `settle` ran out: no better answer came. */
export function settleAttempt(turn: Turn, session: Session): void {
  const refusal = session.attempt?.refusal;
  if (refusal) endSession(turn, session, refusal);
}

/** The hub is not who it should be: tell it, once, and look for a better answer. RFC 7296 §2.21.2 */
function failCandidate(turn: Turn, sa: IkeSa, reason: Reason): void {
  const payloads = [notify(NotifyType.AUTHENTICATION_FAILED)];
  const draft: Draft = { kind: "none" };
  sendRequest(turn, sa, ExchangeType.INFORMATIONAL, { kind: "notify", payloads }, draft, payloads);
  dropCandidate(turn, sa, reason);
}

/** This candidate is the hub: the others never were. RFC 7296 §2.4 */
function winAttempt(sa: IkeSa): void {
  const { session } = sa;
  for (const other of session.candidates) if (other !== sa) closeIkeSa(session, other);
  session.attempt = undefined;
  session.timers.cancel("settle");
  session.ike = sa;
  session.path = sa.path;
  sa.state = { name: "established" };
}

/** Timers start and the world is told, now that there is a child. */
function bringUp(turn: Turn, sa: IkeSa): void {
  const { session } = sa;
  turn.counters.sessionsUp++;
  armIkeLifetime(turn, sa);
  armLiveness(turn, session);
  armNatKeepalive(session);
  const { natLocal, natRemote } = sa.peer;
  turn.event(
    session,
    "notice",
    "IKEV2-5-SA_UP",
    `IKE SA with ${session.peerIdentity} at ${formatEndpoint(sa.path.remote)} is up`,
    {
      "spi-initiator": formatIkeSpi(sa.spiInitiator),
      "spi-responder": formatIkeSpi(sa.spiResponder),
      identity: session.peerIdentity,
      authentication: { ...session.authentication },
      ...describeIkeSuite(sa.suite),
    },
  );
  tellProvisional(turn, session);
  if (natLocal || natRemote) {
    const where = [...(natLocal ? ["us"] : []), ...(natRemote ? ["the hub"] : [])].join(" and ");
    const text = `a NAT is in front of ${where}: IKE and ESP go by UDP port 4500`;
    const data = { local: natLocal, remote: natRemote };
    turn.event(session, "informational", "FLEXSPOKE-6-NAT_DETECTED", text, data);
  }
}

function refusalOf(session: Session, payloads: PayloadSet): Reason {
  const { error } = payloads;
  const { identity, authentication } = session.connection.local;
  if (error?.notify === NotifyType.AUTHENTICATION_FAILED) {
    const code = authentication.method === "psk" ? "ike.auth.psk-mismatch" : "ike.auth.refused";
    return reasonFor(session, code, { identity: formatIdentity(identity) });
  }
  if (error)
    return reasonFor(session, "ike.refused", {
      exchange: "IKE_AUTH",
      notify: describeNotify(error),
    });
  const detail = "IDr or AUTH is missing";
  return reasonFor(session, "ike.invalid-response", { exchange: "IKE_AUTH", detail });
}
