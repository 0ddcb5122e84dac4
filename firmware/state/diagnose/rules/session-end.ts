/** A session that was up and ended: by the hub's will, by its silence, or because it could not be renewed. */
import type { StoredEvent } from "../../document.ts";
import { type Case, eventEvidence, fact, hostOf, waysTo } from "../case.ts";
import { fromFailure } from "../from-failure.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "a session that ends";

export const sessionEndRules: readonly Rule[] = [
  {
    code: "identity-used-twice",
    theme,
    consequence: "degrades",
    fault: "Another branch uses the same identity: the two throw each other out",
    shownBy:
      "sessions that the hub deletes or forgets again and again soon after they came up, and takes anew at once",
    remedy: "Give every branch an identity of its own",
    explains: ["hub-deleted-session", "hub-stopped-answering"],
    find: (given): Found | undefined => {
      const deletions = shortLived(given);
      const newest = deletions.at(-1);
      if (!newest || deletions.length < 3) return undefined;
      const isRecent = given.evidence.now - Date.parse(newest.time) < RECENT;
      const { identity } = given.evidence.configuration.local;
      return {
        certainty: "likely",
        when: isRecent ? "now" : "last",
        explanation:
          `The hub dropped the session ${deletions.length} times within ${minutes(FLAP_WINDOW)}, each time soon after it came up. ` +
          `That is how it looks when another branch connects with the same identity, ${identity}: the hub keeps only the newest ` +
          "session of an identity.",
        remedy:
          "At the hub: look where else that identity connects from (IOS: `show crypto ikev2 session`). Give each branch a " +
          "`local.identity` of its own; look for a cloned or replaced router that is still running.",
        evidence: deletions.slice(-5).map((event) => eventEvidence(event)),
      };
    },
  },
  fromFailure({
    code: "hub-deleted-session",
    theme,
    consequence: "blocks",
    fault: "The hub deleted the session",
    shownBy: "a Delete from the hub for the IKE SA or the last Child SA",
    remedy: "Ask the hub's log why",
    certainty: "likely",
    reasons: ["ike.peer-deleted", "ike.child.deleted"],
    words: (_, peers) => ({
      explanation: `${peers} ended the session: an operator cleared it there, the hub restarted or was reconfigured, or a limit of time was reached.`,
      remedy: "Look into the hub's log at that time. The branch connects again by itself.",
    }),
  }),
  fromFailure({
    code: "hub-stopped-answering",
    theme,
    consequence: "blocks",
    fault: "The hub stopped answering while the session was up (DPD gave up)",
    shownBy: "a liveness check or another request without any answer",
    remedy: "Look whether the hub or the path to it is down",
    certainty: "likely",
    reasons: ["ike.liveness-lost"],
    words: (failure, peers, given) => ({
      explanation:
        `${peers} stopped answering while the session was up (${fact(failure, "exchange")}, ${fact(failure, "tries")} tries): ` +
        `the hub or the path to it went down${restarted(given, failure.peer)}.`,
      remedy:
        "See whether the hub is up and reachable from elsewhere. The branch goes on to its next peer, or tries again, by itself.",
    }),
  }),
  fromFailure({
    code: "rekey-refused",
    theme,
    consequence: "blocks",
    fault: "The hub refuses to renew the keys",
    shownBy: "error notifies in answer to rekeying until the session was given up",
    remedy: "Compare the lifetimes and PFS of both ends",
    reasons: ["ike.rekey-failed"],
    words: (failure, peers) => ({
      explanation: `${peers} kept refusing to renew the keys (${fact(failure, "notify")}), so the session was started anew.`,
      remedy:
        "Compare both ends: with NO_PROPOSAL_CHOSEN or INVALID_KE_PAYLOAD the PFS group (`pfs` here) or proposals used for rekeying " +
        "differ; with NO_ADDITIONAL_SAS the hub wants the branch to start anew at the end of the lifetime. Let the lifetime " +
        "here end before the hub's.",
    }),
  }),
  {
    code: "rekey-refused-so-far",
    theme,
    consequence: "endangers",
    fault: "The hub refuses to renew the keys of a session that is still up",
    shownBy: "REKEY_REFUSED events since the keys were last renewed",
    remedy: "Compare the lifetimes and PFS of both ends before the keys run out",
    explains: [],
    find: (given): Found | undefined => {
      const refused = given.events.findLast(({ mnemonic }) => mnemonic === REFUSED);
      if (!given.isUp || !refused) return undefined;
      const renewed = given.events.findLast(({ mnemonic }) => RENEWED.has(mnemonic));
      if (renewed && renewed.id > refused.id) return undefined;
      const facts = refused.data;
      const notify = String(facts["notify"] ?? "an error");
      return {
        certainty: "certain",
        when: "now",
        explanation: `The hub refuses to renew the keys (${notify}). The session carries on until they run out, and then starts anew with a gap.`,
        remedy:
          "Compare PFS (`pfs` here) and lifetimes of both ends; the hub's log says what it did not like. The branch asks again by " +
          "itself.",
        evidence: [eventEvidence(refused, "notify")],
      };
    },
  },
  fromFailure({
    code: "lifetime-expired",
    theme,
    consequence: "blocks",
    fault: "The session reached its lifetime before its keys could be renewed",
    shownBy: "the end of the IKE SA's lifetime",
    remedy: "Look why renewing failed before that",
    reasons: ["ike.lifetime-expired"],
    words: (_, peers) => ({
      explanation: `The session with ${peers} reached its lifetime: renewing its keys did not work in time.`,
      remedy:
        "Look at the events before it for what the hub said to the rekeying, and compare the lifetimes of both ends; the session " +
        "starts anew by itself.",
    }),
  }),
];

