/** Certificates of both ends, and the clock that judges them. */
import type { WallClock } from "#lib/duration.ts";
import { formatTime } from "../../event-log.ts";
import { type Case, type Failure, fact, listed } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import type { CertificateFacts } from "../evidence.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";

const theme = "certificates and the clock";
/** What a wrong clock makes of certificates that are all right. */
const DATES = [
  "hub-certificate-expired",
  "hub-certificate-not-yet-valid",
  "own-certificate-expired",
  "own-certificate-not-yet-valid",
  "certificate-refused",
];

export const certificateRules: readonly Rule[] = [
  {
    code: "clock-wrong",
    theme,
    consequence: "blocks",
    fault: "The clock of this branch is wrong",
    shownBy:
      "a time before this software was made, or before every certificate of the branch, while nothing synchronises the clock",
    remedy: "Set the clock and let NTP keep it",
    explains: DATES,
    find: (given) => {
      const suspicion = clockSuspicion(given);
      if (!suspicion) return undefined;
      const { certainty, text } = suspicion;
      const now = formatTime(given.evidence.now);
      return {
        certainty,
        when: given.isUp ? "last" : "now",
        explanation: `The clock of this branch is wrong: it says ${now}, and ${text}. Certificates are judged by it.`,
        remedy:
          "On this branch: set the clock (`date -s`), then see that NTP reaches a server outside the tunnel (`timedatectl`; a " +
          "name server may be needed for it) and that the battery of the clock, if there is one, is good.",
        evidence: [
          { kind: "clock", text: `the clock says ${now}` },
          { kind: "clock", text },
        ],
      };
    },
  },
  datesOfHub({
    code: "hub-certificate-expired",
    fault: "The hub's certificate has expired",
    is: "pki.expired",
    says: "the certificate that the hub showed has expired",
    remedy:
      "At the hub: renew its certificate (or that of the CA that is named). Check the clock of this branch before you ask for it.",
  }),
  datesOfHub({
    code: "hub-certificate-not-yet-valid",
    fault: "The hub's certificate is not valid yet",
    is: "pki.not-yet-valid",
    says: "the certificate that the hub showed is not valid yet",
    remedy:
      "Compare the clock of this branch with a good one; if it is right, the CA's clock was wrong when it issued the certificate: wait, or have it issued again.",
  }),
  fromFailure({
    code: "hub-certificate-untrusted",
    theme,
    consequence: "blocks",
    fault: "The hub's certificate does not lead to a CA that is trusted here",
    shownBy: "no chain from the hub's certificate to `ca` of the trustpoint",
    remedy: "Add the hub's CA to the trustpoint, or let the hub send its intermediates",
    reasons: ["ike.auth.certificate-untrusted"],
    words: (failure, peers, given) => ({
      explanation: `The certificate of ${peers} does not lead to a CA that is trusted here: ${fact(failure, "detail")}.`,
      remedy:
        "On this branch: put the certificate of the CA that issued the hub's into `ca` of the trustpoint, if you trust it. If " +
        "an intermediate is missing, let the hub send its chain, or put the intermediate there too.",
      evidence: authorities(given),
    }),
  }),
  fromFailure({
    code: "hub-name-not-in-certificate",
    theme,
    consequence: "blocks",
    fault: "The hub's certificate does not carry the identity that the hub claims",
    shownBy: "IDr is neither subject nor subjectAltName of the hub's certificate",
    remedy: "Give the hub a certificate with that name, or another identity",
    reasons: ["ike.auth.identity-not-in-certificate"],
    words: (failure, peers) => ({
      explanation: `${peers} calls itself ${fact(failure, "identity")}, and its certificate does not say so: ${fact(failure, "detail")}.`,
      remedy:
        `At the hub: have a certificate issued with ${fact(failure, "identity")} as subjectAltName, or let the hub ` +
        "use the name that is in its certificate (IOS: `identity local dn`), and accept that one here in `remote.identity`.",
    }),
  }),
  fromFailure({
    code: "hub-key-differs",
    theme,
    consequence: "blocks",
    fault: "The hub's private key does not belong to its certificate",
    shownBy: "the hub's signature does not verify with the certificate it sent",
    remedy: "Pair certificate and key at the hub; rule out that somebody is in between",
    reasons: ["ike.auth.peer-signature-invalid"],
    words: (failure, peers) => ({
      explanation: `The signature of ${peers} as ${fact(failure, "identity")} does not verify with its certificate: ${fact(failure, "detail")}.`,
      remedy:
        "At the hub: certificate and private key must be a pair (enrol again if in doubt). If they are, somebody in between " +
        "shows the hub's certificate without having its key: do not connect over this line.",
    }),
  }),
  fromFailure({
    code: "hub-certificate-missing",
    theme,
    consequence: "blocks",
    fault: "The hub sends no certificate",
    shownBy: "a signature without CERT payload in IKE_AUTH",
    remedy: "Let the hub send its certificate",
    reasons: ["ike.auth.certificate-missing"],
    words: (_, peers) => ({
      explanation: `${peers} signs but sends no certificate to check the signature with.`,
      remedy:
        "At the hub: let it send its certificate (strongSwan: `send_cert = always`; IOS sends it when the trustpoint of the " +
        "profile is the one that our certificate request names: compare the CAs).",
    }),
  }),
  fromFailure({
    code: "hub-certificate-unfit",
    theme,
    consequence: "blocks",
    fault: "The hub's certificate is not fit for its use",
    shownBy: "usage, key length, signature or extensions of the certificate",
    remedy: "Have the hub's certificate issued anew, fit for IKE",
    reasons: ["ike.auth.certificate-invalid"],
    words: (failure, peers) => ({
      explanation: `The certificate of ${peers} can't be used: ${fact(failure, "detail")}.`,
      remedy:
        "At the hub or its CA: have the certificate issued again with key usage digitalSignature, extended key usage serverAuth or " +
        "ipsecIKE (or none), RSA of 2048 bits or ECDSA P-256 and better, signed with SHA-256 or better.",
    }),
  }),
  ownDates({
    code: "own-certificate-expired",
    fault: "This branch's certificate has expired",
    consequence: "blocks",
    applies: ({ notAfter }, now) => now > notAfter,
    says: ({ notAfter }) => `expired at ${formatTime(notAfter)}`,
    remedy:
      "Renew the certificate of this branch (file under `certificate` of the trustpoint) and reload; check the clock of this " +
      "branch before.",
    explains: ["certificate-refused"],
  }),
  ownDates({
    code: "own-certificate-not-yet-valid",
    fault: "This branch's certificate is not valid yet",
    consequence: "blocks",
    applies: ({ notBefore }, now) => now < notBefore,
    says: ({ notBefore }) => `is valid from ${formatTime(notBefore)} on`,
    remedy:
      "Compare the clock of this branch with a good one; if it is right, wait, or have the certificate issued again.",
    explains: ["certificate-refused"],
  }),
  ownDates({
    code: "own-certificate-expires-soon",
    fault: "This branch's certificate expires soon",
    consequence: "endangers",
    applies: ({ notBefore, notAfter }, now) =>
      now <= notAfter && notAfter - now < Math.min(MONTH, (notAfter - notBefore) / 5),
    says: ({ notAfter }) => `expires at ${formatTime(notAfter)}`,
    remedy: "Renew the certificate of this branch before that, and reload.",
  }),
  fromFailure({
    code: "certificate-refused",
    theme,
    consequence: "blocks",
    fault: "The hub refuses this branch's certificate or identity",
    shownBy: "AUTHENTICATION_FAILED in answer to our IKE_AUTH with a certificate",
    remedy: "Check the CA, the dates and the identity that the hub expects",
    reasons: ["ike.auth.refused"],
    words: (failure, peers, given) => ({
      explanation:
        `${peers} does not accept this branch: it does not trust its certificate, holds it for expired or revoked, or knows ` +
        `nobody called ${fact(failure, "identity")}. IKE gives the same answer, AUTHENTICATION_FAILED, to all of these.`,
      remedy:
        "The hub's log says which. At the hub: trust the CA named below, reach its revocation list, and accept the identity " +
        `${fact(failure, "identity")} (IOS: certificate map or \`match identity remote\`). That identity must be in the certificate.`,
      evidence: given.evidence.certificates.filter(({ role }) => role === "own").map(shown),
    }),
  }),
];

