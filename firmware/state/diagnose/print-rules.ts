/** The table of faults for the manual, printed from the rules. */
import { rules } from "./rules.ts";

/** As Markdown, by theme in the order of the rules. */
export function faultsAsMarkdown(): string {
  const lines = rules.map(
    ({ theme, code, fault, shownBy, remedy }) =>
      `| ${theme} | \`${code}\` | ${fault} | ${shownBy} | ${remedy} |`,
  );
  const head = [
    "| about | code | fault | shown by | what to do |",
    "| --- | --- | --- | --- | --- |",
  ];
  return [...head, ...lines].join("\n");
}
