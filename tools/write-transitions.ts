/** Writes the tables of transitions and of faults, as the code has them, into the pages that show them. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { familiesAsMarkdown, knownLinesAsMarkdown } from "#config/ios/known-lines.ts";
import { printTransitions, statusMeaning } from "#flexvpn/states.ts";
import { transitionsAsMarkdown } from "#ike/sa/transition-lookup.ts";
import { faultsAsMarkdown } from "#state/diagnose/print-rules.ts";

/** Each page with what stands between its markers. */
export const pages: readonly {
  readonly file: string;
  readonly tables: Readonly<Record<string, string>>;
}[] = [
  { file: "docs/architecture.md", tables: { transitions: transitionsAsMarkdown() } },
  {
    file: "docs/client.md",
    tables: {
      states: statesAsMarkdown(),
      transitions: printTransitions(),
    },
  },
  { file: "docs/diagnose.md", tables: { faults: faultsAsMarkdown() } },
  {
    file: "docs/import.md",
    tables: { "known-lines": knownLinesAsMarkdown(), families: familiesAsMarkdown() },
  },
];

function statesAsMarkdown(): string {
  const lines = Object.entries(statusMeaning).map(
    ([status, meaning]) => `| \`${status}\` | ${meaning} |`,
  );
  return ["| state | means |", "| --- | --- |", ...lines].join("\n");
}

/** The page with what is between its markers replaced by the code's. */
export function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((page, [name, table]) => {
    const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const from = page.indexOf(start) + start.length;
    return `${page.slice(0, from)}${table.trimEnd()}\n${page.slice(page.indexOf(end))}`;
  }, text);
}

if (import.meta.main) {
  for (const { file, tables } of pages) {
    const page = path.resolve(import.meta.dirname, "..", file);
    writeFileSync(page, withTables(readFileSync(page, "utf8"), tables));
  }
}