/** Why the clock can't be right; undefined when nothing speaks against it. */
function clockSuspicion({
  evidence,
  failures,
}: Case): { readonly certainty: "certain" | "likely"; readonly text: string } | undefined {
  const { now, certificates, machine } = evidence;
  const { earliest, isSynchronised } = machine.clock;
  if (now < earliest)
    return {
      certainty: "certain",
      text: `this software was made at ${formatTime(earliest)}, which is later`,
    };
  if (isSynchronised) return undefined;
  const own = certificates.filter(({ notBefore }) => now < notBefore);
  const isEarlyForHub = failures.some((failure) => isFault(failure, "pki.not-yet-valid"));
  // One certificate from the future may be a mistake of its CA; the hub's and ours together are not.
  if (own.length > 0 && (isEarlyForHub || own.length === certificates.length))
    return {
      certainty: isEarlyForHub ? "certain" : "likely",
      text: `certificates of both ends begin later (${listed(own.map(({ subject }) => subject))}), while nothing synchronises the clock`,
    };
  return undefined;
}

function isFault(failure: Failure, code: string): boolean {
  return failure.code === "ike.auth.certificate-expired" && fact(failure, "fault") === code;
}

function datesOfHub(given: {
  readonly code: string;
  readonly fault: string;
  readonly is: string;
  readonly says: string;
  readonly remedy: string;
}): Rule {
  const { code, fault, is, says, remedy } = given;
  return fromFailure({
    code,
    theme,
    consequence: "blocks",
    fault,
    shownBy: "the dates in the certificates that the hub sent, against the clock here",
    remedy,
    reasons: ["ike.auth.certificate-expired"],
    if: (failure) => isFault(failure, is),
    words: (failure, peers, { evidence }) => ({
      explanation: `${peers} can't be believed: ${says}. ${fact(failure, "detail")}.`,
      remedy,
      evidence: [{ kind: "clock", text: `the clock here says ${formatTime(evidence.now)}` }],
    }),
  });
}

