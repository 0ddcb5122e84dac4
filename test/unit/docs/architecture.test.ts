import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { withTransitions } from "../../../tools/write-transitions.ts";

const page = readFileSync(
  path.resolve(import.meta.dirname, "../../../docs/architecture.md"),
  "utf8",
);

test("the page shows the transitions of an IKE SA as the code has them", () => {
  expect(withTransitions(page)).toBe(page);
  expect(page).toContain("| IKE_SA_INIT |");
});
