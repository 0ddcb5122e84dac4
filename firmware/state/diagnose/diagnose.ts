/**
 * From evidence to what is wrong: asks every rule, drops what another finding explains, and puts the rest in order. It
 * has no opinion of its own; the rules do.
 */
import { formatTime } from "../event-log.ts";
import { type Case, eventEvidence, openCase } from "./case.ts";
import type { Diagnosis, Finding } from "./diagnosis.ts";
import type { CaseEvidence } from "./evidence.ts";
import type { Consequence, Rule } from "./rule.ts";
import { rules } from "./rules.ts";

interface Judged {
  readonly rule: Pick<Rule, "code" | "consequence" | "explains">;
  readonly finding: Finding;
}

/** Why the client is not up, or what failed last. */
export function diagnose(evidence: CaseEvidence): Diagnosis {
  const given = openCase(evidence);
  const found = rules.flatMap((rule): Judged[] => {
    const found = rule.find(given);
    if (!found) return [];
    const { consequence = rule.consequence, ...finding } = found;
    return [{ rule: { ...rule, consequence }, finding: { code: rule.code, ...finding } }];
  });
  const judged = withoutExplained([...found, ...unexplained(given, found)]);
  const findings = [...judged].sort(byWeight).map(({ finding }) => finding);
  const isHealthy = given.isUp && findings.every(({ when }) => when === "last");
  return {
    client: evidence.client,
    at: formatTime(evidence.now),
    healthy: isHealthy,
    summary: summaryOf(given, findings),
    findings,
  };
}

/** A finding goes when one that is at least as certain, and as present, explains it. */
function withoutExplained(all: readonly Judged[]): readonly Judged[] {
  return all.filter(
    ({ rule, finding }) =>
      !all.some(
        (other) =>
          other.rule.explains?.includes(rule.code) &&
          CERTAINTY[other.finding.certainty] <= CERTAINTY[finding.certainty] &&
          WHEN[other.finding.when] <= WHEN[finding.when],
      ),
  );
}

/** What failed and no rule spoke of: in the engine's own words, so that nothing is kept from the operator. */
function unexplained(given: Case, found: readonly Judged[]): readonly Judged[] {
  const told = new Set(found.flatMap(({ finding }) => finding.evidence.map(({ event }) => event)));
  return given.failures
    .filter(({ event }) => !told.has(event.id))
    .map(({ event, when, isBeside }) => {
      const [what = event.message, ...advice] = event.message.split("; ");
      return {
        rule: { code: "other-failure", consequence: isBeside ? "endangers" : "blocks" },
        finding: {
          code: "other-failure",
          certainty: "certain",
          when,
          explanation: `${sentenceOf(what)}.`,
          remedy: advice.length > 0 ? `${sentenceOf(advice.join("; "))}.` : ASK_THE_HUB,
          evidence: [eventEvidence(event)],
        },
      };
    });
}

function byWeight(a: Judged, b: Judged): number {
  return (
    WHEN[a.finding.when] - WHEN[b.finding.when] ||
    CONSEQUENCE[a.rule.consequence] - CONSEQUENCE[b.rule.consequence] ||
    CERTAINTY[a.finding.certainty] - CERTAINTY[b.finding.certainty]
  );
}

function summaryOf({ client, evidence, isUp }: Case, findings: readonly Finding[]): string {
  const { client: name } = evidence;
  const [first] = findings;
  const now = first?.when === "now" ? first : undefined;
  const peer = client.peer?.host ?? "its hub";
  if (isUp) {
    if (now) return `${name} is connected to ${peer}, but: ${now.explanation}`;
    const before = first ? ` What failed last: ${first.explanation}` : "";
    return `${name} is connected to ${peer} and nothing is wrong.${before}`;
  }
  if (now) return `${name} is not up: ${now.explanation}`;
  return `${name} is ${client.state}: ${client.reason}. Nothing that failed is known yet.`;
}

function sentenceOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ASK_THE_HUB = "Ask the hub's log why, at the time of the event.";
const WHEN = { now: 0, last: 1 } as const;
const CERTAINTY = { certain: 0, likely: 1, possible: 2 } as const;
const CONSEQUENCE: Readonly<Record<Consequence, number>> = {
  blocks: 0,
  degrades: 1,
  endangers: 2,
};
