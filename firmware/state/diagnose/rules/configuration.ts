/** The configuration itself: on trial, undone or refused. */
import { type Case, eventEvidence } from "../case.ts";
import type { Found, Rule } from "../rule.ts";

const theme = "the configuration";

export const configurationRules: readonly Rule[] = [
  {
    code: "configuration-on-trial",
    theme,
    consequence: "endangers",
    fault: "A new configuration is on trial and has not proved itself yet",
    shownBy: "a trial that still waits for clients or for a confirmation",
    remedy: "`flexspoke confirm` keeps it",
    find: ({ evidence }): Found | undefined => {
      const trial = evidence.document.configuration?.trial;
      if (!trial) return undefined;
      const waits =
        trial.lacking.length > 0 ? `${trial.lacking.join(", ")} to come up` : "a confirmation";
      const end = trial["undone-at"];
      return {
        certainty: "certain",
        when: "now",
        explanation:
          `The configuration of ${trial.by} is on trial and waits for ${waits}; otherwise ` +
          (end === undefined
            ? "it is undone when the link that is down has come back and had its time."
            : `it is undone at ${end}.`),
        remedy:
          "If it is right as it is: `flexspoke confirm`. If not: correct the file and reload; or wait, and what was in force before " +
          "comes back by itself.",
        evidence: [{ kind: "configuration", text: `on trial, waits for ${waits}` }],
      };
    },
  },
  {
    code: "configuration-undone",
    theme,
    consequence: "endangers",
    fault: "The last change of the configuration was undone",
    shownBy: "a CONFIGURATION_UNDONE event and no change since",
    remedy: "Correct what was undone, and try again",
    find: (given): Found | undefined => newest(given, "FLEXSPOKE-3-CONFIGURATION_UNDONE", "last"),
  },
  {
    code: "configuration-refused",
    theme,
    consequence: "endangers",
    fault: "The configuration file is invalid; an older one is in force",
    shownBy: "a CONFIGURATION_REFUSED event and no change since",
    remedy: "`flexspoke check` names line and column",
    find: (given): Found | undefined => newest(given, "FLEXSPOKE-3-CONFIGURATION_REFUSED", "now"),
  },
];

function newest({ evidence }: Case, mnemonic: string, when: Found["when"]): Found | undefined {
  const last = evidence.events.findLast((event) => OUTCOMES.has(event.mnemonic));
  if (last?.mnemonic !== mnemonic) return undefined;
  const errors = (last.data["errors"] ?? []) as readonly string[];
  return {
    certainty: "certain",
    when,
    explanation:
      when === "last"
        ? `The last change of the configuration was undone: ${String(last.data["why"])}.`
        : `The file on this branch is not what is in force: it was refused, and the configuration before stays${errors[0] === undefined ? "" : ` (${errors[0]})`}.`,
    remedy:
      when === "last"
        ? `What was undone is in ${String(last.data["file"])}: correct what kept the client from coming up, and try it again with \`flexspoke commit\`.`
        : "On this branch: `flexspoke check` names line and column of each fault; correct them and reload.",
    evidence: [eventEvidence(last)],
  };
}

/** What can become of a change. */
const OUTCOMES: ReadonlySet<string> = new Set([
  "FLEXSPOKE-3-CONFIGURATION_UNDONE",
  "FLEXSPOKE-3-CONFIGURATION_REFUSED",
  "FLEXSPOKE-5-CONFIGURED",
  "FLEXSPOKE-5-CONFIGURATION_KEPT",
]);