function ownDates(given: {
  readonly code: string;
  readonly fault: string;
  readonly consequence: Rule["consequence"];
  readonly applies: (certificate: CertificateFacts, now: WallClock) => boolean;
  readonly says: (certificate: CertificateFacts) => string;
  readonly remedy: string;
  readonly explains?: readonly string[];
}): Rule {
  const { code, fault, consequence, applies, says, remedy, explains } = given;
  return {
    code,
    theme,
    consequence,
    fault,
    shownBy: "the dates in the trustpoint's certificate, against the clock here",
    remedy,
    ...(explains && { explains }),
    find: ({ evidence }) => {
      const own = evidence.certificates.filter(
        (each) => each.role === "own" && applies(each, evidence.now),
      );
      const [first] = own;
      if (!first) return undefined;
      return {
        certainty: "certain",
        when: "now",
        explanation: `The certificate of this branch (${first.subject}) ${says(first)}.`,
        remedy,
        evidence: own.map(shown),
      };
    },
  };
}

function authorities({ evidence }: Case): readonly Evidence[] {
  return evidence.certificates.filter(({ role }) => role === "authority").map(shown);
}

function shown({ role, subject, issuer, notBefore, notAfter }: CertificateFacts): Evidence {
  const whose = role === "own" ? "this branch" : "trusted CA";
  const dates = `${formatTime(notBefore)} to ${formatTime(notAfter)}`;
  return {
    kind: "certificate",
    text: `${whose}: "${subject}", issued by "${issuer}", valid ${dates}`,
  };
}

const MONTH = 30 * 86_400_000;
