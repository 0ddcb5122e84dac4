/** Rules that start from the reason with which an attempt or a session ended: most of them do. */
import { type Case, eventEvidence, type Failure, listed } from "./case.ts";
import type { Evidence, Finding } from "./diagnosis.ts";
import type { Found, Rule } from "./rule.ts";

/** The words for the failures that a rule is about. */
export interface Words {
  readonly explanation: string;
  readonly remedy: string;
  readonly certainty?: Finding["certainty"];
  readonly evidence?: readonly Evidence[];
}

type FailureRule = Omit<Rule, "find"> & {
  /** The engines' reason codes. */
  readonly reasons: readonly string[];
  /** Certain unless said otherwise here or by the words. */
  readonly certainty?: Finding["certainty"];
  /** Which of these failures it is about; all of them when left out. */
  readonly if?: (failure: Failure, given: Case) => boolean;
  /** @param peers the peers concerned, in words. */
  readonly words: (newest: Failure, peers: string, given: Case) => Words;
};

/** One finding for all peers that failed for these reasons. */
export function fromFailure({ reasons, if: applies, words, ...rule }: FailureRule): Rule {
  const { certainty = "certain", ...rest } = rule;
  return {
    ...rest,
    find: (given): Found | undefined => {
      const all = given.failures.filter(
        (failure) => reasons.includes(failure.code) && (applies?.(failure, given) ?? true),
      );
      const [newest] = all;
      if (!newest) return undefined;
      const { isBeside } = newest;
      const concerned = all.filter((failure) => failure.isBeside === isBeside);
      const said = words(newest, listed(concerned.map(({ peer }) => peer)), given);
      return {
        certainty: said.certainty ?? certainty,
        when: newest.when,
        explanation: isBeside ? `${BESIDE} ${said.explanation}` : said.explanation,
        ...(isBeside && { consequence: "endangers" }),
        remedy: said.remedy,
        evidence: [...concerned.map(({ event }) => eventEvidence(event)), ...(said.evidence ?? [])],
      };
    },
  };
}

/** In front of what is wrong with a way that carries nothing now. */
const BESIDE = "A backup would not work if it were needed:";
