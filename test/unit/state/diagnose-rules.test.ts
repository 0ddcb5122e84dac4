import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "#state/diagnose/rules.ts";

test("every fault has a code of its own", () => {
  const codes = rules.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test("what a fault explains away is a fault of the table, and never itself", () => {
  const codes = rules.map(({ code }) => code);
  for (const { code, explains = [] } of rules) {
    expect(codes, code).toEqual(expect.arrayContaining([...explains]));
    expect(explains).not.toContain(code);
  }
});

test("no two faults explain each other away", () => {
  for (const { code, explains = [] } of rules)
    for (const other of explains)
      expect(rules.find((rule) => rule.code === other)?.explains ?? []).not.toContain(code);
});

test("every fault is produced by a test that sees it", () => {
  const folder = new URL("../../scenario/diagnose/", import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  const seen = texts.join("\n");
  expect(rules.map(({ code }) => code).filter((code) => !seen.includes(`"${code}"`))).toEqual([]);
});
