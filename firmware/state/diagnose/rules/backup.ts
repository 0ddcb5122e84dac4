/** Backups: groups that share their peers, and sessions that stand by. */
import { type Case, eventEvidence, fact } from "../case.ts";
import { fromFailure } from "../from-failure.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "backup";

export const backupRules: readonly Rule[] = [
  {
    code: "backup-group-holds",
    theme,
    consequence: "blocks",
    fault: "Another client of the backup group uses every peer of this one",
    shownBy: "peers that are held because a client of the same group is connected to them",
    remedy: "None is needed; give the client peers of its own if both shall be up",
    find: ({ client }): Found | undefined => {
      if (client.state !== "tracking" || client["reason-code"] !== "peer.in-use") return undefined;
      const held = client.peers.filter((peer) => peer.held !== undefined);
      return {
        certainty: "certain",
        when: "now",
        explanation: `It waits as it is meant to: every peer is in use by another client of the backup group ${client["backup-group"] ?? ""} (${held.map(({ host, held: why }) => `${host}: ${why}`).join("; ")}).`,
        remedy:
          "Nothing needs to be done: it connects when the other client lets a peer go. If both are to be up at once, give them " +
          "different peers, or take one out of the `backup-group`.",
        evidence: held.map(({ host, held: why }) => ({
          kind: "configuration",
          text: `peer ${host}: ${why}`,
        })),
      };
    },
  },
  {
    code: "standby-replaces-session",
    theme,
    consequence: "degrades",
    fault: "The hub allows one session only: the hot standby throws out the session in use",
    shownBy:
      "the hub deleting the session each time soon after another one of this branch is ready to stand by",
    remedy: "Allow two sessions of one identity at the hub, or `standby: off`",
    explains: ["identity-used-twice", "hub-deleted-session"],
    find: (given): Found | undefined => {
      const ends = replaced(given);
      const newest = ends.at(-1);
      if (given.evidence.configuration.standby !== "hot" || !newest || ends.length < 2)
        return undefined;
      return {
        certainty: "likely",
        when: given.evidence.now - Date.parse(newest.time) < RECENT ? "now" : "last",
        explanation:
          `The hub deleted the session in use ${ends.length} times, each time right after another session of this branch was ready ` +
          "to stand by: it keeps only one session of an identity.",
        remedy:
          "At the hub: allow several sessions of one identity (strongSwan: `unique = never`; IOS does so unless a limit is set). " +
          "Otherwise set `standby: off` here, or give the standby another hub.",
        evidence: ends.slice(-5).map((event) => eventEvidence(event)),
      };
    },
  },
  fromFailure({
    code: "standby-refused",
    theme,
    consequence: "endangers",
    fault: "A hub refuses the session that is to stand by",
    shownBy: "NO_ADDITIONAL_SAS or TEMPORARY_FAILURE to a session beside the one in use",
    remedy: "Allow it at the hub, or `standby: off`",
    explains: [
      "hub-full",
      "address-pool-empty",
      "no-address-assigned",
      "hub-refuses-child",
      "hub-refuses-exchange",
    ],
    reasons: ["ike.refused", "ike.child.refused", "ike.child.no-address"],
    if: ({ isBeside }, { evidence }) => isBeside && evidence.configuration.standby === "hot",
    words: (failure, peers) => ({
      explanation: `${peers} refuses a second session of this branch (${fact(failure, "notify")}), so no hot standby is ready there.`,
      remedy:
        "At that hub: allow a further session of this identity (its limits of sessions, one address in the pool for each). " +
        "Without that, a change of hub takes a handshake; set `standby: off` if that is good enough.",
    }),
  }),
];

/** Ends by the hub within moments of another session standing by, in the last hour. */
function replaced({ events, evidence }: Case) {
  let readyAt: number | undefined;
  const ends = [];
  for (const event of events) {
    const at = Date.parse(event.time);
    if (event.mnemonic === "FLEXSPOKE-6-STANDBY_READY") readyAt = at;
    if (event.mnemonic !== "IKEV2-5-SA_DOWN") continue;
    const isByHub = event.data["reason-code"] === "ike.peer-deleted";
    if (isByHub && readyAt !== undefined && at - readyAt < MOMENT) ends.push(event);
    readyAt = undefined;
  }
  return ends.filter(({ time }) => evidence.now - Date.parse(time) < WINDOW);
}

const MOMENT = 10_000;
const RECENT = 10 * 60_000;
const WINDOW = 60 * 60_000;
