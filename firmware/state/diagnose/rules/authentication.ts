/** IKE_SA_INIT went well, and one end does not believe the other. Certificates have a file of their own. */
import { fact } from "../case.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";
import { sideBySide } from "../side-by-side.ts";

const theme = "authentication";

export const authenticationRules: readonly Rule[] = [
  fromFailure({
    code: "psk-or-identity-refused",
    theme,
    consequence: "blocks",
    fault: "Wrong pre-shared key, or the hub does not know this branch's identity",
    shownBy: "AUTHENTICATION_FAILED in answer to our IKE_AUTH with a pre-shared key",
    remedy: "Compare the key at both ends, then the identity that the hub expects",
    reasons: ["ike.auth.psk-mismatch"],
    words: (failure, peers, { evidence }) => ({
      explanation:
        `${peers} does not accept this branch: the pre-shared key differs, or the hub knows nobody called ` +
        `${fact(failure, "identity")}. IKE gives the same answer, AUTHENTICATION_FAILED, to both.`,
      remedy:
        `Look into the hub's log first, it says which of the two. Then compare the key of ${fact(failure, "identity")} at the ` +
        "hub with `local.psk` of the profile here (a line end or a blank at the end of the file counts), and the identity at " +
        "the hub (IOS: `match identity remote`, the peer in the keyring) with `local.identity` here, its kind too.",
      evidence: [identityShown(evidence.configuration.local.identity)],
    }),
  }),
  fromFailure({
    code: "hub-psk-differs",
    theme,
    consequence: "blocks",
    fault: "The hub proves itself with another pre-shared key than the one known here",
    shownBy: "the hub's AUTH does not verify with `remote.psk`, while it accepted ours",
    remedy: "Compare `remote.psk` here with the key that the hub uses for itself",
    reasons: ["ike.auth.peer-psk-mismatch"],
    words: (failure, peers) => ({
      explanation:
        `${peers} accepts this branch and proves itself as ${fact(failure, "identity")}, but with another pre-shared key ` +
        "than the one that this branch has for it.",
      remedy:
        "Compare `remote.psk` of the profile here with the hub's own key (IOS: `pre-shared-key local` of the keyring; what is " +
        "local there is remote here).",
    }),
  }),
  fromFailure({
    code: "hub-identity-unexpected",
    theme,
    consequence: "blocks",
    fault: "The hub calls itself by an identity that the profile does not accept",
    shownBy: "IDr of a hub that is well authenticated matches none of `remote.identity`",
    remedy: "Set `remote.identity` to what the hub says, if that is the right hub",
    reasons: ["ike.auth.identity-mismatch"],
    words: (failure, peers) => ({
      explanation: `${peers} proves itself as ${fact(failure, "identity")}, and this branch expects ${fact(failure, "accepted")}.`,
      remedy:
        `If ${fact(failure, "identity")} is the right hub, set \`remote.identity\` of the profile here to it; otherwise ` +
        "correct the hub's own identity (IOS: `identity local`), or the address under `peers`.",
      evidence: [
        sideBySide(
          "exchange",
          "Identities of the hub: accepted here, shown by the hub",
          (fact(failure, "accepted") ?? "").split(", "),
          [fact(failure, "identity") ?? "?"],
        ),
      ],
    }),
  }),
  fromFailure({
    code: "authentication-method-differs",
    theme,
    consequence: "blocks",
    fault: "The hub authenticates by another method than the profile asks for",
    shownBy: "the method of the hub's AUTH payload",
    remedy: "Make `remote.authentication` what the hub uses, or change the hub",
    reasons: ["ike.auth.method-mismatch"],
    words: (failure, peers) => ({
      explanation: `${peers} authenticates itself by ${fact(failure, "used")}, and the profile here asks for ${fact(failure, "wanted")}.`,
      remedy:
        "Set `remote.authentication` of the profile to what the hub uses, with its `psk` or `trustpoint`; or change the " +
        "hub (IOS: `authentication local`).",
    }),
  }),
  fromFailure({
    code: "local-key-unusable",
    theme,
    consequence: "blocks",
    fault: "This branch's private key can't sign what the hub would accept",
    shownBy: "no signature could be made for IKE_AUTH",
    remedy: "Use a key and certificate of a kind that the hub takes",
    reasons: ["ike.auth.local-key"],
    words: (failure, peers) => ({
      explanation: `This branch can't sign for ${peers}: ${fact(failure, "detail")}.`,
      remedy:
        "Have a certificate issued for a key that the hub can verify (RSA of 2048 bits or more, ECDSA P-256 or P-384), or " +
        "let the hub announce signature hashes (RFC 7427).",
    }),
  }),
];

function identityShown(identity: string) {
  return {
    kind: "configuration",
    text: `this branch calls itself ${identity} (\`local.identity\`)`,
  } as const;
}
