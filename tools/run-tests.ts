/**
 * Runs the named lanes of tests one after the other, cheapest first, and closes with what failed in any of them and with
 * `N passed, N failed`. Exit status 0 only when every lane ran at least one test and none failed.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const results = path.join(root, "build", "test-results");
const lanes = process.argv.slice(2);
let passed = 0;
let failed = 0;
const failures: string[] = [];

for (const lane of lanes) {
  const report = path.join(results, `${lane}.json`);
  rmSync(report, { force: true });
  const run = spawnSync(
    process.execPath,
    [
      path.join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--project",
      lane,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { cwd: root, stdio: "inherit" },
  );
  const counts = readReport(report);
  failures.push(...counts.failures.map((failure) => `${lane}: ${failure}`));
  passed += counts.passed;
  // A lane that could not even start, or that ran nothing, is a failure like any other.
  failed += counts.failed > 0 || (run.status === 0 && counts.passed > 0) ? counts.failed : 1;
}

// The end of a long log is what people are shown.
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** What Vitest's JSON report tells; nothing at all when there is no report. */
function readReport(report: string): { passed: number; failed: number; failures: string[] } {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      failures: testResults.flatMap(failuresOf),
    };
  } catch {
    return { passed: 0, failed: 0, failures: [] };
  }
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
}

/** A paragraph for each failed test of a file, or for a file that could not be run. */
function failuresOf({ name, status, message, assertionResults }: FileResult): string[] {
  const file = path.relative(root, name);
  const failed = assertionResults.filter((result) => result.status === "failed");
  if (status === "failed" && failed.length === 0) return [`${file}: ${message}`];
  return failed.map(({ fullName, failureMessages }) => {
    const lines = failureMessages.join("\n").split("\n");
    const ours = lines.filter((line) => !line.includes("node_modules")).slice(0, 20);
    return `${file}: ${fullName}\n${ours.join("\n")}\n`;
  });
}
