/** What tests claim of a diagnosis. */
import { expect } from "vitest";
import type { Diagnosis, Finding } from "#state/diagnose/diagnosis.ts";

/** This is what is said, and nothing else. @returns the finding. */
export function expectOnly(
  diagnosis: Diagnosis,
  code: string,
  words: RegExp,
  when: Finding["when"] = "now",
): Finding {
  const codes = diagnosis.findings.map((finding) => finding.code);
  expect(codes, JSON.stringify(diagnosis, null, 1)).toEqual([code]);
  const finding = diagnosis.findings[0] as Finding;
  expect(finding.explanation).toMatch(words);
  expect(finding.when).toBe(when);
  expect(finding.remedy).not.toBe("");
  expect(finding.evidence).not.toEqual([]);
  if (when === "now") expect(diagnosis.summary).toContain(finding.explanation);
  return finding;
}