/**
 * Ends soon after the session came up, the last of a row within the window: the hub deleted it, or forgot it without a word,
 * as it may when another session of the same identity says INITIAL_CONTACT, and took the next one at the first try.
 * RFC 7296 §2.4
 */
function shortLived({ events }: Case): readonly StoredEvent[] {
  const ends: StoredEvent[] = [];
  let upAt: number | undefined;
  let forgotten: StoredEvent | undefined;
  for (const event of events) {
    const at = Date.parse(event.time);
    if (ATTEMPT_FAILED.has(event.mnemonic)) forgotten = undefined;
    if (event.mnemonic === UP) {
      if (forgotten) ends.push(forgotten);
      forgotten = undefined;
      upAt = at;
    }
    if (event.mnemonic !== "IKEV2-5-SA_DOWN") continue;
    const isShort = upAt !== undefined && at - upAt < SHORT_LIFE;
    upAt = undefined;
    if (!isShort) continue;
    if (event.data["reason-code"] === "ike.peer-deleted") ends.push(event);
    if (event.data["reason-code"] === "ike.liveness-lost") forgotten = event;
  }
  const newest = Date.parse(ends.at(-1)?.time ?? "");
  return ends.filter(({ time }) => newest - Date.parse(time) <= FLAP_WINDOW);
}

/** Whether the hub could be reached again when it was looked at. */
function restarted(given: Case, peer: string): string {
  const answers = waysTo(given, hostOf(peer)).some(({ answersPing }) => answersPing);
  return answers
    ? "; it answers pings now, so it may have restarted and forgotten the session"
    : "";
}

function minutes(duration: number): string {
  return `${duration / 60_000} minutes`;
}

const UP = "FLEXVPN-6-FLEXVPN_CONNECTION_UP";
const ATTEMPT_FAILED: ReadonlySet<string> = new Set([
  "IKEV2-3-NEG_ABORT",
  "FLEXSPOKE-4-ATTEMPT_FAILED",
]);
const REFUSED = "FLEXSPOKE-4-REKEY_REFUSED";
const RENEWED: ReadonlySet<string> = new Set([
  "FLEXSPOKE-6-IKE_REKEYED",
  "FLEXSPOKE-6-CHILD_REKEYED",
  UP,
]);
const SHORT_LIFE = 5 * 60_000;
const FLAP_WINDOW = 15 * 60_000;
const RECENT = 10 * 60_000;
