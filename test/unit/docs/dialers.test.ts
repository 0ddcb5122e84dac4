import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { printTransitions, statusMeaning } from "#dial/states.ts";
import { mnemonics } from "#state/mnemonics.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/dialers.md"), "utf8");

test("the page shows the transitions and the states of a dialer as the code has them", () => {
  expect(page).toContain(`<!-- transitions -->\n${printTransitions()}\n<!-- /transitions -->`);
  for (const [state, meaning] of Object.entries(statusMeaning))
    expect(page).toContain(`| \`${state}\` | ${meaning} |`);
});

test("the page names events that there are", () => {
  const named = page.match(/[A-Z]+-\d-[A-Z_]+/g) ?? [];

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => mnemonics[name] === undefined)).toEqual([]);
});
