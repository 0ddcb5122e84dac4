/** The table of known lines: every command that the import understands, by where it stands. The manual is printed from it. */
import type { KnownLine, Mode } from "./known-line.ts";
import { branchLines, branchSections } from "./lines-branch.ts";
import { elsewhereFamilies, elsewhereLines } from "./lines-elsewhere.ts";
import { ikeLines, ikeSections } from "./lines-ikev2.ts";
import { compilePattern, type Match, matchPattern, type Pattern } from "./pattern.ts";

const own: readonly KnownLine[] = [...ikeSections, ...branchSections];
const table: Readonly<Record<Mode, readonly KnownLine[]>> = {
  keyring: [],
  "keyring-peer": [],
  "ike-proposal": [],
  "ike-policy": [],
  "ike-profile": [],
  authorization: [],
  client: [],
  "transform-set": [],
  "ipsec-profile": [],
  trustpoint: [],
  certificates: [],
  interface: [],
  track: [],
  sla: [],
  cellular: [],
  elsewhere: [],
  ...ikeLines,
  ...branchLines,
  global: [...own, ...elsewhereLines],
};

/** A line and the row that it fits. */
export interface KnownMatch extends Match {
  readonly row: KnownLine;
}

/**
 * Finds the row that a line fits: the one that says most of it in words of its own, of those the one with the fewest
 * shortened words, and of those the first of the table.
 * @returns `ambiguous` when its short forms fit more than one command.
 */
export function knownLine(mode: Mode, line: string): KnownMatch | "ambiguous" | undefined {
  let best: KnownMatch | undefined;
  let isAmbiguous = false;
  for (const { row, pattern } of compiled(mode)) {
    const match = matchPattern(pattern, line);
    if (!match) continue;
    const order = best ? compare(match, best) : -1;
    if (best && order === 0) isAmbiguous ||= match.shortened > 0 && match.words !== best.words;
    if (order >= 0) continue;
    best = { ...match, row };
    isAmbiguous = false;
  }
  return isAmbiguous ? "ambiguous" : best;
}

const compare = (a: Match, b: Match): number =>
  wordCount(b.words) - wordCount(a.words) || a.shortened - b.shortened;

const wordCount = (words: string): number => (words === "" ? 0 : words.split(" ").length);

interface CompiledLine {
  readonly row: KnownLine;
  readonly pattern: Pattern;
}

const ready = new Map<Mode, readonly CompiledLine[]>();

function compiled(mode: Mode): readonly CompiledLine[] {
  const known = ready.get(mode);
  if (known) return known;
  const rows = table[mode].map((row) => ({ row, pattern: compilePattern(row.pattern) }));
  ready.set(mode, rows);
  return rows;
}

/** The table as Markdown, as the manual shows it. */
export function knownLinesAsMarkdown(): string {
  const rows = (mode: Mode, lines: readonly KnownLine[]) =>
    lines.map((line) => markdownRow(mode, line));
  const sections = Object.entries(table).flatMap(([mode, lines]) =>
    mode === "global" ? [] : rows(mode as Mode, lines),
  );
  return [
    "| within | line | becomes, or why not |",
    "| --- | --- | --- |",
    ...rows("global", own),
    ...sections,
  ].join("\n");
}

function markdownRow(mode: Mode, { pattern, becomes: part, reason }: KnownLine): string {
  const within = mode === "global" ? "" : mode;
  const shown = pattern.replace(/<([\w-]+):[^>]*\|[^>]*>/g, (all) => all.replace(/<[\w-]+:/, "<"));
  const form = shown.replace(/<([\w-]+):\w+>/g, "<$1>").replaceAll("|", "\\|");
  return `| ${within} | \`${form}\` | ${quoted(part ?? `- ${reason}`)} |`;
}

/** Keys of the file as code: an asterisk would be emphasis. */
const quoted = (text: string): string => text.replace(/[\w.-]*\*[\w.*-]*/g, "`$&`");

/** What stands at the top and is no part of a client, as Markdown. */
export function familiesAsMarkdown(): string {
  return [
    "| begins with | why it is left out |",
    "| --- | --- |",
    ...elsewhereFamilies.map(
      ([reason, beginnings]) =>
        `| ${beginnings
          .split("|")
          .map((word) => `\`${word}\``)
          .join(", ")} | ${reason} |`,
    ),
  ].join("\n");
}
