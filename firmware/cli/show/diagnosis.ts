import type { Diagnosis, Evidence, Finding } from "#state/diagnose/diagnosis.ts";
import { printable } from "../table.ts";
import { coloured, type Page } from "../terminal.ts";

/** What is wrong with a client, why, and what to do: plain text, broken at words. */
export function diagnosisText(diagnosis: Diagnosis, page: Page): string {
  const { client, healthy, summary, findings } = diagnosis;
  const head = [
    coloured(
      `${printable(client)}: ${healthy ? "healthy" : "not healthy"}`,
      healthy ? "good" : "bad",
      page,
    ),
    ...wrapped(summary, "  ", page),
  ];
  const all = findings.flatMap((finding, index) => ["", ...findingLines(finding, index + 1, page)]);
  return [...head, ...all].map((line) => `${line}\n`).join("");
}

function findingLines(finding: Finding, number: number, page: Page): readonly string[] {
  const { code, certainty, when, explanation, remedy, evidence } = finding;
  const time = when === "now" ? "now" : "what failed last";
  return [
    `  ${number}. ${printable(code)} (${certainty}, ${time})`,
    ...wrapped(explanation, "     ", page),
    ...labelled("What to do: ", remedy, page),
    ...evidence.flatMap((one) => evidenceLines(one, page)),
  ];
}

function evidenceLines({ kind, text, event, comparison }: Evidence, page: Page): readonly string[] {
  const label = event === undefined ? kind : `${kind} ${event}`;
  return [
    ...labelled(`Seen, ${label}: `, text, page),
    ...(comparison ? sideBySide(comparison.ours, comparison.theirs) : []),
  ];
}

/** Two columns, line by line; never broken, so that they can be compared. */
function sideBySide(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [left, right] = [
    ["ours", ...ours],
    ["theirs", ...theirs],
  ].map((lines) => lines.map(printable));
  const width = Math.max(...(left ?? []).map(({ length }) => length));
  const height = Math.max(left?.length ?? 0, right?.length ?? 0);
  return Array.from({ length: height }, (_, index) =>
    `       ${(left?.[index] ?? "").padEnd(width)}  | ${right?.[index] ?? ""}`.trimEnd(),
  );
}

/** The label at the margin, what belongs to it under itself. */
function labelled(label: string, text: string, page: Page): readonly string[] {
  const lines = wrapped(`${label}${text}`, "     ", page);
  return lines.map((line, index) => (index === 0 ? line : `  ${line}`));
}

function wrapped(text: string, indent: string, { width }: Page): readonly string[] {
  const room = Math.max(NARROWEST, Math.min(width, WIDEST) - indent.length - 2);
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}${each}`);
}

/** A line longer than this is hard to read, however wide the terminal is. */
const WIDEST = 100;
const NARROWEST = 20;
