import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { pages, withTables } from "../../../tools/write-transitions.ts";

test.each(pages)("$file shows the tables as the code has them", ({ file, tables }) => {
  const page = readFileSync(path.resolve(import.meta.dirname, "../../..", file), "utf8");
  expect(withTables(page, tables)).toBe(page);
  for (const name of Object.keys(tables)) expect(page).toContain(`<!-- ${name} -->\n|`);
});
