/**
 * Every way an IKE session can fail or end: one stable code each, with its severity, what happened and what to do.
 * Owns the words and nothing of the decisions. Codes are promises (tests, `diagnose` and telemetry use them); the
 * sentences are not.
 */
import type { Severity } from "#state/event.ts";
import type { DownReason } from "./actions.ts";

interface ReasonTemplate {
  readonly severity: Severity;
  /** `{name}` is filled from the parameters. */
  readonly message: string;
  readonly remedy?: string;
  /** The peer may well answer another time. */
  readonly isTransient: boolean;
}

const templates = {
  "ike.timeout": {
    severity: "error",
    message: "{peer} did not answer {exchange} ({tries} tries)",
    remedy:
      "check that the hub is up and that UDP 500 and 4500 pass between this branch and the hub",
    isTransient: true,
  },
  "ike.liveness-lost": {
    severity: "error",
    message: "{peer} no longer answers ({exchange}, {tries} tries)",
    remedy: "check the path to the hub and whether the hub restarted",
    isTransient: true,
  },
  "ike.peer-deleted": {
    severity: "notice",
    message: "{peer} deleted the IKE SA",
    remedy: "ask the hub's log why, if this was not meant",
    isTransient: true,
  },
  "ike.terminated": {
    severity: "notice",
    message: "closed from here: {reason}",
    isTransient: false,
  },
  "ike.proposal.no-match": {
    severity: "error",
    message: "{peer} accepts none of our IKE proposals; offered: {offered}; hub chose: {chosen}",
    remedy:
      "give the profile a proposal that the hub has too (encryption, integrity, prf, key-exchange)",
    isTransient: false,
  },
  "ike.key-exchange.no-match": {
    severity: "error",
    message: "{peer} wants key exchange {wanted}, which we do not offer; offered: {offered}",
    remedy: "add that key exchange to the profile's proposals, or one of ours to the hub's",
    isTransient: false,
  },
  "ike.version": {
    severity: "error",
    message:
      "{peer} answers IKE_SA_INIT with IKE version {version}: it does not speak IKEv2 with us",
    remedy: "switch IKEv2 on at the hub, for this branch's address too",
    isTransient: false,
  },
  "ike.init-loop": {
    severity: "error",
    message:
      "{peer} answers every IKE_SA_INIT with {notify}, whatever we do about it ({rounds} rounds)",
    remedy:
      "look at the hub, and at what stands in front of it: a load balancer may spread our requests over several hubs",
    isTransient: true,
  },
  "ike.invalid-response": {
    severity: "error",
    message: "{peer} sent an {exchange} response that breaks the protocol: {detail}",
    remedy: "compare the versions and the log of the hub; a capture of the exchange helps",
    isTransient: true,
  },
  "ike.invalid-request": {
    severity: "error",
    message: "{peer} sent a malformed {exchange} request: {detail}",
    remedy: "compare the versions and the log of the hub; a capture of the exchange helps",
    isTransient: true,
  },
  "ike.refused": {
    severity: "error",
    message: "{peer} refused {exchange} with {notify}",
    remedy: "the hub's log says why",
    isTransient: true,
  },
  "ike.auth.psk-mismatch": {
    severity: "error",
    message: "{peer} refused our pre-shared key or our identity {identity}: AUTHENTICATION_FAILED",
    remedy:
      "compare the pre-shared key at both ends, and check that the hub knows the identity {identity}",
    isTransient: false,
  },
  "ike.auth.refused": {
    severity: "error",
    message: "{peer} refused our certificate or our identity {identity}: AUTHENTICATION_FAILED",
    remedy:
      "check that the hub trusts the CA of our certificate, that it has not expired, and that the hub knows the identity {identity}",
    isTransient: false,
  },
  "ike.auth.peer-psk-mismatch": {
    severity: "error",
    message: "{peer} proved itself as {identity} with another pre-shared key than ours",
    remedy: "compare the pre-shared key for this hub at both ends",
    isTransient: false,
  },
  "ike.auth.peer-signature-invalid": {
    severity: "error",
    message: "the signature of {peer} as {identity} does not verify: {detail}",
    remedy:
      "the hub's certificate and private key do not belong together, or someone is in between",
    isTransient: false,
  },
  "ike.auth.method-mismatch": {
    severity: "error",
    message: "{peer} authenticated by {used}, but the profile asks for {wanted}",
    remedy: "set remote authentication of the profile to what the hub uses, or change the hub",
    isTransient: false,
  },
  "ike.auth.identity-mismatch": {
    severity: "error",
    message: "{peer} calls itself {identity}, which the profile does not accept ({accepted})",
    remedy: "set remote identity in the profile to the hub's identity, or correct the hub's",
    isTransient: false,
  },
  "ike.auth.identity-not-in-certificate": {
    severity: "error",
    message: "{peer} calls itself {identity}, but its certificate does not say so: {detail}",
    remedy: "give the hub a certificate with that identity as subject or subjectAltName",
    isTransient: false,
  },
  "ike.auth.certificate-missing": {
    severity: "error",
    message: "{peer} authenticated by a signature but sent no usable certificate",
    remedy: "let the hub send its certificate in IKE_AUTH",
    isTransient: false,
  },
  "ike.auth.certificate-expired": {
    severity: "error",
    message: "the certificate of {peer} is not valid now: {detail}",
    remedy: "renew the hub's certificate, and check the clock of this branch",
    isTransient: false,
  },
  "ike.auth.certificate-untrusted": {
    severity: "error",
    message: "the certificate of {peer} does not lead to a trusted CA: {detail}",
    remedy: "add the hub's CA to the trustpoint, and let the hub send its intermediates",
    isTransient: false,
  },
  "ike.auth.certificate-invalid": {
    severity: "error",
    message: "the certificate of {peer} can't be used: {detail}",
    remedy: "give the hub a certificate fit for IKE",
    isTransient: false,
  },
  "ike.auth.local-key": {
    severity: "error",
    message: "our private key can't sign for {peer}: {detail}",
    remedy: "use an RSA, ECDSA or Ed25519 key that belongs to our certificate",
    isTransient: false,
  },
  "ike.child.ts-unacceptable": {
    severity: "error",
    message: "{peer} accepts none of our traffic selectors; local {local}, remote {remote}",
    remedy: "compare the networks of the profile with those the hub protects",
    isTransient: false,
  },
  "ike.child.ts-invalid": {
    severity: "error",
    message:
      "{peer} answered with traffic selectors we did not ask for: local {local}, remote {remote}",
    remedy: "correct the traffic selectors of the hub",
    isTransient: false,
  },
  "ike.child.no-address": {
    severity: "error",
    message: "{peer} has no address for us: {notify}",
    remedy: "check the address pool of the hub",
    isTransient: true,
  },
  "ike.child.no-proposal": {
    severity: "error",
    message: "{peer} accepts none of our ESP proposals; offered: {offered}; hub chose: {chosen}",
    remedy: "give the ipsec profile encryption, integrity, pfs and esn that the hub has too",
    isTransient: false,
  },
  "ike.child.refused": {
    severity: "error",
    message: "{peer} refused the Child SA with {notify}",
    remedy: "the hub's log says why",
    isTransient: true,
  },
  "ike.child.deleted": {
    severity: "notice",
    message: "{peer} deleted the Child SA and a new one could not be made",
    remedy: "ask the hub's log why",
    isTransient: true,
  },
  "ike.child.install-failed": {
    severity: "error",
    message: "the kernel refused the SA {spi}: {detail}",
    remedy: "see `show events` for the kernel's fault; the cipher's module may be missing",
    isTransient: true,
  },
  "ike.rekey-failed": {
    severity: "error",
    message: "{peer} keeps refusing to rekey ({notify})",
    remedy: "the hub's log says why; the session starts anew",
    isTransient: true,
  },
  "ike.lifetime-expired": {
    severity: "warning",
    message: "the IKE SA with {peer} reached its lifetime before it could be rekeyed",
    remedy: "the session starts anew; compare the lifetimes of both ends",
    isTransient: true,
  },
  "ike.reauthentication": {
    severity: "notice",
    message: "{peer} asks for a new authentication every {lifetime}",
    isTransient: true,
  },
} as const satisfies Readonly<Record<string, ReasonTemplate>>;

/** Stable code of a failure or an end. */
export type DownCode = keyof typeof templates;

/** A `DownReason` with the code as a literal and the severity of its event. */
export interface Reason extends DownReason {
  readonly code: DownCode;
  readonly severity: Severity;
  /** What the sentences were filled with, and what else was known: for the event's data. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Fills the sentences of `code`; a parameter that is not given shows as `?`, one that no sentence has is a fact only. */
export function downReason(
  code: DownCode,
  parameters: Readonly<Record<string, string | number>>,
): Reason {
  const template: ReasonTemplate = templates[code];
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? "?"));
  return {
    code,
    severity: template.severity,
    message: fill(template.message),
    ...(template.remedy === undefined ? {} : { remedy: fill(template.remedy) }),
    isTransient: template.isTransient,
    facts: parameters,
  };
}

/** All codes, for documentation and tests. */
export const downCodes = Object.keys(templates) as readonly DownCode[];
