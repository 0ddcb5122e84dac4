/** Both ends believe each other, and the tunnel inside is refused: algorithms, networks, addresses, room. */
import { fact } from "../case.ts";
import { fromFailure } from "../from-failure.ts";
import type { Rule } from "../rule.ts";
import { sideBySide } from "../side-by-side.ts";

const theme = "the Child SA";
const FULL = ["NO_ADDITIONAL_SAS", "TEMPORARY_FAILURE"];

export const childRules: readonly Rule[] = [
  fromFailure({
    code: "esp-proposal-mismatch",
    theme,
    consequence: "blocks",
    fault: "No common ESP proposal",
    shownBy:
      "NO_PROPOSAL_CHOSEN, or an answer that chooses what was not offered, in IKE_AUTH or CREATE_CHILD_SA",
    remedy: "Give both ends the same encryption, integrity, PFS and ESN for ESP",
    reasons: ["ike.child.no-proposal"],
    words: (failure, peers, { evidence }) => ({
      explanation: `${peers} accepts this branch but none of its ESP proposals.`,
      remedy:
        "Compare the list below with the hub's transform set and give one of the ends a proposal of the other: here under " +
        "`ipsec.profiles` (`encryption`, `integrity`, `pfs`, `esn`), at the hub in its IPsec profile. `esn: require` is refused " +
        "by hubs without ESN.",
      evidence: [
        sideBySide(
          "exchange",
          "ESP proposals: offered here, chosen by the hub",
          evidence.configuration.espProposals,
          [fact(failure, "chosen") ?? "nothing chosen"],
        ),
      ],
    }),
  }),
  fromFailure({
    code: "selectors-refused",
    theme,
    consequence: "blocks",
    fault: "The hub accepts none of the networks that this branch asks for",
    shownBy: "TS_UNACCEPTABLE",
    remedy: "Compare the traffic selectors of both ends",
    reasons: ["ike.child.ts-unacceptable"],
    words: (failure, peers) => ({
      explanation:
        `${peers} accepts this branch but not the networks of its tunnel: local ${fact(failure, "local")}, ` +
        `remote ${fact(failure, "remote")}.`,
      remedy:
        "At the hub: let the tunnel take what this branch asks for (with a virtual template or xfrm interface: any to any; " +
        "strongSwan: `local_ts` and `remote_ts`; a crypto map's access list must mirror ours), and see that the hub has an " +
        "address pool, which it narrows our side to.",
      evidence: [
        {
          kind: "notify",
          text: `TS_UNACCEPTABLE for local ${fact(failure, "local")}, remote ${fact(failure, "remote")}`,
        },
      ],
    }),
  }),
  fromFailure({
    code: "selectors-not-asked-for",
    theme,
    consequence: "blocks",
    fault: "The hub answers with networks that this branch did not ask for",
    shownBy: "traffic selectors in the answer that are wider than those of the request",
    remedy: "Correct the traffic selectors of the hub",
    reasons: ["ike.child.ts-invalid"],
    words: (failure, peers, { evidence }) => ({
      explanation:
        `${peers} answered with local ${fact(failure, "local")} and remote ${fact(failure, "remote")}, which is more than this ` +
        "branch asked for; a hub may only narrow.",
      remedy: "At the hub: correct its traffic selectors, or update its software.",
      evidence: [
        sideBySide(
          "exchange",
          "Selectors (local, remote): asked for here, answered by the hub",
          [
            evidence.configuration.selectors.local.join(", "),
            evidence.configuration.selectors.remote.join(", "),
          ],
          [fact(failure, "local") ?? "?", fact(failure, "remote") ?? "?"],
        ),
      ],
    }),
  }),
  fromFailure({
    code: "address-pool-empty",
    theme,
    consequence: "blocks",
    fault: "The hub has no address left, or no pool, for this branch",
    shownBy: "INTERNAL_ADDRESS_FAILURE or FAILED_CP_REQUIRED",
    remedy: "Enlarge the hub's address pool, or give it one for this branch",
    reasons: ["ike.child.no-address"],
    if: (failure) => !isReplyWithout(fact(failure, "notify")),
    words: (failure, peers) => ({
      explanation: `${peers} accepts this branch but has no address for it (${fact(failure, "notify")}): its pool is used up, or it has none for this branch.`,
      remedy:
        "At the hub: look at the pool (IOS: `show ip local pool`, strongSwan: `swanctl --list-pools`), enlarge it, or clear " +
        "sessions that are long dead; see that the authorization policy of this branch names a pool.",
    }),
  }),
  fromFailure({
    code: "no-address-assigned",
    theme,
    consequence: "blocks",
    fault: "The hub assigns no address",
    shownBy:
      "a configuration payload without INTERNAL_IP4_ADDRESS and INTERNAL_IP6_ADDRESS, or none at all",
    remedy: "Let the hub assign one, or use a tunnel with an address of its own",
    reasons: ["ike.child.no-address"],
    if: (failure) => isReplyWithout(fact(failure, "notify")),
    words: (_, peers) => ({
      explanation: `${peers} set up the tunnel but assigned no address, and without one the LAN can't be translated to it.`,
      remedy:
        "At the hub: add a pool to the authorization policy of this branch (IOS: `pool` in `crypto ikev2 authorization policy`, and " +
        "`aaa authorization group` in the profile). If the hub is not meant to assign one, give the tunnel here an `address`.",
    }),
  }),
  fromFailure({
    code: "hub-full",
    theme,
    consequence: "blocks",
    fault: "The hub takes no further tunnel",
    shownBy: "NO_ADDITIONAL_SAS or TEMPORARY_FAILURE",
    remedy: "Look at the hub's limits of sessions and of licences",
    reasons: ["ike.refused", "ike.child.refused"],
    if: (failure) => FULL.includes(fact(failure, "notify") ?? ""),
    words: (failure, peers) => ({
      explanation: `${peers} accepts no further tunnel now (${fact(failure, "notify")}): it has reached a limit of sessions, or is busy.`,
      remedy:
        "At the hub: look at its number of sessions and the limits (IOS: `crypto ikev2 limit`, `call admission limit`, licence), " +
        "and whether dead sessions of this branch are still held (DPD at the hub). The branch tries again by itself.",
    }),
  }),
  fromFailure({
    code: "hub-refuses-child",
    theme,
    consequence: "blocks",
    fault: "The hub refuses the tunnel for a reason of its own",
    shownBy: "another error notify in IKE_AUTH or CREATE_CHILD_SA",
    remedy: "The hub's log says why",
    reasons: ["ike.child.refused"],
    if: (failure) => !FULL.includes(fact(failure, "notify") ?? ""),
    words: (failure, peers) => ({
      explanation: `${peers} accepts this branch but refuses its tunnel with ${fact(failure, "notify")}.`,
      remedy: `Look into the hub's log at that time; ${fact(failure, "notify")} is its word for it.`,
    }),
  }),
  fromFailure({
    code: "hub-refuses-exchange",
    theme,
    consequence: "blocks",
    fault: "The hub refuses an exchange for a reason of its own",
    shownBy: "another error notify in IKE_SA_INIT or IKE_AUTH",
    remedy: "The hub's log says why",
    reasons: ["ike.refused"],
    if: (failure) =>
      ![...FULL, "INVALID_MAJOR_VERSION", "UNSUPPORTED_CRITICAL_PAYLOAD"].includes(
        fact(failure, "notify") ?? "",
      ),
    words: (failure, peers) => ({
      explanation: `${peers} refuses ${fact(failure, "exchange")} with ${fact(failure, "notify")}.`,
      remedy: `Look into the hub's log at that time; ${fact(failure, "notify")} is its word for it.`,
    }),
  }),
  fromFailure({
    code: "sa-not-installed",
    theme,
    consequence: "blocks",
    fault: "The kernel of this branch refuses the SA that was negotiated",
    shownBy: "the kernel's answer to the SA",
    remedy: "Load the cipher's module, or leave that cipher out of the profile",
    reasons: ["ike.child.install-failed"],
    words: (failure) => ({
      explanation: `The tunnel was negotiated, but the kernel of this branch refused its SA: ${fact(failure, "detail")}.`,
      remedy:
        "On this branch: load the module that is named (and keep it loaded, /etc/modules-load.d), or leave that cipher out of the " +
        "`ipsec` profile.",
    }),
  }),
];

/** What `ike/exchange/first-child.ts` says where the hub made a child and assigned nothing. */
function isReplyWithout(notify: string | undefined): boolean {
  return notify?.startsWith("no address") ?? false;
}
