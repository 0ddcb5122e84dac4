/** The first exchange is answered, and with a no: no common algorithms, another version of the protocol, no end of asking. */
import { fact } from "../case.ts";
import type { Evidence } from "../diagnosis.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";
import { sideBySide } from "../side-by-side.ts";

const theme = "proposals and versions";

export const proposalRules: readonly Rule[] = [
  fromFailure({
    code: "ike-proposal-mismatch",
    theme,
    consequence: "blocks",
    fault: "No common IKE proposal",
    shownBy: "NO_PROPOSAL_CHOSEN, or an answer that chooses what was not offered, in IKE_SA_INIT",
    remedy:
      "Give both ends one proposal that is the same in encryption, integrity, prf and key exchange",
    reasons: ["ike.proposal.no-match"],
    words: (failure, peers, { evidence }) => ({
      explanation:
        `${peers} takes none of the IKE proposals that this branch offers. ` +
        "IKE does not tell what the hub would take, only that nothing fits.",
      remedy:
        "Compare the list below with the hub's IKEv2 proposals and give one of the two ends a proposal of the other: " +
        "here under `ikev2.proposals` and the profile's `proposals`, at the hub in its IKEv2 policy. All four parts must " +
        "be the same: encryption with its key length, integrity (none with GCM), prf, key exchange (DH group).",
      evidence: [
        offer(evidence.configuration.ikeProposals, fact(failure, "chosen") ?? "nothing chosen"),
      ],
    }),
  }),
  fromFailure({
    code: "key-exchange-not-offered",
    theme,
    consequence: "blocks",
    fault: "The hub wants a key exchange (DH group) that is not offered",
    shownBy: "INVALID_KE_PAYLOAD that names a method outside the profile's proposals",
    remedy: "Add that method to the proposal here, or one of ours at the hub",
    reasons: ["ike.key-exchange.no-match"],
    words: (failure, peers) => ({
      explanation:
        `${peers} wants the key exchange ${fact(failure, "wanted")}, ` +
        `and this branch offers only ${fact(failure, "offered")}.`,
      remedy:
        `Add ${fact(failure, "wanted")} to \`key-exchange\` of a proposal of the profile, or let the hub's policy ` +
        `take ${fact(failure, "offered")}.`,
      evidence: [
        sideBySide(
          "notify",
          "Key exchanges: offered here, wanted by the hub",
          (fact(failure, "offered") ?? "").split(", "),
          [fact(failure, "wanted") ?? "?"],
        ),
      ],
    }),
  }),
  loop({
    code: "cookie-loop",
    notify: "COOKIE",
    fault: "The hub asks for a cookie again and again",
    because:
      "A hub under load asks once for a cookie; one that asks for ever does not remember what it gave, which happens " +
      "when a load balancer sends our requests to one hub after the other, or when something changes our address on the way.",
    remedy:
      "At the hub: let the load balancer keep one branch with one hub, and look whether the hub is under attack (many " +
      "half-open SAs). On the way: see that this branch keeps one public address.",
  }),
  loop({
    code: "key-exchange-loop",
    notify: "INVALID_KE_PAYLOAD",
    fault: "The hub rejects every key exchange it asked for itself",
    because:
      "It asks for a key exchange, gets it, and asks again: its proposal and its choice contradict each other.",
    remedy:
      "At the hub: look for two IKEv2 policies or proposals that fit this branch with different groups, and leave one. " +
      "Until then give the profile here a proposal with one `key-exchange` only, the one that the hub prefers.",
  }),
  fromFailure({
    code: "ike-version",
    theme,
    consequence: "blocks",
    fault: "The hub does not speak IKEv2 with this branch",
    shownBy: "an answer in IKEv1, or INVALID_MAJOR_VERSION",
    remedy: "Switch IKEv2 on at the hub for this branch",
    reasons: ["ike.version", "ike.refused"],
    if: (failure) =>
      failure.code === "ike.version" || fact(failure, "notify") === "INVALID_MAJOR_VERSION",
    words: (failure, peers) => ({
      explanation:
        `${peers} answers, but not in IKEv2` +
        `${failure.code === "ike.version" ? ` (version ${fact(failure, "version")})` : ""}: ` +
        "it serves IKEv1 only, or IKEv2 is not set up for where this branch comes from.",
      remedy:
        "At the hub: configure IKEv2 on the interface that this branch reaches (IOS: an IKEv2 profile on the virtual " +
        "template). Here: check that `peers` names the right gateway.",
    }),
  }),
  fromFailure({
    code: "critical-payload",
    theme,
    consequence: "blocks",
    fault: "One end insists on an extension that the other does not know",
    shownBy: "UNSUPPORTED_CRITICAL_PAYLOAD, or an unknown payload marked critical",
    remedy: "Switch the extension off at the hub, or bring both ends to versions that know it",
    reasons: ["ike.refused", "ike.invalid-response", "ike.invalid-request"],
    if: (failure) =>
      fact(failure, "notify") === "UNSUPPORTED_CRITICAL_PAYLOAD" ||
      fact(failure, "fault") === "ike.decode.critical",
    words: (failure, peers) => ({
      explanation:
        fact(failure, "notify") === undefined
          ? `${peers} sent a payload marked critical that is not known here: ${fact(failure, "detail")}.`
          : `${peers} does not know a payload that this branch marked critical.`,
      remedy:
        "Compare the versions of both ends; at the hub switch off what is newer than this branch (vendor extensions of IKEv2), or " +
        "update this branch.",
    }),
  }),
  fromFailure({
    code: "protocol-broken",
    theme,
    consequence: "blocks",
    fault: "The hub's messages break the protocol",
    shownBy: "an answer or a request that can't be read, or lacks what it needs",
    remedy: "Update the hub; a capture of the exchange shows it to its vendor",
    reasons: ["ike.invalid-response", "ike.invalid-request"],
    if: (failure) => fact(failure, "fault") !== "ike.decode.critical",
    words: (failure, peers) => ({
      explanation: `${peers} sent an ${fact(failure, "exchange")} message that breaks the protocol: ${fact(failure, "detail")}.`,
      remedy:
        "At the hub: look for an update of its software, and whether a device on the way rewrites IKE (an IPsec helper or " +
        "ALG of a router: switch it off). Capture UDP 500 and 4500 during one attempt for the hub's vendor.",
    }),
  }),
];

function loop(given: {
  readonly code: string;
  readonly notify: string;
  readonly fault: string;
  readonly because: string;
  readonly remedy: string;
}): Rule {
  const { notify, because, remedy } = given;
  return fromFailure({
    code: given.code,
    theme,
    consequence: "blocks",
    fault: given.fault,
    shownBy: `${notify} as the answer to every IKE_SA_INIT`,
    remedy: "Look at the hub, and at a load balancer in front of it",
    reasons: ["ike.init-loop"],
    if: (failure) => fact(failure, "notify") === notify,
    words: (_, peers) => ({
      explanation: `${peers} answers every IKE_SA_INIT with ${notify}. ${because}`,
      remedy,
    }),
  });
}

/** What we offered beside the hub's answer. */
function offer(ours: readonly string[], chosen: string): Evidence {
  return sideBySide("exchange", "IKE proposals: offered here, chosen by the hub", ours, [chosen]);
}
