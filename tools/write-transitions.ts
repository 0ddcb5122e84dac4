/** Writes the transition table of the IKE SA, as the code has it, into docs/architecture.md. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { transitionsAsMarkdown } from "#ike/sa/transition-lookup.ts";

const page = path.resolve(import.meta.dirname, "../docs/architecture.md");

/** The page with the table between its markers replaced by the code's. */
export function withTransitions(text: string): string {
  const [start, end] = ["<!-- transitions -->\n", "<!-- /transitions -->"];
  const from = text.indexOf(start) + start.length;
  const [before, after] = [text.slice(0, from), text.slice(text.indexOf(end))];
  return `${before}${transitionsAsMarkdown().trimEnd()}\n${after}`;
}

if (import.meta.main) writeFileSync(page, withTransitions(readFileSync(page, "utf8")));
