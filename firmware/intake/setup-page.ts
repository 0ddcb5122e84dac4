/** The page of an appliance that has no configuration: what is missing, and what was wrong with what came. No secret is in it. */
import { type IntakeOutcome, missingSteps } from "./report.ts";

export interface SetupFacts {
  readonly board: string;
  readonly version: string;
  /** What became of the boot partition at this start. */
  readonly outcome: IntakeOutcome;
  /** What is wrong with a configuration that is on flash; empty when there is none. */
  readonly errors: readonly string[];
  /** Why the boot partition could not be read. */
  readonly fault?: string;
}

/** A whole HTML document that needs nothing else and runs no script. */
export function setupPage({ board, version, outcome, errors, fault }: SetupFacts): string {
  const wrong = [...(outcome.errors ?? []), ...errors];
  const parts = [
    ...(wrong.length > 0
      ? [
          "<p>The configuration can't be used. What is wrong with it:</p>",
          list(wrong),
          "<p>Correct it on the partition FLEXSPOKE of the card, and start the device again.</p>",
        ]
      : [`<pre>${asText(missingSteps.join("\n"))}</pre>`]),
    ...(outcome.hints.length > 0 ? [list(outcome.hints)] : []),
    ...(fault === undefined ? [] : [`<p>The partition could not be read: ${asText(fault)}.</p>`]),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FlexSpoke: not configured</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
pre,li{font-family:ui-monospace,monospace;white-space:pre-wrap}</style>
</head>
<body>
<h1>FlexSpoke</h1>
${parts.join("\n")}
<p><small>Board ${asText(board)}, version ${asText(version)}</small></p>
</body>
</html>
`;
}

const list = (lines: readonly string[]): string =>
  `<ul>${lines.map((line) => `<li>${asText(line)}</li>`).join("")}</ul>`;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const asText = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);
